package annulus.cpu.block;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The blocks that one engine has decoded from one guest frame. */
public final class CodePage {
  private static final int BUCKETS = 64;
  /** A page retired this often in a short while holds data beside its code. */
  private static final int HOT = 16;
  /** Guest instructions after which earlier retirements no longer count. */
  private static final long COOLING = 10_000_000;

  final long hostFrame;
  public final long gfn;
  /** Writes to the page are noticed. */
  boolean watched;
  private final @Nullable Block[] buckets = new Block[BUCKETS];
  /** Blocks that begin in another page and reach into this one. */
  /** Regions by mode and offset of entry. */
  private final Map<Integer, Region> regions = new HashMap<>();
  private final List<Block> crossing = new ArrayList<>();
  /** A region of this page is being compiled. */
  public boolean compiling;
  private int retirements;
  private long lastRetirement;
  private int operations;

  CodePage(long hostFrame, long gfn) {
    this.hostFrame = hostFrame;
    this.gfn = gfn;
  }

  /** Where decoded blocks of {@code mode} begin: code that has been run. */
  public BitSet starts(int mode) {
    BitSet starts = new BitSet(4096);
    for (Block bucket : buckets) {
      for (Block b = bucket; b != null; b = b.sameBucket) {
        if (b.mode == mode && b.host >= 0) {
          starts.set(b.offset);
        }
      }
    }
    return starts;
  }

  /** Puts {@code r} in the place of the blocks that begin at {@code entries}, those still to be decoded included. */
  public void install(Region r, int mode, BitSet entries) {
    for (int n = entries.nextSetBit(0); n >= 0; n = entries.nextSetBit(n + 1)) {
      if (regions.putIfAbsent(key(n, mode), r) == null) {
        Block b = find(n, mode);
        if (b != null && b.host >= 0) {
          b.region = r;
          b.heat = 0;
        }
      }
    }
  }

  /** Where regions of {@code mode} can be entered. */
  public BitSet entries(int mode) {
    BitSet entries = new BitSet(4096);
    for (int key : regions.keySet()) {
      if (key >>> 12 == mode) {
        entries.set(key & 0xFFF);
      }
    }
    return entries;
  }

  private static int key(int offset, int mode) {
    return mode << 12 | offset;
  }

  public @Nullable Block find(int offset, int mode) {
    for (Block b = buckets[offset & BUCKETS - 1]; b != null; b = b.sameBucket) {
      if (b.offset == offset && b.mode == mode && !b.retired()) {
        return b;
      }
    }
    return null;
  }

  void add(Block b) {
    b.page = this;
    Region r = b.host < 0 ? null : regions.get(key(b.offset, b.mode));
    if (r != null) {
      b.region = r;
      b.heat = 0;
    }
    b.sameBucket = buckets[b.offset & BUCKETS - 1];
    buckets[b.offset & BUCKETS - 1] = b;
    operations += b.ops.length;
  }

  void addCrossing(Block b) {
    crossing.removeIf(Block::retired);
    crossing.add(b);
  }

  /** Takes one block out. */
  void remove(Block b) {
    Block before = null;
    Block x = buckets[b.offset & BUCKETS - 1];
    while (x != null && x != b) {
      before = x;
      x = x.sameBucket;
    }
    if (before == null) {
      buckets[b.offset & BUCKETS - 1] = b.sameBucket;
    } else {
      before.sameBucket = b.sameBucket;
    }
    b.retire();
  }

  /** Retires all blocks. @return how many operations they held */
  int clear() {
    for (int n = 0; n < BUCKETS; n++) {
      for (Block b = buckets[n]; b != null; b = b.sameBucket) {
        b.retire();
      }
      buckets[n] = null;
    }
    regions.clear();
    crossing.forEach(Block::retire);
    crossing.clear();
    int before = operations;
    operations = 0;
    return before;
  }

  void written(long instructionsSoFar) {
    if (instructionsSoFar - lastRetirement > COOLING) {
      retirements = 0;
    }
    retirements++;
    lastRetirement = instructionsSoFar;
  }

  /** Whether the page is written so often that watching it costs more than comparing the code at each entry. */
  boolean hot(long instructionsSoFar) {
    return retirements >= HOT && instructionsSoFar - lastRetirement <= COOLING;
  }
}
