package annulus.cpu.block;

import annulus.cpu.Cpu;
import annulus.cpu.block.op.Op;

/**
 * Compiled code of one processor that stands in for hot blocks and what follows them, in a page or in some at fixed distances.
 * Position-independent, like blocks: it is told where the first page begins. What it covers must be mapped as when it was
 * compiled, which the engine sees to each time it enters.
 */
public abstract class Region {
  /** What {@link #run} returns where it was left before an instruction. */
  public static final long LEFT = Long.MIN_VALUE;
  /** What it returns where it was left before anything was run. */
  public static final long NOT_ENTERED = Long.MIN_VALUE + 1;

  /**
   * Being left costs as much as so many instructions, and so many may be lost by it: in the long run a region is not left more often than
   * after {@link #COST_OF_LEAVING} instructions.
   */
  private static final long COST_OF_LEAVING = 5_000;
  private static final long PATIENCE = 400 * COST_OF_LEAVING;
  /**
   * What one earns that stays: two pages of the guest's may have the same place in the TLB, and what goes through one of them while it
   * uses the other is left some thousand times there and nowhere else.
   */
  private static final long MOST_PATIENCE = 50 * PATIENCE;

  /** Most instructions between two looks at the budget; it is not entered with less left. */
  public final int most;
  /** Its tier, for {@link BlockEngine#tier}. */
  public final int tier;
  /** What it covers, by linear address. */
  final CodePage[] pages;
  /** Of each page: distance from the first, in pages. */
  final int[] distances;
  /** Of each instruction: offset in the region, and how many more than have run before it have been taken from the budget. */
  private final int[] offsets;
  private final short[] unrun;
  /** Instructions whose operand lies in the stack segment. */
  private final boolean[] stack;
  /** Offsets behind calls through registers or memory of which it keeps where they go. */
  public final int[] calls;
  /** For each of these the last two targets, as distances from the start of the first page; 0 for none. */
  public final long[] called;

  /** Instructions until {@link HotBlocks#grow} hears of it. */
  public long heat = Long.MAX_VALUE;
  /**
   * Times that it has been entered; before it has grown, only from regions of other pages or from interpreted code, since those of a page
   * may become one.
   */
  public long entries;
  /** Instructions that {@link #heat} began with when {@link #entries} were none. */
  public long sample;
  /** Instructions that it had run before that. */
  public long sampled;
  /** It has come of {@link HotBlocks#grow}. */
  public boolean grown;
  /** Control stays so long each time that others gain nothing by having its code as well. */
  public boolean lasts;
  /** It is not entered unless its accesses to the stack are in one page. */
  public boolean looksAtStack;
  /** When it was left the last time it had not been entered. */
  public boolean notEntered;
  private long patience = PATIENCE;
  /** Falls with each call that does not come back, below zero when many have not: see {@link RegionRunner#call}. */
  int trust = RegionRunner.MOST_TRUST;

  protected Region(Shape shape) {
    most = shape.most;
    tier = shape.tier;
    pages = shape.pages;
    distances = shape.distances;
    offsets = shape.offsets;
    unrun = shape.unrun;
    stack = shape.stack;
    calls = shape.calls;
    called = shape.called;
  }

  /**
   * What {@link Region} knows of the code.
   *
   * @param tier number of its tier, more than {@link BlockEngine#INTERPRETED}
   * @param unrun by an instruction's number: how many more than have run before it have been taken from the budget; negative where these
   *     are fewer
   */
  @SuppressWarnings("ArrayRecordComponent") // read by the engine at each entry
  public record Shape(int most, int tier, CodePage[] pages, int[] distances, int[] offsets, short[] unrun, boolean[] stack, int[] calls,
      long[] called) { }

  /**
   * Runs from an entry until control leaves the region, the budget gets short or an event of those in {@link Op#ATTENTION} is
   * pending. What it throws leaves word in {@link Op#AT} and {@link Op#REST}, as it does when it returns {@link #LEFT}: before the
   * instruction that it says, which is to be run by others.
   *
   * @param start where the first page begins, as an instruction pointer
   * @param entry offset of the first instruction, one of those the region was installed for
   * @return what is left of the budget {@code rest}, and {@code cpu.rip} is the next instruction; or {@link #LEFT}, or
   *     {@link #NOT_ENTERED}
   */
  public abstract long run(long start, int entry, long rest);

  /** {@link HotBlocks#grow} hears of it after so many instructions from now on. */
  public final void growAfter(long instructions) {
    heat = instructions;
    sample = instructions;
    entries = 0;
  }

  /** It has run so many instructions without being left. */
  public final void stayed(long instructions) {
    if (patience >= 0) {
      patience = Math.min(patience + instructions, MOST_PATIENCE);
    }
  }

  /** It was left after so many instructions. @return whether that is too often and nobody has heard of it */
  final boolean leftTooOften(long instructions) {
    if (patience >= 0) {
      stayed(instructions);
      patience -= COST_OF_LEAVING;
      if (patience < 0) {
        heat = 0;
      }
    }
    return heat == 0;
  }

  /** Whether it has been left too often in the long run. */
  public final boolean isLeftTooOften() {
    return patience < 0;
  }

  final long restAtFault(Cpu c) {
    return c.gpr[Op.REST] + unrun[(int) c.gpr[Op.AT]];
  }

  final int offsetAtFault(Cpu c) {
    return offsets[(int) c.gpr[Op.AT]];
  }

  final boolean stackAtFault(Cpu c) {
    return stack[(int) c.gpr[Op.AT]];
  }
}
