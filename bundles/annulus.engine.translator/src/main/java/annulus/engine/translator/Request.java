package annulus.engine.translator;

import annulus.cpu.block.Block;
import annulus.cpu.block.CodePage;
import annulus.cpu.block.Region;
import java.util.BitSet;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A hot block with its region, and its page and those that its code goes to as they were when {@link Translator} was asked to compile it.
 *
 * @param user whether the code runs outside of the guest's kernel
 * @param grown whether the block had a region that is to be compiled anew, by C2 and larger
 * @param back whether it is to come back from a form with registers in locals
 * @param entry offset of the block
 * @param versions of {@code pages} when their {@code code} was copied
 * @param run indexes where code has been run
 * @param often those of them where it has been run some times
 * @param warm and those where it has been run often enough to be compiled
 * @param elsewhere indexes that are entries of other regions, which do not become part of this one
 * @param before the block's region
 * @param stackPointer RSP at the block, or nothing where the stack turned out to be on both sides of a border of pages now and then
 * @param asked {@link System#nanoTime} of the request
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares requests
record Request(Block block, boolean user, boolean grown, boolean back, Form form, int entry, CodePage[] pages, int[] versions,
    CodeBytes code, BitSet run, BitSet often, BitSet warm, BitSet elsewhere, IndirectCalls indirect, @Nullable Region before,
    OptionalLong stackPointer, long asked) implements RequestQueue.Weighted {
  /** Executions of a block without region that are counted from the request on, to know which one matters most. */
  static final int COUNTING = 1 << 30;
  /** Nanoseconds after which it shows what a region does since it was asked for. */
  private static final long SOON = 3_000_000;

  Request as(Form other) {
    return new Request(block, user, grown, back, other, entry, pages, versions, code, run, often, warm, elsewhere, indirect, before,
        stackPointer, asked);
  }

  /** Whether the block has a region of that form. */
  boolean hotAlready() {
    Region r = block.region;
    return r != null && r.grown && Form.of(r) == Form.HOT;
  }

  /** The page of the block. */
  CodePage page() {
    return pages[code.index(entry) >>> 12];
  }

  /** Whether the block and the code of {@code extent} are still what they were. */
  boolean current(Extent extent) {
    for (int n = extent.pages().nextSetBit(0); n >= 0; n = extent.pages().nextSetBit(n + 1)) { // no stream: see CompileQueue
      if (pages[n].version() != versions[n]) {
        return false;
      }
    }
    return block.page == page();
  }

  /** The pages of {@code extent}. */
  CodePage[] pages(Extent extent) {
    CodePage[] used = new CodePage[extent.pages().cardinality()];
    int count = 0;
    for (int n = extent.pages().nextSetBit(0); n >= 0; n = extent.pages().nextSetBit(n + 1)) {
      used[count++] = pages[n];
    }
    return used;
  }

  /** Their distances from the first that was looked at when the region was written, {@link KeptRegion#moved} by so much. */
  int[] distances(Extent extent, int moved) {
    int[] distances = new int[extent.pages().cardinality()];
    int count = 0;
    for (int n = extent.pages().nextSetBit(0); n >= 0; n = extent.pages().nextSetBit(n + 1)) {
      distances[count++] = code.page(n) - moved / CodeBytes.PAGE;
    }
    return distances;
  }

  /**
   * Instructions that a block has run since, or instructions a nanosecond of a region: one of these may have been busy when it was asked
   * for and not since. Racy, and good enough to choose by.
   */
  @Override public double weight() {
    Region r = block.region;
    if (r != null && r.isLeftTooOften()) {
      // What it was to run is interpreted.
      return Double.MAX_VALUE;
    }
    return r == null ? (double) (COUNTING - block.heat) * block.instructions
        : (double) (Long.MAX_VALUE - r.heat) / (System.nanoTime() - asked + SOON);
  }
}
