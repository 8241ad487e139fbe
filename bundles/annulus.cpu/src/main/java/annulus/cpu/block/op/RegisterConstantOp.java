package annulus.cpu.block.op;

import annulus.cpu.decode.Instruction;

/** One operand or two in registers, another in the instruction. */
abstract class RegisterConstantOp extends RegisterOp {
  final int immediate;

  RegisterConstantOp(Instruction i) {
    super(i);
    immediate = (int) i.immediate;
  }
}
