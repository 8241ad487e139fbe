package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Segment;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Far JMP and CALL: direct, through call gates, task gates and TSS descriptors (SDM 3A 5.8, SDM 2A CALL, JMP). */
public final class FarTransfers implements Family {
  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.JMPF, (c, i) -> transfer(c, i, false));
    definitions.define(Mnemonic.CALLF, (c, i) -> transfer(c, i, true));
  }

  private static void transfer(Cpu c, Instruction i, boolean call) {
    int selector;
    long offset;
    if (i.kind0 == Instruction.FAR_POINTER) {
      selector = (int) i.immediate2 & 0xFFFF;
      offset = annulus.cpu.Operands.zeroExtend(i.immediate, i.operandSize);
    } else {
      long linear = Addressing.linear(c, i, i.operandSize + 2, false);
      offset = c.memory.load(linear, i.operandSize);
      selector = c.memory.load16(linear + i.operandSize);
    }
    if (!c.protectedMode() || c.virtual8086()) {
      real(c, selector, offset, i.operandSize, call);
    } else {
      // REX.W counts for what is pushed even on processors whose pointers in memory stay narrow.
      protectedMode(c, selector, offset, i.wide && c.codeBits == 64 ? 8 : i.operandSize, call);
    }
  }

  private static void real(Cpu c, int selector, long offset, int size, boolean call) {
    Segment cs = c.seg[Seg.CS];
    if (offset > cs.limit) {
      throw c.gp();
    }
    if (call) {
      pushReturn(c, StackFrame.current(c, 2 * size, size, 0), size);
    }
    cs.setReal(selector);
    c.rip = offset;
    c.endBlock = true;
  }

  /** Pushes CS and the instruction pointer. */
  private static void pushReturn(Cpu c, StackFrame frame, int size) {
    frame.push(size, c.seg[Seg.CS].selector);
    frame.push(size, c.rip);
    frame.commit();
  }

  private static void protectedMode(Cpu c, int selector, long offset, int size, boolean call) {
    if (Descriptors.isNull(selector)) {
      throw c.gp();
    }
    long d = Descriptors.read(c, selector, Vector.GP, 0);
    if (Descriptors.isSystem(d)) {
      system(c, selector, d, call);
      return;
    }
    checkCode(c, selector, d, selector & 3);
    Descriptors.checkTarget(c, d, offset, 0);
    // Setting the accessed bit can fault: before anything changes.
    d = Descriptors.access(c, selector, d);
    if (call) {
      // The stack is that of the code which is called: of RSP 32 bits or 16 where 64-bit code calls other code (seen on Zen 4).
      boolean flat = c.longMode() && Descriptors.isLong(d);
      pushReturn(c, flat ? StackFrame.current(c, 2 * size, size, 0) : StackFrame.segmented(c, 2 * size, size, 0), size);
    }
    Descriptors.enterCode(c, selector, d, c.cpl, offset);
  }

  /** Code for a transfer that keeps the privilege: its DPL equals CPL, or it conforms. {@code rpl} 0 for a gate's selector. */
  private static void checkCode(Cpu c, int selector, long d, int rpl) {
    boolean right = Descriptors.isCode(d)
        && (Descriptors.isConforming(d) ? Descriptors.dpl(d) <= c.cpl : rpl <= c.cpl && Descriptors.dpl(d) == c.cpl);
    if (!right) {
      throw c.fault(Vector.GP, Descriptors.error(selector, 0));
    }
    Descriptors.checkCodeWidth(c, selector, d, false, 0);
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.NP, Descriptors.error(selector, 0));
    }
  }

  private static void system(Cpu c, int selector, long d, boolean call) {
    int type = Descriptors.type(d);
    boolean known = c.longMode() ? type == Descriptors.CALL_GATE32 : switch (type) {
      case Descriptors.TSS16, Descriptors.TSS32, Descriptors.CALL_GATE16, Descriptors.CALL_GATE32, Descriptors.TASK_GATE -> true;
      default -> false;
    };
    if (!known || Descriptors.dpl(d) < c.cpl || Descriptors.dpl(d) < (selector & 3)) {
      throw c.fault(Vector.GP, Descriptors.error(selector, 0));
    }
    int cause = call ? TaskSwitch.CALL : TaskSwitch.JUMP;
    switch (type) {
      case Descriptors.TSS16, Descriptors.TSS32 -> TaskSwitch.byInstruction(c, selector, cause);
      case Descriptors.TASK_GATE -> {
        requirePresent(c, selector, d);
        TaskSwitch.byInstruction(c, Descriptors.gateSelector(d), cause);
      }
      default -> {
        long upper = c.longMode() ? Descriptors.readUpper(c, selector, Vector.GP, 0) : 0;
        requirePresent(c, selector, d);
        CallGate.transfer(c, d, upper, call);
      }
    }
  }

  private static void requirePresent(Cpu c, int selector, long d) {
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.NP, Descriptors.error(selector, 0));
    }
  }

  /** A transfer through a call gate that has passed its own checks, SDM 3A 5.8.3-5.8.5. */
  private static final class CallGate {
    static void transfer(Cpu c, long gate, long upper, boolean call) {
      int selector = Descriptors.gateSelector(gate);
      if (Descriptors.isNull(selector)) {
        throw c.gp();
      }
      long d = Descriptors.read(c, selector, Vector.GP, 0);
      if (!Descriptors.isCode(d) || Descriptors.dpl(d) > c.cpl) {
        throw c.fault(Vector.GP, Descriptors.error(selector, 0));
      }
      Descriptors.checkCodeWidth(c, selector, d, c.longMode(), 0);
      long offset = Descriptors.gateOffset(gate) | upper << 32;
      int size = c.longMode() ? 8 : (Descriptors.type(gate) & 8) != 0 ? 4 : 2;
      if (call && !Descriptors.isConforming(d) && Descriptors.dpl(d) < c.cpl) {
        if (!Descriptors.present(d)) {
          throw c.fault(Vector.NP, Descriptors.error(selector, 0));
        }
        inward(c, selector, d, offset, size, (int) (gate >>> 32) & 0x1F);
        return;
      }
      checkCode(c, selector, d, 0);
      Descriptors.checkTarget(c, d, offset, 0);
      d = Descriptors.access(c, selector, d);
      if (call) {
        // The frame has the gate's width; in long mode the stack of compatibility code is addressed as 64-bit.
        if (c.longMode()) {
          pushReturn(c, StackFrame.flat(c, c.gpr[Cpu.RSP], 16, c.cpl, 0), 8);
        } else {
          pushReturn(c, StackFrame.current(c, 2 * size, size, 0), size);
        }
      }
      Descriptors.enterCode(c, selector, d, c.cpl, offset);
    }

    private static void inward(Cpu c, int selector, long d, long offset, int size, int parameters) {
      int cpl = Descriptors.dpl(d);
      int oldSs = c.seg[Seg.SS].selector;
      int oldCs = c.seg[Seg.CS].selector;
      long oldSp = c.gpr[Cpu.RSP];
      if (size == 8) {
        StackFrame frame = StackFrame.flat(c, TaskState.stackPointer64(c, cpl, 0), 32, cpl, 0);
        Descriptors.checkTarget(c, d, offset, 0);
        frame.push(8, oldSs);
        frame.push(8, oldSp);
        frame.push(8, oldCs);
        frame.push(8, c.rip);
        d = Descriptors.access(c, selector, d);
        frame.commit();
        StackFrame.setNull(c.seg[Seg.SS], cpl);
        Descriptors.enterCode(c, selector, d, cpl, offset);
        return;
      }
      int ss = TaskState.stackSelector(c, cpl, 0);
      long newSp = TaskState.stackPointer(c, cpl, 0);
      if (Descriptors.isNull(ss)) {
        throw c.fault(Vector.TS, 0);
      }
      long stack = SegmentLoads.checkStack(c, ss, cpl, Vector.TS, 0);
      StackFrame frame = StackFrame.inner(c, ss, stack, newSp, (4 + parameters) * size, 0);
      Descriptors.checkTarget(c, d, offset, 0);
      long mask = c.stackMask;
      frame.push(size, oldSs);
      frame.push(size, oldSp);
      for (int n = parameters - 1; n >= 0; n--) {
        long at = Addressing.linear(c, Seg.SS, oldSp + (long) n * size & mask, size, false);
        frame.push(size, c.memory.load(at, size));
      }
      frame.push(size, oldCs);
      frame.push(size, c.rip);
      stack = Descriptors.access(c, ss, stack);
      d = Descriptors.access(c, selector, d);
      frame.commit(newSp);
      SegmentLoads.setStack(c, ss, stack);
      Descriptors.enterCode(c, selector, d, cpl, offset);
    }
  }
}
