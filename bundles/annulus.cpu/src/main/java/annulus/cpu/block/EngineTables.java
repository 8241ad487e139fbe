package annulus.cpu.block;

import annulus.memory.translation.SoftTlb;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The tables of one engine, a megabyte. The classes of compiled regions keep those of their engine reachable until the JVM unloads them:
 * were they new for each, collections of garbage would copy what all engines have left behind that were replaced since the last.
 * An engine gives them back, and the next takes them.
 */
final class EngineTables {
  static final int JUMPS = 1 << 14;
  static final int RECENT = 1 << 10;
  static final int LINKS = 1 << 13;
  static final int LINK_SHIFT = 2;
  /** What a host keeps that nobody uses: as many processors can be replaced at once without new ones. */
  private static final int MOST_SPARE = 8;
  private static final Deque<EngineTables> SPARE = new ArrayDeque<>();

  final SoftTlb tlb = new SoftTlb();
  final SharedOps operations = new SharedOps();
  /** As {@link BlockCache} describes these. */
  final @Nullable Block[] jumps = new Block[JUMPS];
  final @Nullable CodePage[] recent = new CodePage[RECENT];
  final long[] links = new long[LINKS << LINK_SHIFT];
  final @Nullable Region[] linkRegions = new Region[LINKS];
  final @Nullable Block[] linkBlocks = new Block[LINKS];

  private EngineTables() {
    forgetLinks();
  }

  /** Empty tables. */
  static EngineTables take() {
    synchronized (SPARE) {
      EngineTables spare = SPARE.pollLast();
      if (spare != null) {
        return spare;
      }
    }
    return new EngineTables();
  }

  /** Gives them to whoever comes next: nothing must run any more that uses them. */
  void giveBack() {
    forgetBlocks();
    operations.clear();
    tlb.flush();
    tlb.fills = 0;
    tlb.flushes = 0;
    synchronized (SPARE) {
      if (SPARE.size() < MOST_SPARE) {
        SPARE.addLast(this);
      }
    }
  }

  void forgetBlocks() {
    Arrays.fill(jumps, null);
    Arrays.fill(recent, null);
    forgetLinks();
  }

  private void forgetLinks() {
    Arrays.fill(links, -1); // no key is negative
    Arrays.fill(linkRegions, null);
    Arrays.fill(linkBlocks, null);
  }
}
