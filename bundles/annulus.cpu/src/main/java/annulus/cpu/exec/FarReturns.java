package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Segment;
import annulus.cpu.Stack;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Far RET, and what it shares with IRET: the checks of a return to the same or an outer level (SDM 2A RET, SDM 3A 5.8.6). */
public final class FarReturns implements Family {
  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.RETF, FarReturns::execute);
  }

  private static void execute(Cpu c, Instruction i) {
    int size = i.operandSize;
    long release = i.immediate & 0xFFFF;
    long offset = Stack.peek(c, 0, size);
    int selector = (int) Stack.peek(c, size, size) & 0xFFFF;
    if (!c.protectedMode() || c.virtual8086()) {
      Segment cs = c.seg[Seg.CS];
      if (offset > cs.limit) {
        throw c.gp();
      }
      cs.setReal(selector);
      c.rip = offset;
      Stack.adjust(c, 2L * size + release);
      c.endBlock = true;
      return;
    }
    long d = checkReturn(c, selector);
    Descriptors.checkTarget(c, d, offset, 0);
    if ((selector & 3) == c.cpl) {
      d = Descriptors.access(c, selector, d);
      Stack.adjust(c, 2L * size + release);
      Descriptors.enterCode(c, selector, d, c.cpl, offset);
      return;
    }
    long sp = Stack.peek(c, 2L * size + release, size);
    int ss = (int) Stack.peek(c, 3L * size + release, size) & 0xFFFF;
    long stack = checkOuterStack(c, ss, selector & 3, d);
    // Setting accessed bits can fault: before anything changes.
    stack = stack == 0 ? 0 : Descriptors.access(c, ss, stack);
    d = Descriptors.access(c, selector, d);
    outward(c, selector, d, offset, ss, stack, sp);
    Stack.adjust(c, release);
    SegmentLoads.dropInnerSegments(c);
  }

  /** Checks the code segment of a far return: not to an inner level, and its DPL fits the RPL. @return its descriptor */
  static long checkReturn(Cpu c, int selector) {
    if (Descriptors.isNull(selector)) {
      throw c.gp();
    }
    long d = Descriptors.read(c, selector, Vector.GP, 0);
    int rpl = selector & 3;
    int dpl = Descriptors.dpl(d);
    if (!Descriptors.isCode(d) || rpl < c.cpl || (Descriptors.isConforming(d) ? dpl > rpl : dpl != rpl)) {
      throw c.fault(Vector.GP, Descriptors.error(selector, 0));
    }
    Descriptors.checkCodeWidth(c, selector, d, false, 0);
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.NP, Descriptors.error(selector, 0));
    }
    return d;
  }

  /**
   * Checks the stack segment of a return to privilege {@code rpl}. A null one is right for 64-bit code below privilege 3.
   *
   * @return its descriptor, 0 for a null selector
   */
  static long checkOuterStack(Cpu c, int ss, int rpl, long code) {
    if (!Descriptors.isNull(ss)) {
      return SegmentLoads.checkStack(c, ss, rpl, Vector.GP, 0);
    }
    boolean toLong = c.longMode() && Descriptors.isLong(code);
    if (!toLong || rpl == 3 || (ss & 3) != rpl) {
      throw c.gp();
    }
    return 0;
  }

  /** Enters an outer level, or 64-bit code with its stack, after all checks. */
  static void outward(Cpu c, int selector, long d, long offset, int ss, long stack, long sp) {
    int cpl = selector & 3;
    if (stack == 0) {
      StackFrame.setNull(c.seg[Seg.SS], cpl);
    } else {
      SegmentLoads.setStack(c, ss, stack);
    }
    Descriptors.enterCode(c, selector, d, cpl, offset);
    Stack.setPointer(c, sp);
  }
}
