package annulus.cpu.block.op;

import annulus.cpu.Cpu;

/** Ends a block that stops without a branch: sets the instruction pointer behind it. */
public final class Advance extends Op {
  private final int next;

  public Advance(int next) {
    this.next = next;
  }

  @Override public void execute(Cpu c) {
    c.rip = c.gpr[START] + next & c.ipMask;
  }
}
