package annulus.memory.translation;

import annulus.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Walks the tables of one {@link PagingFormat} in guest-physical memory. A walk only looks; what it found stays in the fields.
 * Once the caller has decided that the access is allowed it lets {@link #touch} set the accessed and dirty flags.
 */
public final class PageWalker {
  /** The page is there. */
  public static final int FOUND = 0;
  /** An entry on the way is not present. */
  public static final int NOT_PRESENT = 1;
  /** An entry on the way has a reserved bit set. */
  public static final int RESERVED = 2;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** After {@link #FOUND}: what all entries allow, {@link Access} bits. */
  public int rights;
  /** The entry that maps the page, or the last one read. */
  public long leaf;
  /** log2 of the page's size. */
  public int pageShift;
  /** Guest-physical address that the address walked for maps to. */
  public long gpa;
  /** Table entries read since the start. */
  public long references;

  private final GuestMemory memory;
  private final MemorySegment pool;
  private final long[] entryAddress = new long[PagingFormat.MAX_LEVELS + 1];
  private final long[] entry = new long[PagingFormat.MAX_LEVELS + 1];
  private int leafLevel;

  public PageWalker(GuestMemory memory) {
    this.memory = memory;
    pool = memory.pool();
  }

  /**
   * Walks from the table at {@code root} for {@code address}.
   *
   * @param rights what the caller knows to be allowed already, for instance everything
   */
  public int walk(PagingFormat f, long root, long address, int rights) {
    long table = root;
    int level = f.levels;
    for (;;) {
      int index = (int) (address >>> f.shift(level)) & (1 << f.indexBits) - 1;
      long at = table + (long) index * f.entrySize;
      long e = read(at, f.entrySize);
      entryAddress[level] = at;
      entry[level] = e;
      leaf = e;
      if (!f.present(e)) {
        return NOT_PRESENT;
      }
      boolean page = level == 1 || (e & f.pageBit[level]) != 0;
      if ((e & (page ? f.reservedPage[level] : f.reservedTable[level])) != 0) {
        return RESERVED;
      }
      rights &= f.rights(e);
      if (page) {
        leafLevel = level;
        pageShift = f.shift(level);
        this.rights = rights;
        gpa = f.page(e, level) | address & (1L << pageShift) - 1;
        return FOUND;
      }
      table = e & f.addressMask;
      level--;
    }
  }

  /**
   * Sets the accessed flag in every entry of the last walk and, for a write, the dirty flag in the last.
   *
   * @return false when an entry has changed meanwhile: walk again
   */
  public boolean touch(PagingFormat f, boolean write) {
    for (int level = f.levels; level >= leafLevel; level--) {
      long want = level == leafLevel && write ? f.accessed | f.dirty : f.accessed;
      long e = entry[level];
      if ((e & want) != want) {
        if (!memory.writable(entryAddress[level])) {
          // Tables in ROM or outside memory: nothing can be recorded there.
          continue;
        }
        if (!memory.compareAndSet(entryAddress[level], f.entrySize, e, e | want)) {
          return false;
        }
        entry[level] = e | want;
      }
    }
    leaf = entry[leafLevel];
    return true;
  }

  /** Whether the page's dirty flag is set, or the format has none. */
  public boolean dirty(PagingFormat f) {
    return (leaf & f.dirty) == f.dirty;
  }

  /** An entry; where there is no memory nothing answers and all bits read as ones. */
  long read(long at, int size) {
    references++;
    long host = memory.hostOffset(at);
    if (host < 0) {
      return size == 4 ? 0xFFFF_FFFFL : -1;
    }
    return size == 4 ? pool.get(INT, host) & 0xFFFF_FFFFL : pool.get(LONG, host);
  }
}
