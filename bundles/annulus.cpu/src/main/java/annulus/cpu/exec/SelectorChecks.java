package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Instructions that ask about a selector and answer in ZF: LAR, LSL, VERR, VERW, ARPL (SDM 3A 5.10). */
public final class SelectorChecks implements Family {
  /** System types that LAR accepts, by mode; LSL takes those that have a limit. */
  private static final int LAR_LEGACY = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12;
  private static final int LAR_LONG = 1 << 2 | 1 << 9 | 1 << 11 | 1 << 12;
  private static final int HAVE_LIMIT = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;
  /** Attribute bits of the second descriptor word that LAR returns: type, S, DPL, P, AVL, L, D/B, G. */
  private static final long LAR_MASK = 0xF0_FF00L;

  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.LAR, (c, i) -> {
      long d = find(c, i, 1, LAR_LEGACY, LAR_LONG);
      answer(c, d != 0);
      if (d != 0) {
        Operands.write(c, i, 0, d >>> 32 & LAR_MASK);
      }
    });
    definitions.define(Mnemonic.LSL, (c, i) -> {
      long d = find(c, i, 1, HAVE_LIMIT, LAR_LONG & HAVE_LIMIT);
      answer(c, d != 0);
      if (d != 0) {
        Operands.write(c, i, 0, Descriptors.limit(d));
      }
    });
    definitions.define(Mnemonic.VERR, (c, i) -> {
      long d = find(c, i, 0, 0, 0);
      answer(c, d != 0 && Descriptors.isReadable(d));
    });
    definitions.define(Mnemonic.VERW, (c, i) -> {
      long d = find(c, i, 0, 0, 0);
      answer(c, d != 0 && Descriptors.isWritableData(d));
    });
    definitions.define(Mnemonic.ARPL, SelectorChecks::adjustRpl);
  }

  private static void answer(Cpu c, boolean yes) {
    Flags.change(c, Rflags.ZF, yes ? Rflags.ZF : 0);
  }

  /**
   * The descriptor of a selector operand that the program may see: within its table, of a kind this instruction knows, and at a
   * privilege no more than CPL and RPL allow. 0 otherwise.
   */
  private static long find(Cpu c, Instruction i, int operand, int legacyTypes, int longTypes) {
    c.requireProtectedMode();
    int selector = (int) Operands.read(c, i, operand) & 0xFFFF;
    long address = Descriptors.isNull(selector) ? -1 : Descriptors.address(c, selector, 8);
    if (address == -1) {
      return 0;
    }
    long d = c.memory.systemLoad(address, 8);
    if (Descriptors.isSystem(d)) {
      int types = c.longMode() ? longTypes : legacyTypes;
      if ((types >>> Descriptors.type(d) & 1) == 0) {
        return 0;
      }
    } else if (Descriptors.isCode(d) && Descriptors.isConforming(d)) {
      return d;
    }
    int dpl = Descriptors.dpl(d);
    return dpl < c.cpl || dpl < (selector & 3) ? 0 : d;
  }

  private static void adjustRpl(Cpu c, Instruction i) {
    c.requireProtectedMode();
    // Memory is only written when the RPL is raised, as on silicon.
    long destination = Operands.read(c, i, 0);
    long rpl = Operands.read(c, i, 1) & 3;
    boolean raised = (destination & 3) < rpl;
    if (raised) {
      Operands.write(c, i, 0, destination & ~3L | rpl);
    }
    answer(c, raised);
  }
}
