package annulus.memory.translation;

import annulus.arch.Cr4;
import annulus.arch.Efer;

/**
 * The guest's own paging structures, SDM 3A 4.3 to 4.5, figures 4-4, 4-7 and 4-11:
 *
 * <pre>
 * 63 62    59       M-1        12 11  9 8 7  6 5 4   3   2   1   0
 * XD  PKEY    zero  | address    | avl |G PS D A PCD PWT U/S R/W P      M = physical-address width
 * </pre>
 *
 * 32-bit paging has the low half of that; a 4 MiB page holds address bits 39-32 in bits 20-13 (PSE-36).
 */
final class X86PagingFormat extends PagingFormat {
  static final long PRESENT = 1;
  static final long WRITABLE = 1 << 1;
  static final long USER = 1 << 2;
  static final long ACCESSED = 1 << 5;
  static final long DIRTY = 1 << 6;
  static final long PAGE_SIZE = 1 << 7;
  static final long GLOBAL = 1 << 8;
  static final long EXECUTE_DISABLE = 1L << 63;
  private static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;

  private final boolean noExecute;
  private final boolean pse36;

  private X86PagingFormat(int levels, int entrySize, int indexBits, long addressMask, boolean noExecute) {
    super(levels, entrySize, indexBits, addressMask, ACCESSED, DIRTY);
    this.noExecute = noExecute;
    pse36 = entrySize == 4;
  }

  /** The format that the control registers select; PAE's PDPTEs are registers, so its tables have two levels. */
  static X86PagingFormat of(long cr4, long efer, int physicalBits) {
    if ((cr4 & Cr4.PAE) == 0) {
      return legacy((cr4 & Cr4.PSE) != 0, physicalBits);
    }
    boolean nx = (efer & Efer.NXE) != 0;
    if ((efer & Efer.LMA) == 0) {
      return pae(nx, physicalBits);
    }
    return longMode((cr4 & Cr4.LA57) != 0 ? 5 : 4, nx, physicalBits);
  }

  private static X86PagingFormat legacy(boolean pse, int physicalBits) {
    X86PagingFormat f = new X86PagingFormat(2, 4, 10, 0xFFFF_F000L, false);
    if (pse) {
      f.pageBit[2] = PAGE_SIZE;
      // Bit 21, and those of bits 20-13 that stand for address bits the processor does not have (SDM 3A 4.3, table 4-4).
      int bits = Math.min(physicalBits, 40);
      f.reservedPage[2] = 1 << 21 | ((1L << 40) - (1L << bits)) >>> 32 << 13;
    }
    return f;
  }

  private static X86PagingFormat pae(boolean nx, int physicalBits) {
    X86PagingFormat f = new X86PagingFormat(2, 8, 9, ADDRESS, nx);
    long high = (1L << 63) - (1L << physicalBits) | (nx ? 0 : EXECUTE_DISABLE);
    f.reserve(high);
    f.pageBit[2] = PAGE_SIZE;
    f.reservedPage[2] |= belowPage(21);
    return f;
  }

  private static X86PagingFormat longMode(int levels, boolean nx, int physicalBits) {
    X86PagingFormat f = new X86PagingFormat(levels, 8, 9, ADDRESS, nx);
    long high = (1L << 52) - (1L << physicalBits) | (nx ? 0 : EXECUTE_DISABLE);
    f.reserve(high);
    f.pageBit[2] = PAGE_SIZE;
    f.reservedPage[2] |= belowPage(21);
    f.pageBit[3] = PAGE_SIZE;
    f.reservedPage[3] |= belowPage(30);
    f.reservedTable[4] |= PAGE_SIZE;
    f.reservedTable[5] |= PAGE_SIZE;
    return f;
  }

  private void reserve(long bits) {
    for (int level = 1; level <= levels; level++) {
      reservedTable[level] = bits;
      reservedPage[level] = bits;
    }
  }

  /** Address bits below a large page's, but for bit 12, which is PAT. */
  private static long belowPage(int shift) {
    return (1L << shift) - (1 << 13);
  }

  @Override protected boolean present(long entry) {
    return (entry & PRESENT) != 0;
  }

  @Override protected int rights(long entry) {
    int rights = Access.READ | Access.EXECUTE;
    if ((entry & WRITABLE) != 0) {
      rights |= Access.WRITE;
    }
    if ((entry & USER) != 0) {
      rights |= Access.USER;
    }
    if (noExecute && entry < 0) {
      rights &= ~Access.EXECUTE;
    }
    return rights;
  }

  @Override protected long page(long entry, int level) {
    if (pse36 && level == 2) {
      return entry & 0xFFC0_0000L | (entry & 0x1F_E000L) << 19;
    }
    return super.page(entry, level);
  }

  /** Whether four PDPTEs of PAE paging may be loaded: present ones have no reserved bit set (SDM 3A 4.4.1, table 4-8). */
  static boolean pdptesValid(long[] pdptes, int physicalBits) {
    long reserved = -(1L << physicalBits) | 0x1E6;
    for (long e : pdptes) {
      if ((e & PRESENT) != 0 && (e & reserved) != 0) {
        return false;
      }
    }
    return true;
  }
}
