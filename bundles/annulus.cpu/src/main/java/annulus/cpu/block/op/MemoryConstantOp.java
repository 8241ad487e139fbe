package annulus.cpu.block.op;

import annulus.cpu.decode.Instruction;

/** One operand in memory, another in the instruction. */
abstract class MemoryConstantOp extends MemoryOp {
  final int immediate;

  /** @param next offset of the next instruction from the block's start */
  MemoryConstantOp(Instruction i, int next) {
    super(i, next);
    immediate = (int) i.immediate;
  }
}
