package annulus.loader;

import annulus.memory.GuestMemory.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The memory map a PC's firmware reports (ACPI 15.1): RAM below the extended BIOS data area, everything from there to 1 MiB
 * reserved, RAM above, less what holds firmware tables.
 */
public final class MemoryMap {
  public static final int RAM = 1;
  public static final int RESERVED = 2;
  private static final long LOW_END = 0x9_FC00;
  private static final long MEGABYTE = 0x10_0000;

  /** A range of the map. */
  public record Entry(long start, long size, int type) {
    public long end() {
      return start + size;
    }
  }

  private MemoryMap() {}

  /** The map in ascending order, without overlaps. */
  public static List<Entry> of(LoadRequest request) {
    List<Entry> map = new ArrayList<>();
    map.add(new Entry(LOW_END, MEGABYTE - LOW_END, RESERVED));
    for (Range r : request.reserved()) {
      if (r.gpa() < LOW_END) {
        map.add(new Entry(r.gpa(), Math.min(r.end(), LOW_END) - r.gpa(), RESERVED));
      }
      if (r.end() > MEGABYTE) {
        map.add(new Entry(Math.max(r.gpa(), MEGABYTE), r.end() - Math.max(r.gpa(), MEGABYTE), RESERVED));
      }
    }
    List<Entry> taken = List.copyOf(map);
    for (Range r : request.memory()) {
      if (!r.readOnly()) {
        addFree(map, r.gpa(), r.end(), taken);
      }
    }
    map.sort(Comparator.comparingLong(Entry::start));
    return map;
  }

  /** Adds the parts of a range that nothing has taken. */
  private static void addFree(List<Entry> map, long start, long end, List<Entry> taken) {
    for (Entry t : taken) {
      if (t.start() < end && start < t.end()) {
        if (start < t.start()) {
          addFree(map, start, t.start(), taken);
        }
        if (t.end() < end) {
          addFree(map, t.end(), end, taken);
        }
        return;
      }
    }
    map.add(new Entry(start, end - start, RAM));
  }

  /** Whether all of {@code size} bytes at {@code start} is usable RAM. */
  public static boolean usable(List<Entry> map, long start, long size) {
    return start >= 0 && size >= 0 && start + size >= start
        && map.stream().anyMatch(e -> e.type() == RAM && e.start() <= start && start + size <= e.end());
  }

  /**
   * The highest place for {@code size} bytes, page-aligned, in usable RAM from {@code lowest} to {@code highest}, or -1.
   */
  public static long highest(List<Entry> map, long size, long lowest, long highest) {
    long best = -1;
    for (Entry e : map) {
      if (e.type() == RAM) {
        long end = Math.min(e.end(), highest == Long.MAX_VALUE ? highest : highest + 1);
        long start = end - size & -4096L;
        if (start >= e.start() && start >= lowest) {
          best = Math.max(best, start);
        }
      }
    }
    return best;
  }
}
