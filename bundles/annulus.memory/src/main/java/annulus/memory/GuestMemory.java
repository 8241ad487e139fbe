package annulus.memory;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Guest-physical memory of one machine: a map from guest frames to host frames, and what the monitor has to know of each
 * page. Everything that is neither RAM nor ROM is I/O space and belongs to the machine's bus. Accesses here are little-endian,
 * of any alignment, and may cross pages; they are for the slow paths, loaders and DMA. Engines index {@link #pool()} with host
 * offsets from a translation instead.
 *
 * <p>Thread-safe. Writes by these methods respect code pages and the dirty log; writes to ROM are dropped.
 */
@ProviderType
public interface GuestMemory {
  /** A contiguous range of guest-physical memory. */
  record Range(long gpa, long size, boolean readOnly) {
    /** The first address after the range. */
    public long end() {
      return gpa + size;
    }
  }

  /** The segment that host offsets index: the pool of the whole process. */
  MemorySegment pool();

  /** RAM and ROM ranges in ascending order. */
  List<Range> ranges();

  /** Sum of the RAM ranges in bytes. */
  long ramSize();

  /** Host offset behind {@code gpa}, readable up to the end of its 4 KiB page, or -1 where there is no memory. */
  long hostOffset(long gpa);

  /** Whether the page of {@code gpa} is RAM that may be stored to directly: RAM, not a code page, and already in the dirty log. */
  boolean directlyWritable(long gpa);

  /** Whether the page of {@code gpa} is RAM (not ROM, not I/O). */
  boolean writable(long gpa);

  /**
   * To be called before a store through a host offset to a page that is not {@link #directlyWritable}: tells code observers and
   * the dirty log. Afterwards the page is directly writable until it is marked again.
   */
  void beforeWrite(long gpa);

  /**
   * Declares that code was decoded from {@code gfn}. From now on {@link #directlyWritable} is false for it. Returns true when
   * the page was not marked before: TLBs of other virtual processors may still hold write entries for it.
   */
  boolean markCode(long gfn);

  /** Whether {@code gfn} is marked as code. */
  boolean isCode(long gfn);

  void addCodeObserver(CodeObserver observer);

  void removeCodeObserver(CodeObserver observer);

  /** Tells {@code observer} of every {@code write} and {@code clear} here: loaders, DMA and debuggers, but no processor's stores. */
  void addWriteObserver(WriteObserver observer);

  void removeWriteObserver(WriteObserver observer);

  /**
   * Memory of the same ranges in frames of its own, all zero, for an engine that must leave this one alone. The caller closes it.
   *
   * @throws OutOfFramesException when the pool has not that many left
   */
  MappedGuestMemory openTwin() throws OutOfFramesException;

  /** Starts (all pages clean) or ends recording of written pages. */
  void setDirtyLog(boolean on);

  /** Takes and clears the dirty log: a bit per guest frame, or an empty array when it is off. */
  long[] takeDirtyLog();

  /** Reads 1, 2, 4 or 8 bytes, zero-extended. @throws MemoryFault where there is no memory */
  long read(long gpa, int size);

  /** Writes the low 1, 2, 4 or 8 bytes of {@code value}. @throws MemoryFault where there is no memory */
  void write(long gpa, int size, long value);

  /** Copies out of guest memory. @throws MemoryFault where any byte is not memory; nothing is copied then */
  void read(long gpa, byte[] into, int offset, int length);

  /** Copies into guest memory. @throws MemoryFault where any byte is not memory; nothing is copied then */
  void write(long gpa, byte[] from, int offset, int length);

  /** Sets {@code length} bytes to zero. @throws MemoryFault where any byte is not memory; nothing is written then */
  void clear(long gpa, long length);

  /**
   * Atomically replaces an aligned 4- or 8-byte value, as page-table walkers set accessed and dirty bits.
   *
   * @return whether the memory held {@code expected}
   * @throws MemoryFault where there is no RAM
   */
  boolean compareAndSet(long gpa, int size, long expected, long value);
}
