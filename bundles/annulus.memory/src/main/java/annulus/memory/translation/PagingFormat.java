package annulus.memory.translation;

/**
 * The shape of one kind of translation table: how many levels, which bits index each, which are reserved, and what an entry
 * allows. The walk itself is {@link PageWalker}'s. A level is numbered as the manuals do: 1 is the page table, 2 the page
 * directory, 3 the PDPT, 4 and 5 PML4 and PML5.
 *
 * <p>Levels, positions and reserved bits are data; the two questions in which x86, EPT, NPT and VT-d entries differ are methods.
 */
public abstract class PagingFormat {
  /** Deepest table any format has. */
  public static final int MAX_LEVELS = 5;

  /** Tables on the way to a 4 KiB page. */
  final int levels;
  /** 4 or 8 bytes. */
  final int entrySize;
  /** Index bits per level. */
  final int indexBits;
  /** Bits of the address that an entry holds of the next table or of a page. */
  final long addressMask;
  /** Bit that makes an entry of a level above 1 a page; 0 where the level has none. By level. */
  final long[] pageBit = new long[MAX_LEVELS + 1];
  /** Bits that must be zero in an entry that points to a table, by level. */
  final long[] reservedTable = new long[MAX_LEVELS + 1];
  /** Bits that must be zero in an entry that maps a page, by level. */
  final long[] reservedPage = new long[MAX_LEVELS + 1];
  /** Accessed and dirty flags; 0 where the format keeps none. */
  final long accessed;
  final long dirty;

  /** A format whose entries index {@code indexBits} address bits each. */
  protected PagingFormat(int levels, int entrySize, int indexBits, long addressMask, long accessed, long dirty) {
    this.levels = levels;
    this.entrySize = entrySize;
    this.indexBits = indexBits;
    this.addressMask = addressMask;
    this.accessed = accessed;
    this.dirty = dirty;
  }

  /** Whether the entry translates at all. */
  protected abstract boolean present(long entry);

  /** What the entry allows, as {@link Access} bits READ, WRITE, EXECUTE and USER; a walk allows what all its entries do. */
  protected abstract int rights(long entry);

  /** Physical address of the page that {@code entry} of {@code level} maps. */
  protected long page(long entry, int level) {
    return entry & addressMask & -1L << shift(level);
  }

  /** Lowest address bit that {@code level} translates: log2 of the size of a page there. */
  final int shift(int level) {
    return 12 + (level - 1) * indexBits;
  }
}
