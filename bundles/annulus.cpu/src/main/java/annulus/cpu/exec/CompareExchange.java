package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** CMPXCHG, CMPXCHG8B, CMPXCHG16B, SDM 2A. */
public final class CompareExchange implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.CMPXCHG, CompareExchange::cmpxchg);
    d.define(Mnemonic.CMPXCHG8B, CompareExchange::cmpxchg8b);
    d.define(Mnemonic.CMPXCHG16B, CompareExchange::cmpxchg16b);
  }

  /**
   * A destination in memory is written either way, with its old value after a mismatch: that needs the right to write. A
   * register that did not match is left alone, its upper half too.
   */
  private static void cmpxchg(Cpu c, Instruction i) {
    long accumulator = Operands.zeroExtend(c.gpr[Cpu.RAX], i.size0);
    long source = Operands.read(c, i, 1);
    long old;
    do {
      old = Operands.readForWrite(c, i, 0);
    } while (old == accumulator && !Operands.commit(c, i, 0, old, source));
    Alu.cmp(c, accumulator, old, i.size0);
    if (old != accumulator) {
      Operands.writeRegister(c, Cpu.RAX, i.size0, old);
    }
  }

  private static void cmpxchg8b(Cpu c, Instruction i) {
    long expected = pair(c.gpr[Cpu.RDX], c.gpr[Cpu.RAX]);
    long value = pair(c.gpr[Cpu.RCX], c.gpr[Cpu.RBX]);
    long old;
    do {
      old = Operands.readForWrite(c, i, 0);
    } while (old == expected && !Operands.commit(c, i, 0, old, value));
    Flags.change(c, Rflags.ZF, old == expected ? Rflags.ZF : 0);
    if (old != expected) {
      c.gpr[Cpu.RAX] = old & 0xFFFF_FFFFL;
      c.gpr[Cpu.RDX] = old >>> 32;
    }
  }

  private static long pair(long high, long low) {
    return high << 32 | low & 0xFFFF_FFFFL;
  }

  /** Raises #GP(0) on an operand that is not aligned to 16 bytes, before any page fault. */
  private static void cmpxchg16b(Cpu c, Instruction i) {
    long linear = Addressing.linear(c, i, 16, true);
    if ((linear & 15) != 0) {
      throw c.gp();
    }
    c.memory.checkWrite(linear, 16);
    long low;
    long high;
    boolean equal;
    do {
      low = c.memory.load64(linear);
      high = c.memory.load64(linear + 8);
      equal = low == c.gpr[Cpu.RAX] && high == c.gpr[Cpu.RDX];
    } while (equal && !c.memory.compareAndSet16(linear, low, high, c.gpr[Cpu.RBX], c.gpr[Cpu.RCX]));
    Flags.change(c, Rflags.ZF, equal ? Rflags.ZF : 0);
    if (!equal) {
      c.gpr[Cpu.RAX] = low;
      c.gpr[Cpu.RDX] = high;
    }
  }
}
