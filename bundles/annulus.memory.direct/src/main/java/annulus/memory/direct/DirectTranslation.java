package annulus.memory.direct;

import annulus.arch.Cr4;
import annulus.memory.GuestMemory;
import annulus.memory.translation.Access;
import annulus.memory.translation.GuestPaging;
import annulus.memory.translation.PagingState;
import annulus.memory.translation.SoftTlb;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Walks the guest's tables on each miss. What a TLB entry depends on beside its page is named by the TLB context:
 *
 * <pre>
 * 11         2 1      0
 * | slot      | privilege |    0 supervisor (SMAP enforced, if on), 1 user, 2 supervisor with EFLAGS.AC
 * </pre>
 *
 * A change of a control bit takes a fresh slot instead of a flush: entries of the old one never match again. Each value of PKRU has a
 * slot of its own until then, since values take turns. When the slots are used up the TLB is flushed once and numbering starts over.
 *
 * <p>A load of CR3 drops what is not global, at a price of what was filled since the last. PCIDs have no part in it: the TLB is
 * direct-mapped, so the kernel's pages, tagged per PCID, would evict one another at every switch. With a context per PCID two
 * processes that take turns filled 150 entries a switch, and almost none of the kernel's now; a processor may always drop more than it must.
 */
public final class DirectTranslation implements Translation {
  private static final int SUPERVISOR = 0;
  private static final int USER = 1;
  private static final int SUPERVISOR_AC = 2;
  /** Contexts from 0xFFE on are not a translation's. */
  private static final int SLOTS = 0xFFC >>> 2;

  private final GuestPaging paging;
  private int slot;
  /** The slot that was taken last. */
  private int last;
  /** Slots by the values that PKRU has had since a control bit changed, but for the present one. */
  private final Map<Integer, Integer> slotsOfKeys = new HashMap<>();
  /** The value of PKRU that has {@link #slot}. */
  private int keys;
  private long rootLoads;
  private long slotsRecycled;
  private long pageInvalidations;
  private long flushes;

  DirectTranslation(GuestMemory memory, int physicalBits) {
    paging = new GuestPaging(memory, physicalBits);
  }

  @Override public int translate(PagingState state, long linear, int access, Walk walk) {
    return paging.translate(state, linear, access, walk);
  }

  @Override public int context(PagingState state, int access, SoftTlb tlb) {
    if (state.pkru != keys) {
      keysChanged(state, tlb);
    }
    int privilege;
    if ((access & Access.USER) != 0) {
      privilege = USER;
    } else if (state.alignmentCheck && (state.cr4 & Cr4.SMAP) != 0 && (access & (Access.IMPLICIT | Access.EXECUTE)) == 0) {
      privilege = SUPERVISOR_AC;
    } else {
      privilege = SUPERVISOR;
    }
    return slot << 2 | privilege;
  }

  @Override public boolean loadPdptes(PagingState state, long cr3, long[] pdptes) {
    return paging.loadPdptes(cr3, pdptes);
  }

  @Override public void rootLoaded(PagingState state, boolean keep, SoftTlb tlb) {
    rootLoads++;
    tlb.dropLocal();
  }

  @Override public void modeChanged(PagingState state, SoftTlb tlb) {
    slotsOfKeys.clear();
    keys = state.pkru;
    slot = next(tlb);
  }

  private void keysChanged(PagingState state, SoftTlb tlb) {
    slotsOfKeys.put(keys, slot);
    keys = state.pkru;
    Integer known = slotsOfKeys.get(keys);
    slot = known != null ? known : next(tlb);
  }

  private int next(SoftTlb tlb) {
    if (++last == SLOTS) {
      last = 0;
      slotsOfKeys.clear();
      tlb.flush();
      slotsRecycled++;
    }
    return last;
  }

  @Override public void invalidatePage(PagingState state, long linear, SoftTlb tlb) {
    pageInvalidations++;
    tlb.invalidate(linear);
  }

  @Override public void invalidatePcid(PagingState state, int type, int pcid, long linear, SoftTlb tlb) {
    switch (type) {
      case 0 -> invalidatePage(state, linear, tlb);
      case 2 -> flush(tlb);
      default -> tlb.dropLocal();
    }
  }

  @Override public void flush(SoftTlb tlb) {
    flushes++;
    tlb.flush();
  }

  @Override public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("walks", paging.walks());
    counters.put("references", paging.references());
    counters.put("faults", paging.faults());
    counters.put("root-loads", rootLoads);
    counters.put("slots-recycled", slotsRecycled);
    counters.put("page-invalidations", pageInvalidations);
    counters.put("flushes", flushes);
    return counters;
  }

  @Override public void close() {}
}
