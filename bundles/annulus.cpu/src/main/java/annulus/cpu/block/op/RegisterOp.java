package annulus.cpu.block.op;

import annulus.cpu.decode.Instruction;

/**
 * Operands in registers or in the instruction: destination {@code d}, source {@code s} or {@code immediate}. Fields are as narrow
 * as they can be: a guest's kernel runs through more operations than the host's caches hold.
 */
abstract class RegisterOp extends Op {
  final byte d;
  final byte s;
  final int immediate;

  RegisterOp(Instruction i) {
    d = (byte) i.reg0;
    s = (byte) i.reg1;
    immediate = (int) i.immediate;
  }
}
