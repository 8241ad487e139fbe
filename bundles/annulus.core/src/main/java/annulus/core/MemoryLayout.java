package annulus.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a PC's RAM lies: below the legacy video window, from 0xC0000 up to 3 GiB, and the rest above 4 GiB. The gap holds the
 * I/O APIC, HPET, local APICs and other registers.
 */
final class MemoryLayout {
  static final long VIDEO = 0xA_0000;
  static final long SHADOW = 0xC_0000;
  static final long LOW_END = 3L << 30;
  static final long HIGH_START = 4L << 30;

  private MemoryLayout() {}

  /** Start and size of each range of {@code size} bytes of RAM; what the video window hides is not given back elsewhere. */
  static List<long[]> ranges(long size) {
    List<long[]> ranges = new ArrayList<>();
    ranges.add(new long[] {0, VIDEO});
    ranges.add(new long[] {SHADOW, Math.min(size, LOW_END) - SHADOW});
    if (size > LOW_END) {
      ranges.add(new long[] {HIGH_START, size - LOW_END});
    }
    return ranges;
  }
}
