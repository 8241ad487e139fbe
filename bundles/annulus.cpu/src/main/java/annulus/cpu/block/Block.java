package annulus.cpu.block;

import annulus.cpu.block.op.Op;
import annulus.cpu.block.op.Retired;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decoded code from one entry to the next branch or page end. Position-independent: the same physical code in the same
 * {@link CodeMode} shares one block wherever it is mapped.
 */
public final class Block {
  /** {@link #target} of a block that branches to no fixed place. */
  public static final int NOWHERE = Integer.MIN_VALUE;

  final Op[] ops;
  /** Guest instructions in it. */
  public final int instructions;
  /** Length of its code in bytes. */
  final int length;
  /** Offset of its last instruction. */
  final int lastOffset;
  public final int mode;
  /** Offset from the start of the block's end: where it goes on if it does not branch. */
  final int next;
  /** Offset of its branch's target. */
  final int target;
  /** Ends with an instruction after which the engine must look at the processor's state. */
  final boolean stops;
  /** For each operation its offset and how many instructions lie before it; for faults. */
  private final short[] offsets;
  private final byte[] before;

  /** Host offset of the first byte, or -1 for a block that must be looked up each time. */
  public long host = -1;
  /** Executions until {@link HotBlocks} hears of it; 0 from then on while {@link #region} stands in for it. */
  public int heat = Integer.MAX_VALUE;
  /** For {@link HotBlocks}: how often it has heard of the block and found it not hot enough. */
  public int chances;
  /** Compiled code that begins with this block. */
  public @Nullable Region region;
  /** Where it lies in {@link #region}. */
  public int entry;
  /** What follows, once it has run: blocks of the same page only, so that they retire together. */
  @Nullable Block nextBlock;
  @Nullable Block targetBlock;

  /** Place in {@link CodePage}. */
  public int offset;
  public @Nullable CodePage page;
  @Nullable Block sameBucket;
  /** Host offset of the second page that its one instruction reaches into, or -1. */
  long secondHost = -1;
  @Nullable CodePage secondPage;
  /** The code it was decoded from, to be compared at each entry; null where writes to the page are noticed. */
  byte @Nullable [] bytes;

  Block(
      Op[] ops, short[] offsets, byte[] before, int instructions, int length, int lastOffset, int mode, int target, boolean stops) {
    this.ops = ops;
    this.offsets = offsets;
    this.before = before;
    this.instructions = instructions;
    this.length = length;
    this.lastOffset = lastOffset;
    this.mode = mode;
    next = length;
    this.target = target;
    this.stops = stops;
  }

  /** Offset of the instruction that operation {@code n} begins with. */
  int offsetOf(int n) {
    return offsets[n];
  }

  /** Instructions before operation {@code n}; all when it is past the last. */
  int instructionsBefore(int n) {
    return n < before.length ? before[n] : instructions;
  }

  /** Its code is no more: stops it where it runs, and keeps it from being entered again. */
  void retire() {
    host = -1;
    region = null;
    page = null;
    nextBlock = null;
    targetBlock = null;
    Arrays.fill(ops, Retired.INSTANCE);
  }

  boolean retired() {
    return page == null;
  }
}
