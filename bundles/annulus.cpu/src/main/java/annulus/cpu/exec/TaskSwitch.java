package annulus.cpu.exec;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.Segment;

/**
 * Hardware task switches, SDM 3A 7.3: by JMP and CALL to a TSS or task gate, by an event through a task gate, and by IRET from a
 * nested task.
 *
 * <pre>
 *          32-bit TSS                              16-bit TSS
 * 0x00     previous task link                      0x00
 * 0x1C     CR3
 * 0x20     EIP, EFLAGS, EAX ECX EDX EBX            0x0E IP, FLAGS, AX CX DX BX SP BP SI DI
 *          ESP EBP ESI EDI (0x28-0x47)             0x1E
 * 0x48     ES CS SS DS FS GS, a dword each         0x22 ES CS SS DS, a word each
 * 0x60     LDT selector                            0x2A
 * 0x64     T (bit 0); 0x66 I/O map base
 * </pre>
 *
 * Everything that can fault in the old task is checked and read first. Faults after that belong to the new task, whose state is
 * then loaded with segments that are still unusable.
 */
final class TaskSwitch {
  /** What causes the switch. */
  static final int JUMP = 0;
  static final int CALL = 1;
  static final int EVENT = 2;
  static final int RETURN = 3;

  private static final int[] SEGMENTS_32 = {Seg.ES, Seg.CS, Seg.SS, Seg.DS, Seg.FS, Seg.GS};
  private static final int[] SEGMENTS_16 = {Seg.ES, Seg.CS, Seg.SS, Seg.DS};

  private final Cpu c;
  private final int cause;
  private final int selector;
  private final boolean wide;
  private final Segment target = new Segment();
  private final long[] registers = new long[8];
  private final int[] selectors = new int[6];
  private long cr3;
  private long ip;
  private long flags;
  private int ldt;
  private boolean trap;

  private TaskSwitch(Cpu c, int selector, long d, int cause) {
    this.c = c;
    this.selector = selector;
    this.cause = cause;
    wide = (Descriptors.type(d) & 8) != 0;
    Descriptors.set(target, selector, d);
  }

  /** A switch that is an instruction's own doing: a fault in the new task is delivered there. */
  static void byInstruction(Cpu c, int selector, int cause) {
    TaskSwitch s = prepare(c, selector, cause, 0);
    s.leave();
    try {
      s.enter();
    } catch (GuestFault f) {
      Interrupts.deliver(c, f.vector, f.errorCode, Interrupts.EXCEPTION);
    }
  }

  /**
   * A switch on the way of an event; faults in both tasks are thrown.
   *
   * @param ext EXT of error codes
   * @return whether the new TSS is a 32-bit one
   */
  static boolean byEvent(Cpu c, int selector, int ext) {
    TaskSwitch s = prepare(c, selector, EVENT, ext);
    s.leave();
    s.enter();
    return s.wide;
  }

  private static TaskSwitch prepare(Cpu c, int selector, int cause, int ext) {
    int wrong = cause == RETURN ? Vector.TS : Vector.GP;
    if (Descriptors.isNull(selector) || (selector & 4) != 0) {
      throw c.fault(wrong, Descriptors.error(selector, ext));
    }
    long d = Descriptors.read(c, selector, wrong, ext);
    int type = Descriptors.type(d) & ~Descriptors.BUSY;
    boolean busy = (Descriptors.type(d) & Descriptors.BUSY) != 0;
    if (!Descriptors.isSystem(d) || type != Descriptors.TSS16 && type != Descriptors.TSS32 || busy != (cause == RETURN)) {
      throw c.fault(wrong, Descriptors.error(selector, ext));
    }
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.NP, Descriptors.error(selector, ext));
    }
    TaskSwitch s = new TaskSwitch(c, selector, d, cause);
    if (s.target.limit < (s.wide ? 0x67 : 0x2B)) {
      throw c.fault(Vector.TS, Descriptors.error(selector, ext));
    }
    s.read();
    Segment old = c.seg[Seg.TR];
    boolean oldWide = TaskState.is32(old);
    if (old.limit < (oldWide ? 0x5F : 0x29)) {
      throw c.fault(Vector.TS, Descriptors.error(old.selector, ext));
    }
    c.memory.systemCheckWrite(old.base + (oldWide ? 0x20 : 0xE), oldWide ? 0x40 : 0x1C);
    if (cause == CALL || cause == EVENT) {
      c.memory.systemCheckWrite(s.target.base, 2);
    }
    if (cause != RETURN) {
      c.memory.systemCheckWrite(Descriptors.address(c, selector, 8) + 5, 1);
    }
    return s;
  }

  private long load(int offset, int size) {
    return c.memory.systemLoad(target.base + offset, size);
  }

  private void read() {
    int size = wide ? 4 : 2;
    int at = wide ? 0x20 : 0xE;
    ip = load(at, size);
    flags = load(at + size, size);
    for (int r = 0; r < 8; r++) {
      registers[r] = load(at + size * (2 + r), size);
    }
    int[] segments = wide ? SEGMENTS_32 : SEGMENTS_16;
    for (int n = 0; n < segments.length; n++) {
      selectors[segments[n]] = (int) load((wide ? 0x48 : 0x22) + size * n, 2);
    }
    ldt = (int) load(wide ? 0x60 : 0x2A, 2);
    if (wide) {
      cr3 = load(0x1C, 4);
      trap = (load(0x64, 2) & 1) != 0;
    }
  }

  /** Saves the old task and commits to the new one. */
  private void leave() {
    Segment old = c.seg[Seg.TR];
    boolean oldWide = TaskState.is32(old);
    int size = oldWide ? 4 : 2;
    long at = old.base + (oldWide ? 0x20 : 0xE);
    long rflags = Flags.rflags(c);
    c.memory.systemStore(at, size, c.rip);
    c.memory.systemStore(at + size, size, cause == RETURN ? rflags & ~(long) Rflags.NT : rflags);
    for (int r = 0; r < 8; r++) {
      c.memory.systemStore(at + size * (2L + r), size, c.gpr[r]);
    }
    int[] segments = oldWide ? SEGMENTS_32 : SEGMENTS_16;
    for (int n = 0; n < segments.length; n++) {
      c.memory.systemStore(old.base + (oldWide ? 0x48 : 0x22) + (long) size * n, 2, c.seg[segments[n]].selector);
    }
    if (cause == JUMP || cause == RETURN) {
      Descriptors.busy(c, old.selector, false);
    }
    if (cause == CALL || cause == EVENT) {
      c.memory.systemStore(target.base, 2, old.selector);
      flags |= Rflags.NT;
    }
    if (cause != RETURN) {
      Descriptors.busy(c, selector, true);
    }
    old.set(selector, target.base, target.limit, target.attributes | Descriptors.BUSY);
  }

  /** Loads the new task. */
  private void enter() {
    c.paging.cr0 |= Cr0.TS;
    c.rip = wide ? ip : ip & 0xFFFF;
    for (int r = 0; r < 8; r++) {
      // A 16-bit task leaves the upper halves undefined; they stay (SDM 3A 7.6).
      c.gpr[r] = wide ? registers[r] : c.gpr[r] & 0xFFFF_0000L | registers[r];
    }
    Flags.setStatus(c, (int) flags);
    int kept = Rflags.TF | Rflags.IF | Rflags.DF | Rflags.IOPL | Rflags.NT;
    if (wide) {
      kept |= Rflags.RF | Rflags.VM | Rflags.AC | Rflags.VIF | Rflags.VIP | Rflags.ID;
    }
    c.systemFlags = (int) flags & kept;
    c.paging.alignmentCheck = (c.systemFlags & Rflags.AC) != 0;
    c.dr[7] &= ~0x155L;
    boolean v86 = c.virtual8086();
    c.cpl = v86 ? 3 : selectors[Seg.CS] & 3;
    for (int s = Seg.ES; s <= Seg.GS; s++) {
      c.seg[s].set(selectors[s], 0, 0xFFFF, SegmentState.UNUSABLE | c.cpl << SegmentState.DPL_SHIFT);
    }
    c.seg[Seg.LDTR].set(ldt, 0, 0, SegmentState.UNUSABLE);
    loadRoot();
    c.modeChanged();
    loadLdt();
    if (v86) {
      for (int s = Seg.ES; s <= Seg.GS; s++) {
        c.seg[s].set(selectors[s], (long) selectors[s] << 4, 0xFFFF, 0xF3);
      }
      c.modeChanged();
    } else {
      loadSegments();
    }
    if (c.rip > c.seg[Seg.CS].limit) {
      throw c.gp();
    }
    if (trap) {
      c.pendingDebug |= DebugTraps.BT;
    }
  }

  private void loadRoot() {
    if (!wide || (c.paging.cr0 & Cr0.PG) == 0) {
      return;
    }
    if ((c.paging.cr4 & Cr4.PAE) != 0 && !c.context.translation().loadPdptes(c.paging, cr3, c.paging.pdpte)) {
      throw c.gp();
    }
    if (cr3 != c.paging.cr3) {
      c.paging.cr3 = cr3;
      c.context.translation().rootLoaded(c.paging, false, c.memory.tlb);
    }
  }

  private void loadLdt() {
    if (Descriptors.isNull(ldt)) {
      return;
    }
    if ((ldt & 4) != 0) {
      throw c.fault(Vector.TS, Descriptors.error(ldt, 0));
    }
    long d = Descriptors.read(c, ldt, Vector.TS, 0);
    if (!Descriptors.isSystem(d) || Descriptors.type(d) != Descriptors.LDT || !Descriptors.present(d)) {
      throw c.fault(Vector.TS, Descriptors.error(ldt, 0));
    }
    Descriptors.set(c.seg[Seg.LDTR], ldt, d);
  }

  private void loadSegments() {
    int cs = selectors[Seg.CS];
    if (Descriptors.isNull(cs)) {
      throw c.fault(Vector.TS, 0);
    }
    long code = Descriptors.read(c, cs, Vector.TS, 0);
    int dpl = Descriptors.dpl(code);
    if (!Descriptors.isCode(code) || (Descriptors.isConforming(code) ? dpl > c.cpl : dpl != c.cpl)) {
      throw c.fault(Vector.TS, Descriptors.error(cs, 0));
    }
    if (!Descriptors.present(code)) {
      throw c.fault(Vector.NP, Descriptors.error(cs, 0));
    }
    int ss = selectors[Seg.SS];
    if (Descriptors.isNull(ss)) {
      throw c.fault(Vector.TS, 0);
    }
    SegmentLoads.setStack(c, ss, SegmentLoads.checkStack(c, ss, c.cpl, Vector.TS, 0));
    Descriptors.enterCode(c, cs, code, c.cpl, c.rip);
    for (int s : SegmentLoads.DATA) {
      SegmentLoads.loadData(c, s, selectors[s], Vector.TS, 0);
    }
  }
}
