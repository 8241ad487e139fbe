package annulus.cpu.block;

import annulus.cpu.block.op.Op;
import org.jspecify.annotations.Nullable;

/**
 * Decoded code from one entry to the next branch or page end. Position-independent: the same physical code in the same
 * {@link CodeMode} shares one block wherever it is mapped.
 */
public final class Block extends BlockFront {
  /** {@link #target} of a block that branches to no fixed place. */
  public static final int NOWHERE = Integer.MIN_VALUE;

  /** Offset of its last instruction. */
  final int lastOffset;
  /** Ends with an instruction after which the engine must look at the processor's state. */
  final boolean stops;
  /** For each operation its offset and how many instructions lie before it; for faults. */
  private final short[] offsets;
  private final byte[] before;

  /** For {@link HotBlocks}: how often it has heard of the block and found it not hot enough. */
  public int chances;
  /** Where it lies in {@link #region}. */
  public int entry;

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
    super(ops, instructions, mode, target, length);
    this.offsets = offsets;
    this.before = before;
    this.lastOffset = lastOffset;
    this.stops = stops;
  }

  int operations() {
    return before.length;
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
    retireOps();
  }

  /** Whether writes to its code are noticed, so that a region may have it. */
  boolean staysDecoded() {
    return bytes == null && (host >= 0 || secondPage != null);
  }

  boolean retired() {
    return page == null;
  }
}
