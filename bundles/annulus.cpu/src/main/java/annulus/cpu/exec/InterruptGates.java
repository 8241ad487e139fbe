package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;

/** Entry of a handler through the IDT, SDM 3A 6.12 (protected) and 6.14 (long mode). Nothing changes before the last check. */
final class InterruptGates {
  private InterruptGates() {}

  /** Enters the handler of {@code vector}. Throws what goes wrong on the way. */
  static void enter(Cpu c, int vector, int errorCode, int kind) {
    int ext = Interrupts.ext(kind);
    if (kind == Interrupts.EXCEPTION && vector == Vector.DB) {
      c.dr[7] &= ~DebugTraps.GD;
    }
    if (!c.protectedMode()) {
      RealModeInterrupts.enter(c, vector, ext);
      return;
    }
    int named = vector * 8 + 2 | ext;
    int size = c.longMode() ? 16 : 8;
    if (vector * size + size - 1 > c.idtLimit) {
      throw c.fault(Vector.GP, named);
    }
    long at = c.idtBase + (long) vector * size;
    long gate = c.memory.systemLoad(at, 8);
    int type = Descriptors.type(gate);
    boolean handler = type == Descriptors.INTERRUPT_GATE32 || type == Descriptors.TRAP_GATE32
        || !c.longMode()
            && (type == Descriptors.INTERRUPT_GATE16 || type == Descriptors.TRAP_GATE16 || type == Descriptors.TASK_GATE);
    boolean software = kind == Interrupts.SOFTWARE || kind == Interrupts.SOFTWARE_EXCEPTION;
    if (!Descriptors.isSystem(gate) || !handler || software && Descriptors.dpl(gate) < c.cpl) {
      throw c.fault(Vector.GP, named);
    }
    if (!Descriptors.present(gate)) {
      throw c.fault(Vector.NP, named);
    }
    boolean pushError = kind == Interrupts.EXCEPTION && Vector.hasErrorCode(vector);
    if (type == Descriptors.TASK_GATE) {
      taskGate(c, gate, ext, pushError, errorCode, kind);
    } else if (c.longMode()) {
      long upper = c.memory.systemLoad(at + 8, 8);
      longMode(c, gate, upper, ext, pushError, errorCode, Interrupts.pushedFlags(c, vector, kind));
    } else {
      protectedMode(c, gate, ext, pushError, errorCode, Interrupts.pushedFlags(c, vector, kind));
    }
  }

  private static void taskGate(Cpu c, long gate, int ext, boolean pushError, int errorCode, int kind) {
    int selector = Descriptors.gateSelector(gate);
    if (kind >= Interrupts.SOFTWARE) {
      TaskSwitch.byInstruction(c, selector, TaskSwitch.EVENT);
      return;
    }
    boolean wide = TaskSwitch.byEvent(c, selector, ext);
    if (pushError) {
      int size = wide ? 4 : 2;
      StackFrame frame = StackFrame.current(c, size, size, ext);
      frame.push(size, errorCode);
      frame.commit();
    }
  }

  /** Reads and checks the handler's code segment. */
  private static long code(Cpu c, int selector, int ext) {
    if (Descriptors.isNull(selector)) {
      throw c.fault(Vector.GP, ext);
    }
    long d = Descriptors.read(c, selector, Vector.GP, ext);
    if (!Descriptors.isCode(d) || Descriptors.dpl(d) > c.cpl) {
      throw c.fault(Vector.GP, Descriptors.error(selector, ext));
    }
    Descriptors.checkCodeWidth(c, selector, d, c.longMode(), ext);
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.NP, Descriptors.error(selector, ext));
    }
    return d;
  }

  private static int flagsToClear(long gate) {
    boolean interruptGate = (Descriptors.type(gate) & 1) == 0;
    return Rflags.TF | Rflags.NT | Rflags.RF | Rflags.VM | (interruptGate ? Rflags.IF : 0);
  }

  private static void protectedMode(Cpu c, long gate, int ext, boolean pushError, int errorCode, long flags) {
    int selector = Descriptors.gateSelector(gate);
    long d = code(c, selector, ext);
    long offset = Descriptors.gateOffset(gate);
    int size = (Descriptors.type(gate) & 8) != 0 ? 4 : 2;
    boolean v86 = c.virtual8086();
    int error = pushError ? 1 : 0;
    boolean inward = !Descriptors.isConforming(d) && Descriptors.dpl(d) < c.cpl;
    if (v86 && (!inward || Descriptors.dpl(d) != 0)) {
      // From virtual-8086 mode a handler can only run at privilege 0 (SDM 3A 20.3.1).
      throw c.fault(Vector.GP, Descriptors.error(selector, ext));
    }
    StackFrame frame;
    int ss = 0;
    long stack = 0;
    long sp = 0;
    int cpl = c.cpl;
    if (inward) {
      cpl = Descriptors.dpl(d);
      ss = TaskState.stackSelector(c, cpl, ext);
      sp = TaskState.stackPointer(c, cpl, ext);
      if (Descriptors.isNull(ss)) {
        throw c.fault(Vector.TS, ext);
      }
      stack = SegmentLoads.checkStack(c, ss, cpl, Vector.TS, ext);
      frame = StackFrame.inner(c, ss, stack, sp, ((v86 ? 9 : 5) + error) * size, ext);
    } else {
      frame = StackFrame.current(c, (3 + error) * size, size, ext);
    }
    Descriptors.checkTarget(c, d, offset, ext);
    if (v86) {
      frame.push(size, c.seg[Seg.GS].selector);
      frame.push(size, c.seg[Seg.FS].selector);
      frame.push(size, c.seg[Seg.DS].selector);
      frame.push(size, c.seg[Seg.ES].selector);
    }
    if (inward) {
      frame.push(size, c.seg[Seg.SS].selector);
      frame.push(size, c.gpr[Cpu.RSP]);
    }
    frame.push(size, flags);
    frame.push(size, c.seg[Seg.CS].selector);
    frame.push(size, c.rip);
    if (pushError) {
      frame.push(size, errorCode);
    }
    if (inward) {
      // Accessed bits may fault on a read-only table: before anything changes.
      stack = Descriptors.access(c, ss, stack);
      d = Descriptors.access(c, selector, d);
      frame.commit(sp);
      SegmentLoads.setStack(c, ss, stack);
    } else {
      d = Descriptors.access(c, selector, d);
      frame.commit();
    }
    if (v86) {
      Interrupts.nullDataSegments(c);
    }
    Interrupts.clearFlags(c, flagsToClear(gate));
    Descriptors.enterCode(c, selector, d, cpl, offset);
  }

  private static void longMode(Cpu c, long gate, long upper, int ext, boolean pushError, int errorCode, long flags) {
    int selector = Descriptors.gateSelector(gate);
    long d = code(c, selector, ext);
    long offset = Descriptors.gateOffset(gate) | upper << 32;
    boolean inward = !Descriptors.isConforming(d) && Descriptors.dpl(d) < c.cpl;
    int cpl = inward ? Descriptors.dpl(d) : c.cpl;
    int ist = (int) (gate >>> 32) & 7;
    long sp = ist != 0 ? TaskState.interruptStack(c, ist, ext)
        : inward ? TaskState.stackPointer64(c, cpl, ext) : c.gpr[Cpu.RSP];
    // The frame begins on a 16-byte boundary, so that handlers can save SSE state (SDM 3A 6.14.2).
    sp &= ~0xFL;
    StackFrame frame = StackFrame.flat(c, sp, pushError ? 48 : 40, cpl, ext);
    Descriptors.checkTarget(c, d, offset, ext);
    frame.push(8, c.seg[Seg.SS].selector);
    frame.push(8, c.gpr[Cpu.RSP]);
    frame.push(8, flags);
    frame.push(8, c.seg[Seg.CS].selector);
    frame.push(8, c.rip);
    if (pushError) {
      frame.push(8, errorCode & 0xFFFF_FFFFL);
    }
    d = Descriptors.access(c, selector, d);
    frame.commit();
    if (inward) {
      StackFrame.setNull(c.seg[Seg.SS], cpl);
    }
    Interrupts.clearFlags(c, flagsToClear(gate));
    Descriptors.enterCode(c, selector, d, cpl, offset);
  }
}
