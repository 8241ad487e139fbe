package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.SimdState;

/** One operand in memory, the other in an XMM register, whose place in {@link Cpu#xmm} is {@code d}. */
abstract class XmmMemoryOp extends MemoryOp {
  final byte d;

  XmmMemoryOp(Instruction i, int next) {
    super(i, next);
    d = (byte) (2 * r);
  }

  /** The address of 16 bytes that must be aligned. */
  final long aligned(Cpu c) {
    long at = indexed(c.gpr);
    if ((at & 15) != 0 && (c.mxcsr & SimdState.MISALIGNED) == 0) {
      // An address that is not canonical comes first: through the stack segment that is #SS, not #GP.
      c.memory.nonCanonical = !c.canonical(at) || !c.canonical(at + 15);
      throw c.gp();
    }
    return at;
  }
}
