package annulus.cpu.block;

import annulus.cpu.block.op.Op;
import annulus.cpu.block.op.Retired;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What of a {@link Block} is needed each time it is run: HotSpot puts a superclass's fields in front of the others. A guest's kernel runs
 * through more blocks than the host's caches hold, and what takes time is to wait for their lines; so the first operations stand in the
 * block itself and not behind an array, whose length alone was a quarter of all waits in the loop that runs them.
 */
public abstract sealed class BlockFront permits Block {
  /** Operations in the block itself: most blocks have fewer. */
  private static final int HERE = 6;
  private static final Op[] NONE = {};

  /** Guest instructions in it. */
  public final int instructions;
  /** Host offset of the first byte, or -1 for a block that must be looked up each time. */
  public long host = -1;
  /** Executions until {@link HotBlocks} hears of it; 0 from then on while {@link #region} stands in for it. */
  public int heat = Integer.MAX_VALUE;
  public final int mode;
  /** Offset of its branch's target. */
  final int target;
  /** Length of its code in bytes: behind it goes on what does not branch. */
  final int length;
  Op op0;
  @Nullable Op op1;
  @Nullable Op op2;
  @Nullable Op op3;
  @Nullable Op op4;
  @Nullable Op op5;
  /** What follows, once it has run: blocks of the same page only, so that they retire together. */
  @Nullable Block nextBlock;
  @Nullable Block targetBlock;
  /** Compiled code that begins with this block. */
  public @Nullable Region region;
  /** Operations from the seventh on. */
  final Op[] more;

  BlockFront(Op[] ops, int instructions, int mode, int target, int length) {
    this.instructions = instructions;
    this.mode = mode;
    this.target = target;
    this.length = length;
    op0 = ops[0];
    op1 = at(ops, 1);
    op2 = at(ops, 2);
    op3 = at(ops, 3);
    op4 = at(ops, 4);
    op5 = at(ops, 5);
    more = ops.length > HERE ? Arrays.copyOfRange(ops, HERE, ops.length) : NONE;
  }

  private static @Nullable Op at(Op[] ops, int n) {
    return n < ops.length ? ops[n] : null;
  }

  /** Operation {@code n}, of those that there are. */
  final Op op(int n) {
    return Objects.requireNonNull(switch (n) {
      case 0 -> op0;
      case 1 -> op1;
      case 2 -> op2;
      case 3 -> op3;
      case 4 -> op4;
      case 5 -> op5;
      default -> more[n - HERE];
    });
  }

  /** Puts {@link Retired} in the place of all operations, of which one may be running. */
  final void retireOps() {
    op0 = Retired.INSTANCE;
    op1 = retired(op1);
    op2 = retired(op2);
    op3 = retired(op3);
    op4 = retired(op4);
    op5 = retired(op5);
    Arrays.fill(more, Retired.INSTANCE);
  }

  private static @Nullable Op retired(@Nullable Op op) {
    return op == null ? null : Retired.INSTANCE;
  }
}
