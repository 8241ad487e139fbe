package annulus.engine.interpreter.op;

import annulus.arch.Seg;
import annulus.cpu.decode.Instruction;

/**
 * One operand in memory at {@code (base + index * 2^scale + displacement) & mask}, the other in register {@code r} or
 * {@code immediate}. Base may also be the block's start, for RIP-relative addresses, or the base of FS or GS.
 */
abstract class MemoryOp extends Op {
  final int r;
  final int base;
  final int index;
  final int scale;
  final long displacement;
  final long mask;
  final long immediate;
  private final boolean stack;

  /** @param next offset of the next instruction from the block's start */
  MemoryOp(Instruction i, int next) {
    r = i.kind0 == Instruction.MEMORY ? i.reg1 : i.reg0;
    immediate = i.immediate;
    stack = i.segment == Seg.SS;
    mask = i.addressSize == 8 ? -1L : LOW32;
    if (i.segment >= Seg.FS) {
      // At most one register besides: Specialiser.addressable.
      base = i.segment == Seg.FS ? FS_BASE : GS_BASE;
      index = i.base == Instruction.NO_REGISTER ? i.index : i.base;
      scale = i.base == Instruction.NO_REGISTER ? i.scale : 0;
      displacement = i.displacement;
    } else if (i.base == Instruction.RIP) {
      base = START;
      index = Instruction.NO_REGISTER;
      scale = 0;
      displacement = i.displacement + next;
    } else {
      base = i.base;
      index = i.index;
      scale = i.scale;
      displacement = i.displacement;
    }
  }

  /** Whether there is no index: then {@link #simple} is the address. */
  static boolean isSimple(Instruction i) {
    return i.segment >= Seg.FS ? i.base == Instruction.NO_REGISTER && i.index == Instruction.NO_REGISTER
        : i.index == Instruction.NO_REGISTER;
  }

  final long simple(long[] gpr) {
    return gpr[base] + displacement & mask;
  }

  final long indexed(long[] gpr) {
    return gpr[base] + (gpr[index] << scale) + displacement & mask;
  }

  @Override public final boolean usesStack() {
    return stack;
  }
}
