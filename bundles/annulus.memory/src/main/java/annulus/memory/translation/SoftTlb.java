package annulus.memory.translation;

import annulus.memory.Ram;
import java.util.Arrays;

/**
 * The modelled TLB of one virtual processor: direct-mapped, one array that engines index inline. An entry is four longs, so that a
 * probe and its addend share a cache line of the host:
 *
 * <pre>
 * | tag for reads | tag for writes | tag for fetches | addend |
 *
 * tag    63            12 11             0
 *       | linear page    | context        |     EMPTY where nothing is cached
 * addend = host address of the page - linear address of the page
 * </pre>
 *
 * The context names the paging root, the privilege and what else a right depends on ({@link Translation#context}), so a switch of
 * mode or address space needs no flush. A read, write or execute probe compares its own tag; the addend is shared, and an
 * entry whose addend changes drops all three tags first. An address that is not canonical never equals a tag, because only
 * canonical addresses are filled in and the context leaves the upper bits alone.
 *
 * <p>Owned by one virtual processor's thread. Other threads ask for a flush through its pending events.
 */
public final class SoftTlb {
  /** Pages of 64 MiB: a kernel's direct map, page cache and stacks share few slots, and what is probed stays in the host's L2 cache. */
  public static final int SIZE = 16384;
  public static final int MASK = SIZE - 1;
  /** A tag that no access produces: an address with this page is not canonical. */
  public static final long EMPTY = 0x8000_0000_0000_0FFFL;

  /** Offsets within an entry. */
  public static final int READ = 0;
  public static final int WRITE = 1;
  public static final int EXECUTE = 2;
  public static final int ADDEND = 3;
  private static final int ENTRY_SHIFT = 2;
  /** For generated code: {@link #index} is {@code linear >>> INDEX_SHIFT & INDEX_MASK}. */
  public static final int INDEX_SHIFT = 12 - ENTRY_SHIFT;
  public static final int INDEX_MASK = MASK << ENTRY_SHIFT;

  /** {@link #SIZE} entries of four, to be looked at: what else writes there, but {@link #EMPTY} tags, takes the host's memory. */
  public final long[] entries = new long[SIZE << ENTRY_SHIFT];

  private static final int LARGE_BITS = 8192;

  /** Slots of entries that are not global, filled since they were last dropped; more than fit make {@link #localCount} exceed it. */
  private final int[] local = new int[SIZE];
  private int localCount;

  /** Entries filled and flushes since the start, for statistics. */
  public long fills;
  public long flushes;

  /**
   * Which larger pages may have filled an entry since the last flush: per page size a bit for each hash of a page number. INVLPG
   * must drop every 4 KiB piece of such a page, and a kernel that maps itself with large pages must not pay for it elsewhere.
   */
  private final long[] large2M = new long[LARGE_BITS >>> 6];
  private final long[] large4M = new long[LARGE_BITS >>> 6];
  private boolean large1G;

  /** Times that translations of code may have changed, in the lower and in the upper half of the address space. */
  private long lowerEpoch;
  private long upperEpoch;
  /** Code in the upper half has been cached that is not global. */
  private boolean localUpperCode;

  public SoftTlb() {
    flush();
  }

  /** Where the entry of a linear address begins. */
  public static int index(long linear) {
    return (int) (linear >>> INDEX_SHIFT) & INDEX_MASK;
  }

  /** The host offset of {@code linear}, which the entry that begins at {@code i} has been seen to hold. */
  public long hostOffset(int i, long linear) {
    return Ram.offset(linear + entries[i + ADDEND]);
  }

  /** The tag an access to {@code linear} in {@code context} (12 bits) must find. */
  public static long tag(long linear, int context) {
    return (linear & ~0xFFFL) | context;
  }

  /**
   * What was found out about code around {@code linear} in some context holds as long as this stays the same: nothing has been
   * invalidated since in that half of the address space. Entries that make room for others change nothing, since a processor may
   * remember more than fits here.
   */
  public long epoch(long linear) {
    return linear < 0 ? upperEpoch : lowerEpoch;
  }

  private void newEpoch(long linear) {
    if (linear < 0) {
      upperEpoch++;
    } else {
      lowerEpoch++;
    }
  }

  /**
   * Caches a page for the given kinds of access ({@link Access} bits).
   *
   * @param hostPage host offset of the page's first byte, which is in the pool
   * @param pageShift log2 of the size of the guest's page: 12, 21, 22 or 30; anything else with paging off
   * @param global whether {@link #dropLocal} spares it
   * @throws IllegalArgumentException if the pool has no such page
   */
  public void fill(long linear, int context, long hostPage, int access, int pageShift, boolean global) {
    int i = index(linear);
    long tag = tag(linear, context);
    long add = Ram.address(hostPage) - (linear & ~0xFFFL);
    if (entries[i + ADDEND] != add) {
      if (entries[i + EXECUTE] == tag) {
        newEpoch(linear);
      }
      drop(i);
      entries[i + ADDEND] = add;
    }
    if ((access & Access.READ) != 0) {
      entries[i + READ] = tag;
    }
    if ((access & Access.WRITE) != 0) {
      entries[i + WRITE] = tag;
    }
    if ((access & Access.EXECUTE) != 0) {
      entries[i + EXECUTE] = tag;
      localUpperCode |= linear < 0 && !global;
    }
    if (pageShift != 12) {
      noteLarge(linear, pageShift);
    }
    if (!global) {
      if (localCount < SIZE) {
        local[localCount] = i;
      }
      localCount++;
    }
    fills++;
  }

  private void noteLarge(long linear, int pageShift) {
    switch (pageShift) {
      case 21 -> large2M[word(linear >>> 21)] |= 1L << (linear >>> 21);
      case 22 -> large4M[word(linear >>> 22)] |= 1L << (linear >>> 22);
      case 30 -> large1G = true;
      default -> { }
    }
  }

  private static int word(long page) {
    return (int) (page >>> 6) & (LARGE_BITS >>> 6) - 1;
  }

  /** Drops the page of {@code linear} in every context, with everything a larger page around it could have filled. */
  public void invalidate(long linear) {
    if (large1G) {
      flush();
      return;
    }
    if ((large2M[word(linear >>> 21)] >>> (linear >>> 21) & 1) != 0) {
      dropRun(linear >>> 21 << 21, 1 << 9);
    }
    if ((large4M[word(linear >>> 22)] >>> (linear >>> 22) & 1) != 0) {
      dropRun(linear >>> 22 << 22, 1 << 10);
    }
    drop(index(linear));
    newEpoch(linear);
  }

  /** Drops every entry that is not global, whatever its context: a load of CR3. Costs what filling them did. */
  public void dropLocal() {
    lowerEpoch++;
    if (localUpperCode) {
      upperEpoch++;
    }
    if (localCount > SIZE) {
      flush();
      return;
    }
    for (int n = 0; n < localCount; n++) {
      drop(local[n]);
    }
    localCount = 0;
  }

  /** Drops every entry. */
  public void flush() {
    Arrays.fill(entries, EMPTY);
    Arrays.fill(large2M, 0);
    Arrays.fill(large4M, 0);
    large1G = false;
    localCount = 0;
    lowerEpoch++;
    upperEpoch++;
    localUpperCode = false;
    flushes++;
  }

  /** Drops the right to write directly to a host page, wherever it is mapped. */
  public void protect(long hostPage) {
    long page = Ram.address(hostPage);
    for (int i = 0; i < entries.length; i += 1 << ENTRY_SHIFT) {
      long tag = entries[i + WRITE];
      if (tag != EMPTY && (tag & ~0xFFFL) + entries[i + ADDEND] == page) {
        entries[i + WRITE] = EMPTY;
      }
    }
  }

  /** Drops {@code count} slots from that of {@code linear} on: the pieces of a large page lie side by side. */
  private void dropRun(long linear, int count) {
    int from = index(linear);
    for (int i = from; i < from + (count << ENTRY_SHIFT); i += 1 << ENTRY_SHIFT) {
      drop(i);
    }
  }

  private void drop(int i) {
    entries[i + READ] = EMPTY;
    entries[i + WRITE] = EMPTY;
    entries[i + EXECUTE] = EMPTY;
  }
}
