package annulus.engine.interpreter;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The blocks that one engine has decoded from one guest frame. */
final class CodePage {
  private static final int BUCKETS = 64;
  /** A page retired this often in a short while holds data beside its code. */
  private static final int HOT = 16;
  /** Guest instructions after which earlier retirements no longer count. */
  private static final long COOLING = 10_000_000;

  final long hostFrame;
  final long gfn;
  /** Writes to the page are noticed. */
  boolean watched;
  private final @Nullable Block[] buckets = new Block[BUCKETS];
  /** Blocks that begin in another page and reach into this one. */
  private final List<Block> crossing = new ArrayList<>();
  private int retirements;
  private long lastRetirement;
  private int operations;

  CodePage(long hostFrame, long gfn) {
    this.hostFrame = hostFrame;
    this.gfn = gfn;
  }

  @Nullable Block find(int offset, int mode) {
    for (Block b = buckets[offset & BUCKETS - 1]; b != null; b = b.sameBucket) {
      if (b.offset == offset && b.mode == mode && !b.retired()) {
        return b;
      }
    }
    return null;
  }

  void add(Block b) {
    b.page = this;
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
