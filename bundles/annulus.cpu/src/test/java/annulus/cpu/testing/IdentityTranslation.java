package annulus.cpu.testing;

import annulus.memory.translation.Access;
import annulus.memory.translation.PagingState;
import annulus.memory.translation.SoftTlb;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;
import java.util.HashMap;
import java.util.Map;

/** Linear addresses are guest-physical ones, masked; single pages can refuse accesses, whatever the paging mode. */
public final class IdentityTranslation implements Translation {
  private final Map<Long, Integer> denied = new HashMap<>();
  /** Address lines that exist: clear bit 20 for an 8086 or a closed A20 gate. */
  public long addressMask = -1;
  /** Calls of {@link #translate} so far. */
  public int walks;

  /** Makes accesses of these kinds ({@link Access#READ}, WRITE, EXECUTE) to the page of {@code linear} fault; 0 allows all. */
  void deny(long linear, int kinds) {
    denied.put(linear >>> 12, kinds);
  }

  @Override public int translate(PagingState state, long linear, int access, Walk walk) {
    walks++;
    int refused = denied.getOrDefault(linear >>> 12, 0);
    if ((access & refused) != 0) {
      boolean present = (refused & Access.READ) == 0;
      walk.errorCode = (present ? 1 : 0) | ((access & Access.WRITE) != 0 ? 2 : 0) | ((access & Access.USER) != 0 ? 4 : 0)
          | ((access & Access.EXECUTE) != 0 ? 16 : 0);
      return PAGE_FAULT;
    }
    walk.gpa = linear & addressMask;
    walk.pageShift = 12;
    walk.rights = (Access.READ | Access.WRITE | Access.EXECUTE) & ~refused;
    walk.global = false;
    return OK;
  }

  @Override public int context(PagingState state, int access, SoftTlb tlb) {
    return (access & Access.USER) != 0 ? 1 : (access & Access.IMPLICIT) != 0 ? 2 : 0;
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
    return Map.of("walks", (long) walks);
  }

  @Override public void close() {}
}
