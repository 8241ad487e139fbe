package annulus.cpu.block.op;

import annulus.cpu.decode.Instruction;

/**
 * Operands in registers: destination {@code d}, source {@code s}. Fields are few and as narrow as they can be, here and in what follows: a
 * guest's kernel runs through more operations than the host's caches hold.
 */
abstract class RegisterOp extends Op {
  final byte d;
  final byte s;

  RegisterOp(Instruction i) {
    d = (byte) i.reg0;
    s = (byte) i.reg1;
  }
}
