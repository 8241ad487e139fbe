package annulus.cpu.block;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The blocks that one engine has decoded from one guest frame. */
public final class CodePage {
  /** Executions after which a block is hot again that has lost its region. */
  private static final int REHEAT = 500;
  private static final int BUCKETS = 64;
  /** A page retired this often in a short while holds data beside its code. */
  private static final int HOT = 16;
  /** Guest instructions after which earlier retirements no longer count. */
  private static final long COOLING = 100_000;

  final long hostFrame;
  public final long gfn;
  /** Writes to the page are noticed. */
  boolean watched;
  private final @Nullable Block[] buckets = new Block[BUCKETS];
  /** A region and where in it this page begins. */
  private record Installed(Region region, int bias) { }

  /** Regions by mode and offset of entry. */
  private final Map<Integer, Installed> regions = new HashMap<>();
  /** Pages with entries to regions that cover this one too. */
  private final Set<CodePage> neighbours = new HashSet<>();
  /** Blocks that begin in another page and reach into this one. */
  private final List<Block> crossing = new ArrayList<>();
  /** A region of this page is being compiled. */
  public boolean compiling;
  /** Regions of this page must not share probes between accesses. */
  public boolean apart;
  /** Nor may accesses to the stack: it lay on both sides of a border of pages. */
  public boolean stackOnBorder;
  /** One that does without is being compiled in the place of one that was left all the time. */
  public boolean otherComing;
  private int retirements;
  private long lastRetirement;
  private int operations;
  private int version;

  CodePage(long hostFrame, long gfn) {
    this.hostFrame = hostFrame;
    this.gfn = gfn;
  }

  /** Where those decoded blocks of {@code mode} begin that are {@code wanted}. Sets bits of {@code starts} from {@code bias} on. */
  public void starts(int mode, Predicate<Block> wanted, BitSet starts, int bias) {
    for (Block bucket : buckets) {
      for (Block b = bucket; b != null; b = b.sameBucket) {
        if (b.mode == mode && b.staysDecoded() && wanted.test(b)) {
          starts.set(bias + b.offset);
        }
      }
    }
  }

  /**
   * Puts {@code r} in the place of the blocks that begin at {@code entries}, those still to be decoded included.
   *
   * @param entries where the region can be entered; this page's places are counted from {@code from}
   * @param bias where in the region this page begins
   * @param instead of which other regions it takes the place
   */
  public void install(Region r, int mode, BitSet entries, int from, int bias, Predicate<Region> instead) {
    boolean any = false;
    for (int n = entries.nextSetBit(from); n >= 0 && n < from + 4096; n = entries.nextSetBit(n + 1)) {
      int key = key(n - from, mode);
      Installed other = regions.get(key);
      if (other == null || instead.test(other.region)) {
        regions.put(key, new Installed(r, bias));
        any = true;
        Block b = find(n - from, mode);
        if (b != null && b.host >= 0) {
          enter(b, r, bias + n - from);
        }
      }
    }
    if (any) {
      for (CodePage p : r.pages) {
        if (p != this) {
          p.neighbours.add(this);
        }
      }
    }
  }

  private static void enter(Block b, Region r, int entry) {
    b.region = r;
    b.entry = entry;
    b.heat = 0;
  }

  /** Sets bits of {@code entries}, from {@code bias} on, where those regions of {@code mode} can be entered that are {@code wanted}. */
  public void entries(int mode, Predicate<Region> wanted, BitSet entries, int bias) {
    for (Map.Entry<Integer, Installed> e : regions.entrySet()) {
      int key = e.getKey();
      if (key >>> 12 == mode && wanted.test(e.getValue().region)) {
        entries.set(bias + (key & 0xFFF));
      }
    }
  }

  /** Shows the regions of {@code mode} that can be entered in this page, and at which of their offsets it begins; some more than once. */
  public void regions(int mode, ObjIntConsumer<Region> to) {
    regions.forEach((key, installed) -> {
      if (key >>> 12 == mode) {
        to.accept(installed.region, installed.bias);
      }
    });
  }

  /** Forgets regions that cover {@code page}, whose code is no more, and adds them to {@code gone}. */
  private void dropRegionsOver(CodePage page, Set<Region> gone) {
    regions.entrySet().removeIf(e -> {
      if (!List.of(e.getValue().region.pages).contains(page)) {
        return false;
      }
      gone.add(e.getValue().region);
      Block b = find(e.getKey() & 0xFFF, e.getKey() >>> 12);
      if (b != null && b.region == e.getValue().region) {
        b.region = null;
        b.heat = REHEAT;
      }
      return true;
    });
  }

  /** Times that its code has been dropped: whoever looked at it before must look again. */
  public int version() {
    return version;
  }

  /** Host frame of the page, 4 KiB each. */
  public long hostFrame() {
    return hostFrame;
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
    Installed r = b.host < 0 ? null : regions.get(key(b.offset, b.mode));
    if (r != null) {
      enter(b, r.region, r.bias + b.offset);
    }
    b.sameBucket = buckets[b.offset & BUCKETS - 1];
    buckets[b.offset & BUCKETS - 1] = b;
    operations += b.operations();
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

  /**
   * Retires all blocks, and the regions that cover the page.
   *
   * @param gone to which these regions are added
   * @return how many operations the blocks held
   */
  int clear(Set<Region> gone) {
    for (int n = 0; n < BUCKETS; n++) {
      for (Block b = buckets[n]; b != null; b = b.sameBucket) {
        b.retire();
      }
      buckets[n] = null;
    }
    regions.values().forEach(r -> gone.add(r.region));
    regions.clear();
    version++;
    neighbours.forEach(p -> p.dropRegionsOver(this, gone));
    neighbours.clear();
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
