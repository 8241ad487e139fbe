package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.Semantics;

/** As {@link Generic}, for an instruction that does not end its block: leaves it all the same when the semantics ask for that. */
public final class GenericInside extends Op {
  private final Instruction instruction;
  private final Semantics semantics;
  private final int next;

  public GenericInside(Instruction instruction, int next) {
    this.instruction = instruction;
    this.semantics = instruction.semantics;
    this.next = next;
  }

  @Override public void execute(Cpu c) {
    c.rip = c.gpr[START] + next & c.ipMask;
    semantics.execute(c, instruction);
    if (c.endBlock) {
      throw LeaveBlock.AFTER;
    }
  }
}
