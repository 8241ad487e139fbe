package annulus.engine.interpreter.op;

import annulus.cpu.decode.Instruction;

/** Operands in registers or in the instruction: destination {@code d}, source {@code s} or {@code immediate}. */
abstract class RegisterOp extends Op {
  final int d;
  final int s;
  final long immediate;

  RegisterOp(Instruction i) {
    d = i.reg0;
    s = i.reg1;
    immediate = i.immediate;
  }
}
