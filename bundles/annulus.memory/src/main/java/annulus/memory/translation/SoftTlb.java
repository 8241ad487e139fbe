package annulus.memory.translation;

import java.util.Arrays;

/**
 * The modelled TLB of one virtual processor: direct-mapped, a structure of arrays that engines index inline.
 *
 * <pre>
 * tag    63            12 11             0
 *       | linear page    | context        |     EMPTY where nothing is cached
 * addend = host offset of the page - linear address of the page
 * </pre>
 *
 * The context names the paging root, the privilege and what else a right depends on ({@link AddressSpace}), so a switch of
 * mode or address space needs no flush. A read, write or execute probe compares its own array; the addend is shared, and an
 * entry whose addend changes drops all three tags first. An address that is not canonical never equals a tag, because only
 * canonical addresses are filled in and the context leaves the upper bits alone.
 *
 * <p>Owned by one virtual processor's thread. Other threads ask for a flush through its pending events.
 */
public final class SoftTlb {
  public static final int SIZE = 4096;
  public static final int MASK = SIZE - 1;
  /** A tag that no access produces: an address with this page is not canonical. */
  public static final long EMPTY = 0x8000_0000_0000_0FFFL;

  public final long[] readTag = new long[SIZE];
  public final long[] writeTag = new long[SIZE];
  public final long[] executeTag = new long[SIZE];
  public final long[] addend = new long[SIZE];

  /** Entries filled and flushes since the start, for statistics. */
  public long fills;
  public long flushes;

  /** Whether an entry of a page larger than 4 KiB was filled since the last flush: INVLPG must then look at every entry. */
  private boolean largePages;

  public SoftTlb() {
    flush();
  }

  /** The slot of a linear address. */
  public static int index(long linear) {
    return (int) (linear >>> 12) & MASK;
  }

  /** The tag an access to {@code linear} in {@code context} (12 bits) must find. */
  public static long tag(long linear, int context) {
    return (linear & ~0xFFFL) | context;
  }

  /**
   * Caches a page for the given kinds of access ({@link Access} bits).
   *
   * @param hostPage host offset of the page's first byte
   * @param large whether the guest maps it as part of a page larger than 4 KiB
   */
  public void fill(long linear, int context, long hostPage, int access, boolean large) {
    int i = index(linear);
    long tag = tag(linear, context);
    long add = hostPage - (linear & ~0xFFFL);
    if (addend[i] != add) {
      readTag[i] = EMPTY;
      writeTag[i] = EMPTY;
      executeTag[i] = EMPTY;
      addend[i] = add;
    }
    if ((access & Access.READ) != 0) {
      readTag[i] = tag;
    }
    if ((access & Access.WRITE) != 0) {
      writeTag[i] = tag;
    }
    if ((access & Access.EXECUTE) != 0) {
      executeTag[i] = tag;
    }
    largePages |= large;
    fills++;
  }

  /** Drops the page of {@code linear} in every context, with everything a larger page around it could have filled. */
  public void invalidate(long linear) {
    if (largePages) {
      flush();
      return;
    }
    drop(index(linear));
  }

  /** Drops every entry. */
  public void flush() {
    Arrays.fill(readTag, EMPTY);
    Arrays.fill(writeTag, EMPTY);
    Arrays.fill(executeTag, EMPTY);
    largePages = false;
    flushes++;
  }

  /** Drops the right to write directly to a host page, wherever it is mapped. */
  public void protect(long hostPage) {
    for (int i = 0; i < SIZE; i++) {
      long tag = writeTag[i];
      if (tag != EMPTY && (tag & ~0xFFFL) + addend[i] == hostPage) {
        writeTag[i] = EMPTY;
      }
    }
  }

  private void drop(int i) {
    readTag[i] = EMPTY;
    writeTag[i] = EMPTY;
    executeTag[i] = EMPTY;
  }
}
