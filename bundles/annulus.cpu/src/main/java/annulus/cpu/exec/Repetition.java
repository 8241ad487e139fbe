package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;

/**
 * The repeat prefixes of string instructions, SDM 2B REP. Counter and pointers are up to date after every iteration, so a
 * fault of the next one, or an interrupt, finds an instruction that can go on; {@link #end} then sets the instruction pointer
 * back to it. Under TF each iteration is an instruction of its own, and a data breakpoint traps after its iteration.
 *
 * <p>One per executed instruction and never stored: escape analysis removes it.
 */
public final class Repetition {
  /** Iterations at a time: bounds the delay of events that {@code pending} does not show. */
  public static final int BUDGET = 1 << 16;

  private final Cpu c;
  private final Instruction i;
  private final int budget;
  private long left;
  private int done;
  private boolean stopped;

  Repetition(Cpu c, Instruction i) {
    this.c = c;
    this.i = i;
    left = i.repeat == 0 ? 1 : Operands.zeroExtend(c.gpr[Cpu.RCX], i.addressSize);
    budget = (c.systemFlags & Rflags.TF) != 0 ? 1 : (int) Math.min(BUDGET, 1 + c.extraLimit - c.extraInstructions);
  }

  /** Whether another iteration is due now. */
  boolean next() {
    return left != 0 && !stopped;
  }

  /** Iterations that may be done at once. */
  long chunk() {
    // The counter is unsigned.
    return left < 0 ? budget - done : Math.min(left, budget - done);
  }

  /** Counts {@code n} finished iterations. */
  void done(int n) {
    done += n;
    left -= n;
    c.extraInstructions += n;
    if (i.repeat != 0) {
      Operands.writeRegister(c, Cpu.RCX, i.addressSize, left);
    }
    stopped = done >= budget || c.pendingDebug != 0 || c.context.pending().poll() != 0;
  }

  /** Ends a repetition whose condition (REPE, REPNE) fails. */
  void finish() {
    left = 0;
  }

  /** Leaves: to the next instruction, or back to this one if iterations are left. */
  void end() {
    if (done != 0) {
      c.extraInstructions--;
    }
    if (left != 0) {
      c.rip = c.rip - i.length & c.ipMask;
    }
  }

  /** Distance from one element to the next: EFLAGS.DF gives the direction. */
  static int step(Cpu c, int size) {
    return (c.systemFlags & Rflags.DF) != 0 ? -size : size;
  }

  /** Offset in rSI. */
  static long source(Cpu c, Instruction i) {
    return Operands.zeroExtend(c.gpr[Cpu.RSI], i.addressSize);
  }

  /** Offset in rDI. */
  static long destination(Cpu c, Instruction i) {
    return Operands.zeroExtend(c.gpr[Cpu.RDI], i.addressSize);
  }

  static void moveSource(Cpu c, Instruction i, long distance) {
    Operands.writeRegister(c, Cpu.RSI, i.addressSize, c.gpr[Cpu.RSI] + distance);
  }

  static void moveDestination(Cpu c, Instruction i, long distance) {
    Operands.writeRegister(c, Cpu.RDI, i.addressSize, c.gpr[Cpu.RDI] + distance);
  }
}
