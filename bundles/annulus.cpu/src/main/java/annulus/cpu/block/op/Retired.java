package annulus.cpu.block.op;

import annulus.cpu.Cpu;

/** Stands in for every operation of a block whose code was overwritten. */
public final class Retired extends Op {
  public static final Retired INSTANCE = new Retired();

  private Retired() {}

  @Override public void execute(Cpu c) {
    throw LeaveBlock.BEFORE;
  }
}
