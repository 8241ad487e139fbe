package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.Semantics;

/** Any instruction, by the meaning that all engines share. */
public final class Generic extends Op {
  private final Instruction instruction;
  private final Semantics semantics;
  private final int next;

  /** @param next offset of the next instruction from the block's start */
  public Generic(Instruction instruction, int next) {
    this.instruction = instruction;
    this.semantics = instruction.semantics;
    this.next = next;
  }

  @Override public void execute(Cpu c) {
    c.rip = c.gpr[START] + next & c.ipMask;
    semantics.execute(c, instruction);
  }
}
