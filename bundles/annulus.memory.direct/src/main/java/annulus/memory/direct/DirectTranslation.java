package annulus.memory.direct;

import annulus.arch.Cr4;
import annulus.memory.GuestMemory;
import annulus.memory.translation.Access;
import annulus.memory.translation.GuestPaging;
import annulus.memory.translation.PagingState;
import annulus.memory.translation.SoftTlb;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Walks the guest's tables on each miss. What a TLB entry depends on beside its page is named by a <em>slot</em>, the upper ten
 * bits of the TLB context:
 *
 * <pre>
 * 11         2 1      0
 * | slot      | privilege |    0 supervisor (SMAP enforced, if on), 1 user, 2 supervisor with EFLAGS.AC
 * </pre>
 *
 * A load of CR3, or a change of a control bit, takes a fresh slot instead of a flush: entries of the old one never match again.
 * With CR4.PCIDE each PCID remembers its slot, so that a load that keeps the PCID's entries finds them. When the slots are used
 * up the TLB is flushed once and numbering starts over. Global pages get no context of their own; they are simply walked for
 * again, as a processor may always do.
 */
public final class DirectTranslation implements Translation {
  private static final int SUPERVISOR = 0;
  private static final int USER = 1;
  private static final int SUPERVISOR_AC = 2;
  /** Contexts from 0xFFE on are not a translation's. */
  private static final int SLOTS = 0xFFC >>> 2;
  private static final int PCIDS = 4096;

  private final GuestPaging paging;
  private int slot;
  private int next = 1;
  /** Slot of each PCID plus 1; 0 for none. */
  private final short[] slotOfPcid = new short[PCIDS];
  private long contextSwitches;
  private long recycled;
  private long pageInvalidations;
  private long flushes;

  DirectTranslation(GuestMemory memory, int physicalBits) {
    paging = new GuestPaging(memory, physicalBits);
  }

  @Override public int translate(PagingState state, long linear, int access, Walk walk) {
    return paging.translate(state, linear, access, walk);
  }

  @Override public int context(PagingState state, int access, SoftTlb tlb) {
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
    contextSwitches++;
    if ((state.cr4 & Cr4.PCIDE) == 0) {
      slot = fresh(tlb);
      return;
    }
    int pcid = (int) state.cr3 & PCIDS - 1;
    if (keep && slotOfPcid[pcid] != 0) {
      slot = slotOfPcid[pcid] - 1;
    } else {
      slot = fresh(tlb);
      slotOfPcid[pcid] = (short) (slot + 1);
    }
  }

  @Override public void modeChanged(PagingState state, SoftTlb tlb) {
    slot = fresh(tlb);
    Arrays.fill(slotOfPcid, (short) 0);
    remember(state);
  }

  private int fresh(SoftTlb tlb) {
    if (next == SLOTS) {
      tlb.flush();
      Arrays.fill(slotOfPcid, (short) 0);
      next = 0;
      recycled++;
    }
    return next++;
  }

  @Override public void invalidatePage(PagingState state, long linear, SoftTlb tlb) {
    pageInvalidations++;
    tlb.invalidate(linear);
  }

  /** The current slot keeps its number, so the contexts that the engine holds stay right. */
  @Override public void invalidatePcid(PagingState state, int type, int pcid, long linear, SoftTlb tlb) {
    int current = (state.cr4 & Cr4.PCIDE) != 0 ? (int) state.cr3 & PCIDS - 1 : 0;
    switch (type) {
      case 0 -> invalidatePage(state, linear, tlb);
      case 1 -> {
        if (pcid == current) {
          drop(tlb);
          remember(state);
        } else {
          slotOfPcid[pcid] = 0;
        }
      }
      default -> {
        drop(tlb);
        remember(state);
      }
    }
  }

  @Override public void flush(SoftTlb tlb) {
    drop(tlb);
  }

  private void drop(SoftTlb tlb) {
    flushes++;
    tlb.flush();
    Arrays.fill(slotOfPcid, (short) 0);
  }

  private void remember(PagingState state) {
    if ((state.cr4 & Cr4.PCIDE) != 0) {
      slotOfPcid[(int) state.cr3 & PCIDS - 1] = (short) (slot + 1);
    }
  }

  @Override public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("walks", paging.walks());
    counters.put("references", paging.references());
    counters.put("faults", paging.faults());
    counters.put("context-switches", contextSwitches);
    counters.put("contexts-recycled", recycled);
    counters.put("page-invalidations", pageInvalidations);
    counters.put("flushes", flushes);
    return counters;
  }

  @Override public void close() {}
}
