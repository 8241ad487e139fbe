package annulus.engine.lockstep;

import annulus.memory.translation.PagingState;
import annulus.memory.translation.SoftTlb;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A translation that remembers for which TLBs it was asked, so that their rights to write can be taken back. */
final class WatchedTlbs implements Translation {
  private final Translation translation;
  private final List<SoftTlb> tlbs = new ArrayList<>(1);

  WatchedTlbs(Translation translation) {
    this.translation = translation;
  }

  /** Takes back all rights to store directly. */
  void startStep() {
    for (SoftTlb tlb : tlbs) {
      long[] entries = tlb.entries;
      for (int i = SoftTlb.WRITE; i < entries.length; i += SoftTlb.ADDEND + 1) {
        entries[i] = SoftTlb.EMPTY;
      }
    }
  }

  private SoftTlb watch(SoftTlb tlb) {
    for (SoftTlb known : tlbs) {
      if (known == tlb) {
        return tlb;
      }
    }
    tlbs.add(tlb);
    return tlb;
  }

  @Override public int translate(PagingState state, long linear, int access, Walk walk) {
    return translation.translate(state, linear, access, walk);
  }

  @Override public int context(PagingState state, int access, SoftTlb tlb) {
    return translation.context(state, access, watch(tlb));
  }

  @Override public boolean loadPdptes(PagingState state, long cr3, long[] pdptes) {
    return translation.loadPdptes(state, cr3, pdptes);
  }

  @Override public void rootLoaded(PagingState state, boolean keep, SoftTlb tlb) {
    translation.rootLoaded(state, keep, watch(tlb));
  }

  @Override public void modeChanged(PagingState state, SoftTlb tlb) {
    translation.modeChanged(state, watch(tlb));
  }

  @Override public void invalidatePage(PagingState state, long linear, SoftTlb tlb) {
    translation.invalidatePage(state, linear, watch(tlb));
  }

  @Override public void invalidatePcid(PagingState state, int type, int pcid, long linear, SoftTlb tlb) {
    translation.invalidatePcid(state, type, pcid, linear, watch(tlb));
  }

  @Override public void flush(SoftTlb tlb) {
    translation.flush(watch(tlb));
  }

  @Override public Map<String, Long> counters() {
    return translation.counters();
  }

  @Override public void close() {
    translation.close();
  }
}
