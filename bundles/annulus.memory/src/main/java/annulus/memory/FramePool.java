package annulus.memory;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/**
 * The frames of {@link Pool}, kept as free runs by start and length: first fit, whole runs where one is long enough. A frame
 * leaves the pool zero-filled because it came back discarded.
 */
public final class FramePool implements MachineMemory {
  /** Frames of a host huge page: long allocations start on one, so that the host can back them with huge pages. */
  private static final int HUGE = 512;

  private final int capacity;
  /** First frame of each free run, and its length. */
  private final TreeMap<Integer, Integer> free = new TreeMap<>();
  private int available;

  /** All of the process's machine memory. */
  public FramePool() {
    this(0, (int) Math.min(Pool.MEMORY.byteSize() >>> FRAME_SHIFT, Integer.MAX_VALUE));
  }

  /** A part of it, which nobody else may hand out. */
  FramePool(int first, int frames) {
    capacity = frames;
    available = frames;
    free.put(first, frames);
  }

  @Override public MemorySegment segment() {
    return Pool.MEMORY;
  }

  @Override public synchronized int[] allocate(int count) throws OutOfFramesException {
    if (count < 0) {
      throw new IllegalArgumentException(count + " frames asked for; the number must not be negative");
    }
    if (count > available) {
      throw new OutOfFramesException(count, available);
    }
    int[] frames = new int[count];
    int taken = 0;
    while (taken < count) {
      int start = contiguous(count - taken);
      int length = Math.min(count - taken, lengthAt(start));
      take(start, length);
      for (int i = 0; i < length; i++) {
        frames[taken++] = start + i;
      }
    }
    return frames;
  }

  /** Where {@code count} frames lie free side by side, on a huge page's border if possible; else the first of the longest run. */
  private int contiguous(int count) {
    int fits = -1;
    int longest = -1;
    int longestLength = 0;
    for (Map.Entry<Integer, Integer> run : free.entrySet()) {
      int start = run.getKey();
      int end = start + run.getValue();
      int aligned = start + HUGE - 1 & -HUGE;
      if (count >= HUGE && (long) aligned + count <= end) {
        return aligned;
      }
      if (fits < 0 && run.getValue() >= count) {
        fits = start;
      }
      if (run.getValue() > longestLength) {
        longest = start;
        longestLength = run.getValue();
      }
    }
    return fits >= 0 ? fits : longest;
  }

  /** Free frames from {@code start} on, without a gap. */
  private int lengthAt(int start) {
    Map.Entry<Integer, Integer> run = free.floorEntry(start);
    return run.getKey() + run.getValue() - start;
  }

  private void take(int start, int length) {
    Map.Entry<Integer, Integer> run = free.floorEntry(start);
    int first = run.getKey();
    int end = first + run.getValue();
    free.remove(first);
    if (first < start) {
      free.put(first, start - first);
    }
    if (start + length < end) {
      free.put(start + length, end - start - length);
    }
    available -= length;
  }

  @Override public void free(int[] frames) {
    int i = 0;
    while (i < frames.length) {
      int start = frames[i];
      int length = 1;
      while (i + length < frames.length && frames[i + length] == start + length) {
        length++;
      }
      Pool.discard((long) start << FRAME_SHIFT, (long) length << FRAME_SHIFT);
      release(start, length);
      i += length;
    }
  }

  private synchronized void release(int start, int length) {
    Map.Entry<Integer, Integer> before = free.floorEntry(start);
    Map.Entry<Integer, Integer> after = free.ceilingEntry(start);
    if (before != null && before.getKey() + before.getValue() > start || after != null && start + length > after.getKey()) {
      throw new IllegalArgumentException("frames " + start + " to " + (start + length - 1) + " are given back, but not all are in use");
    }
    available += length;
    if (after != null && start + length == after.getKey()) {
      free.remove(after.getKey());
      length += after.getValue();
    }
    if (before != null && before.getKey() + before.getValue() == start) {
      start = before.getKey();
      length += before.getValue();
    }
    free.put(start, length);
  }

  @Override public synchronized int available() {
    return available;
  }

  @Override public int capacity() {
    return capacity;
  }
}
