package annulus.cpu.block.op;

import annulus.arch.Seg;
import annulus.cpu.decode.Instruction;

/**
 * One operand in memory at {@code base + index * 2^scale + displacement}, the other in register {@code r}.
 * The sum is cut to the address size. Base may also be the block's start, for RIP-relative addresses, or the base of FS or GS.
 */
abstract class MemoryOp extends Op {
  final byte r;
  final byte base;
  final byte index;
  final byte scale;
  /** High bits that the address size cuts off: 0 or 32. */
  final byte cut;
  private final boolean stack;
  final int displacement;

  /** @param next offset of the next instruction from the block's start */
  MemoryOp(Instruction i, int next) {
    r = (byte) (i.kind0 == Instruction.MEMORY ? i.reg1 : i.reg0);
    stack = i.segment == Seg.SS;
    cut = (byte) (i.addressSize == 8 ? 0 : 32);
    if (i.segment >= Seg.FS) {
      // At most one register besides: Specialiser.addressable.
      base = (byte) (i.segment == Seg.FS ? FS_BASE : GS_BASE);
      index = (byte) (i.base == Instruction.NO_REGISTER ? i.index : i.base);
      scale = (byte) (i.base == Instruction.NO_REGISTER ? i.scale : 0);
      displacement = (int) i.displacement;
    } else if (i.base == Instruction.RIP) {
      base = START;
      index = Instruction.NO_REGISTER;
      scale = 0;
      displacement = (int) i.displacement + next;
    } else {
      base = (byte) i.base;
      index = (byte) i.index;
      scale = (byte) i.scale;
      displacement = (int) i.displacement;
    }
  }

  /** Whether there is no index: then {@link #simple} is the address. */
  static boolean isSimple(Instruction i) {
    return i.segment >= Seg.FS ? i.base == Instruction.NO_REGISTER && i.index == Instruction.NO_REGISTER
        : i.index == Instruction.NO_REGISTER;
  }

  final long simple(long[] gpr) {
    return gpr[base] + displacement << cut >>> cut;
  }

  final long indexed(long[] gpr) {
    return gpr[base] + (gpr[index] << scale) + displacement << cut >>> cut;
  }

  @Override public final boolean usesStack() {
    return stack;
  }
}
