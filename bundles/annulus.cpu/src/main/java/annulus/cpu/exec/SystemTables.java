package annulus.cpu.exec;

import annulus.arch.Cr4;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.Vector;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.Segment;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Loads and stores of the descriptor-table registers, LDTR and TR (SDM 3A 2.4, SDM 2A LGDT, SGDT, LLDT, LTR). */
public final class SystemTables implements Family {
  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.LGDT, (c, i) -> loadTable(c, i, true));
    definitions.define(Mnemonic.LIDT, (c, i) -> loadTable(c, i, false));
    definitions.define(Mnemonic.SGDT, (c, i) -> storeTable(c, i, c.gdtBase, c.gdtLimit));
    definitions.define(Mnemonic.SIDT, (c, i) -> storeTable(c, i, c.idtBase, c.idtLimit));
    definitions.define(Mnemonic.SLDT, (c, i) -> storeSelector(c, i, Seg.LDTR));
    definitions.define(Mnemonic.STR, (c, i) -> storeSelector(c, i, Seg.TR));
    definitions.define(Mnemonic.LLDT, SystemTables::loadLdt);
    definitions.define(Mnemonic.LTR, SystemTables::loadTask);
  }

  /** User-mode instruction prevention (SDM 3A 2.5, CR4.UMIP): SGDT, SIDT, SLDT, SMSW, STR fault above privilege 0. */
  static void requireNoUserModePrevention(Cpu c) {
    if (c.cpl != 0 && (c.paging.cr4 & Cr4.UMIP) != 0) {
      throw c.gp();
    }
  }

  private static void loadTable(Cpu c, Instruction i, boolean gdt) {
    c.requireRing0();
    int size = c.codeBits == 64 ? 8 : 4;
    long linear = Addressing.linear(c, i, 2 + size, false);
    int limit = c.memory.load16(linear);
    long base = c.memory.load(linear + 2, size);
    if (c.codeBits != 64 && i.operandSize == 2) {
      base &= 0xFF_FFFF;
    }
    if (size == 8 && !c.canonical(base)) {
      throw c.gp();
    }
    if (gdt) {
      c.gdtBase = base;
      c.gdtLimit = limit;
    } else {
      c.idtBase = base;
      c.idtLimit = limit;
    }
  }

  private static void storeTable(Cpu c, Instruction i, long base, int limit) {
    requireNoUserModePrevention(c);
    int size = c.codeBits == 64 ? 8 : 4;
    long linear = Addressing.linear(c, i, 2 + size, true);
    c.memory.checkWrite(linear, 2 + size);
    c.memory.store16(linear, limit);
    c.memory.store(linear + 2, size, base);
  }

  private static void storeSelector(Cpu c, Instruction i, int s) {
    c.requireProtectedMode();
    requireNoUserModePrevention(c);
    Operands.write(c, i, 0, c.seg[s].selector);
  }

  /** The system descriptor of {@code selector}, which must be in the GDT. Raises #GP. */
  private static long read(Cpu c, int selector) {
    if ((selector & 4) != 0) {
      throw c.fault(Vector.GP, Descriptors.error(selector, 0));
    }
    return Descriptors.read(c, selector, Vector.GP, 0);
  }

  /** Sets a system segment from its descriptor, which has 16 bytes in long mode. */
  private static void set(Cpu c, Segment s, int selector, long d) {
    long base = Descriptors.base(d);
    if (c.longMode()) {
      base |= Descriptors.readUpper(c, selector, Vector.GP, 0) << 32;
      if (!c.canonical(base)) {
        throw c.fault(Vector.GP, Descriptors.error(selector, 0));
      }
    }
    s.set(selector, base, Descriptors.limit(d), Descriptors.attributes(d));
  }

  private static void loadLdt(Cpu c, Instruction i) {
    c.requireProtectedMode();
    c.requireRing0();
    int selector = (int) Operands.read(c, i, 0);
    if (Descriptors.isNull(selector)) {
      c.seg[Seg.LDTR].set(selector, 0, 0, SegmentState.UNUSABLE);
      return;
    }
    long d = read(c, selector);
    if (!Descriptors.isSystem(d) || Descriptors.type(d) != Descriptors.LDT) {
      throw c.fault(Vector.GP, Descriptors.error(selector, 0));
    }
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.NP, Descriptors.error(selector, 0));
    }
    set(c, c.seg[Seg.LDTR], selector, d);
  }

  private static void loadTask(Cpu c, Instruction i) {
    c.requireProtectedMode();
    c.requireRing0();
    int selector = (int) Operands.read(c, i, 0);
    if (Descriptors.isNull(selector)) {
      throw c.gp();
    }
    long d = read(c, selector);
    int type = Descriptors.type(d);
    boolean available = type == Descriptors.TSS32 || type == Descriptors.TSS16 && !c.longMode();
    if (!Descriptors.isSystem(d) || !available) {
      throw c.fault(Vector.GP, Descriptors.error(selector, 0));
    }
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.NP, Descriptors.error(selector, 0));
    }
    Segment tr = new Segment();
    set(c, tr, selector, d);
    Descriptors.busy(c, selector, true);
    c.seg[Seg.TR].set(selector, tr.base, tr.limit, tr.attributes | Descriptors.BUSY);
  }
}
