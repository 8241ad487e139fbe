package annulus.oracle;

import annulus.memory.translation.Access;
import annulus.memory.translation.PagingState;
import annulus.memory.translation.SoftTlb;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;
import java.util.Map;

/** The address space of {@link Layout}: three pages for user accesses, and two with descriptor tables for the processor's own. */
final class WindowTranslation implements Translation {
  /** Linear address of the descriptor tables, global then local. */
  static final long TABLES = 0xFFFF_FE00_0000_0000L;
  static final long READ_ONLY = Layout.DATA_SIZE;
  static final long GLOBAL = READ_ONLY + Layout.PAGE;
  static final long LOCAL = GLOBAL + Layout.PAGE;
  static final int PAGES = (int) (LOCAL >>> 12) + 1;
  private static final int NOT_PRESENT = 0;
  private static final int PRESENT = 1;
  private static final int WRITE = 2;
  private static final int USER = 4;

  private final long data;
  private final long readOnly;

  WindowTranslation(long base) {
    data = base + Layout.DATA;
    readOnly = base + Layout.READ_ONLY;
  }

  @Override public int translate(PagingState state, long linear, int access, Walk walk) {
    boolean user = (access & Access.USER) != 0;
    long offset = linear - data;
    if (user && offset >= 0 && offset < Layout.DATA_SIZE) {
      return found(walk, offset, Access.READ | Access.WRITE);
    }
    offset = linear - readOnly;
    if (user && offset >= 0 && offset < Layout.PAGE) {
      return (access & Access.WRITE) != 0 ? refused(walk, access, PRESENT) : found(walk, READ_ONLY + offset, Access.READ);
    }
    offset = linear - TABLES;
    if (!user && offset >= 0 && offset < 2 * Layout.PAGE) {
      return found(walk, GLOBAL + offset, Access.READ | Access.WRITE);
    }
    return refused(walk, access, NOT_PRESENT);
  }

  private static int found(Walk walk, long gpa, int rights) {
    walk.gpa = gpa;
    walk.pageShift = 12;
    walk.rights = rights;
    walk.global = false;
    return OK;
  }

  private static int refused(Walk walk, int access, int present) {
    walk.errorCode = present | ((access & Access.WRITE) != 0 ? WRITE : 0) | ((access & Access.USER) != 0 ? USER : 0);
    return PAGE_FAULT;
  }

  @Override public int context(PagingState state, int access, SoftTlb tlb) {
    return (access & Access.USER) != 0 ? 1 : 0;
  }

  @Override public boolean loadPdptes(PagingState state, long cr3, long[] pdptes) {
    return true;
  }

  @Override public void rootLoaded(PagingState state, boolean keep, SoftTlb tlb) {
    tlb.flush();
  }

  @Override public void modeChanged(PagingState state, SoftTlb tlb) {
    tlb.flush();
  }

  @Override public void invalidatePage(PagingState state, long linear, SoftTlb tlb) {
    tlb.invalidate(linear);
  }

  @Override public void invalidatePcid(PagingState state, int type, int pcid, long linear, SoftTlb tlb) {
    tlb.flush();
  }

  @Override public void flush(SoftTlb tlb) {
    tlb.flush();
  }

  @Override public Map<String, Long> counters() {
    return Map.of();
  }

  @Override public void close() {}
}
