package annulus.memory.translation;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.memory.GuestMemory;

/**
 * The guest's own paging: a walk of its tables and the rules of who may do what with the page (SDM 3A 4.6), up to the page fault's
 * error code (4.7) and the accessed and dirty flags (4.8). Flags are set only when the access is allowed. One instance per
 * virtual processor.
 */
public final class GuestPaging {
  /** Page-fault error code, SDM 3A 4.7. */
  private static final int ERROR_PRESENT = 1;
  private static final int ERROR_WRITE = 1 << 1;
  private static final int ERROR_USER = 1 << 2;
  private static final int ERROR_RESERVED = 1 << 3;
  private static final int ERROR_FETCH = 1 << 4;
  private static final int ERROR_KEY = 1 << 5;

  private static final int ALL = Access.READ | Access.WRITE | Access.EXECUTE;
  private static final long ROOT_LONG = 0x000F_FFFF_FFFF_F000L;
  private static final long FORMAT_CR4 = Cr4.PAE | Cr4.PSE | Cr4.LA57;
  private static final long FORMAT_EFER = Efer.LMA | Efer.NXE;

  private final PageWalker walker;
  private final int physicalBits;
  private long formatKey = -1;
  private X86PagingFormat format;
  private long walks;
  private long faults;

  public GuestPaging(GuestMemory memory, int physicalBits) {
    if (physicalBits < 36 || physicalBits > 52) {
      throw new IllegalArgumentException(physicalBits + " bits of guest-physical addresses; 36 to 52 are possible");
    }
    this.physicalBits = physicalBits;
    walker = new PageWalker(memory);
    format = X86PagingFormat.of(0, 0, physicalBits);
  }

  public long walks() {
    return walks;
  }

  public long references() {
    return walker.references;
  }

  public long faults() {
    return faults;
  }

  /** As {@link Translation#translate}. */
  public int translate(PagingState s, long linear, int access, Walk walk) {
    walk.global = false;
    if ((s.cr0 & Cr0.PG) == 0) {
      walk.gpa = linear & 0xFFFF_FFFFL;
      walk.pageShift = 63;
      walk.rights = ALL;
      return Translation.OK;
    }
    boolean longMode = (s.efer & Efer.LMA) != 0;
    long address = longMode ? linear : linear & 0xFFFF_FFFFL;
    X86PagingFormat f = format(s);
    for (;;) {
      walks++;
      int found = walkFrom(s, f, address, longMode);
      if (found != PageWalker.FOUND) {
        int code = found == PageWalker.RESERVED ? ERROR_PRESENT | ERROR_RESERVED : 0;
        return fault(s, access, code, walk);
      }
      if ((access & Access.PROBE) == 0) {
        int keyDenies = longMode ? keyDenies(s, access) : 0;
        int allowed = allowed(s, access, walker.rights) & ~keyDenies;
        if ((access & ALL & ~allowed) != 0) {
          return fault(s, access, ERROR_PRESENT | ((access & keyDenies) != 0 ? ERROR_KEY : 0), walk);
        }
        if (!walker.touch(f, (access & Access.WRITE) != 0)) {
          continue;
        }
        walk.rights = walker.dirty(f) ? allowed : allowed & ~Access.WRITE;
        walk.global = (walker.leaf & X86PagingFormat.GLOBAL) != 0 && (s.cr4 & Cr4.PGE) != 0;
      }
      walk.gpa = walker.gpa;
      walk.pageShift = walker.pageShift;
      return Translation.OK;
    }
  }

  private int walkFrom(PagingState s, X86PagingFormat f, long address, boolean longMode) {
    if (longMode) {
      return walker.walk(f, s.cr3 & ROOT_LONG, address, ALL | Access.USER);
    }
    if ((s.cr4 & Cr4.PAE) == 0) {
      return walker.walk(f, s.cr3 & 0xFFFF_F000L, address, ALL | Access.USER);
    }
    long pdpte = s.pdpte[(int) (address >>> 30)];
    if ((pdpte & X86PagingFormat.PRESENT) == 0) {
      return PageWalker.NOT_PRESENT;
    }
    return walker.walk(f, pdpte & ROOT_LONG, address, ALL | Access.USER);
  }

  /** SDM 3A 4.6.1: what this kind of access may do on a page whose entries allow {@code rights}. */
  private static int allowed(PagingState s, int access, int rights) {
    boolean userPage = (rights & Access.USER) != 0;
    int allowed = rights & ALL;
    if ((access & Access.USER) != 0) {
      return userPage ? allowed : 0;
    }
    if ((s.cr0 & Cr0.WP) == 0) {
      allowed |= Access.WRITE;
    }
    if (userPage) {
      if ((s.cr4 & Cr4.SMAP) != 0 && (!s.alignmentCheck || (access & Access.IMPLICIT) != 0)) {
        allowed &= Access.EXECUTE;
      }
      if ((s.cr4 & Cr4.SMEP) != 0) {
        allowed &= ~Access.EXECUTE;
      }
    }
    return allowed;
  }

  /** SDM 3A 4.6.2: kinds of data access that the protection key of a user page forbids. */
  private int keyDenies(PagingState s, int access) {
    if ((s.cr4 & Cr4.PKE) == 0 || (walker.rights & Access.USER) == 0) {
      return 0;
    }
    int key = (int) (walker.leaf >>> 59) & 15;
    int rights = s.pkru >>> 2 * key;
    if ((rights & 1) != 0) {
      return Access.READ | Access.WRITE;
    }
    boolean writeChecked = (access & Access.USER) != 0 || (s.cr0 & Cr0.WP) != 0;
    return (rights & 2) != 0 && writeChecked ? Access.WRITE : 0;
  }

  private int fault(PagingState s, int access, int code, Walk walk) {
    faults++;
    if ((access & Access.WRITE) != 0) {
      code |= ERROR_WRITE;
    }
    if ((access & Access.USER) != 0) {
      code |= ERROR_USER;
    }
    boolean noExecute = (s.cr4 & Cr4.PAE) != 0 && (s.efer & Efer.NXE) != 0;
    if ((access & Access.EXECUTE) != 0 && (noExecute || (s.cr4 & Cr4.SMEP) != 0)) {
      code |= ERROR_FETCH;
    }
    walk.errorCode = code;
    return Translation.PAGE_FAULT;
  }

  private X86PagingFormat format(PagingState s) {
    long key = s.cr4 & FORMAT_CR4 | (s.efer & FORMAT_EFER) << 32;
    if (key != formatKey) {
      format = X86PagingFormat.of(s.cr4, s.efer, physicalBits);
      formatKey = key;
    }
    return format;
  }

  /** As {@link Translation#loadPdptes}. */
  public boolean loadPdptes(long cr3, long[] pdptes) {
    long[] loaded = new long[4];
    for (int i = 0; i < 4; i++) {
      loaded[i] = walker.read((cr3 & 0xFFFF_FFE0L) + 8 * i, 8);
    }
    if (!X86PagingFormat.pdptesValid(loaded, physicalBits)) {
      return false;
    }
    System.arraycopy(loaded, 0, pdptes, 0, 4);
    return true;
  }
}
