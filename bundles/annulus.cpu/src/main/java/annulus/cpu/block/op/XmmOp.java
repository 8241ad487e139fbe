package annulus.cpu.block.op;

import annulus.cpu.decode.Instruction;

/** Operands in registers: places {@code d}, {@code s} in {@link annulus.cpu.Cpu#xmm}, or twice a general register's number. */
abstract class XmmOp extends Op {
  final byte d;
  final byte s;
  /** The immediate byte, zero-extended. */
  final short immediate;

  XmmOp(Instruction i) {
    d = (byte) (2 * i.reg0);
    s = (byte) (2 * i.reg1);
    immediate = (short) (i.immediate & 0xFF);
  }
}
