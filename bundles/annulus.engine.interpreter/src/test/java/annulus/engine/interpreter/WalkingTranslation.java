package annulus.engine.interpreter;

import annulus.memory.GuestMemory;
import annulus.memory.translation.Access;
import annulus.memory.translation.GuestPaging;
import annulus.memory.translation.PagingState;
import annulus.memory.translation.SoftTlb;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;
import java.util.Map;

/** The guest's own paging, with a flush for whatever changes. */
final class WalkingTranslation implements Translation {
  private final GuestPaging paging;

  WalkingTranslation(GuestMemory memory) {
    paging = new GuestPaging(memory, 40);
  }

  @Override public int translate(PagingState state, long linear, int access, Walk walk) {
    return paging.translate(state, linear, access, walk);
  }

  @Override public int context(PagingState state, int access, SoftTlb tlb) {
    return (access & Access.USER) != 0 ? 1 : state.alignmentCheck && (access & (Access.IMPLICIT | Access.EXECUTE)) == 0 ? 2 : 0;
  }

  @Override public boolean loadPdptes(PagingState state, long cr3, long[] pdptes) {
    return paging.loadPdptes(cr3, pdptes);
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
    return Map.of("walks", paging.walks());
  }

  @Override public void close() {}
}
