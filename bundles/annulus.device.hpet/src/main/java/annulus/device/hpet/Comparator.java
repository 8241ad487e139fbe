package annulus.device.hpet;

import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;

/** Registers of one comparator (IA-PC HPET 1.0a 2.3.8, 2.3.9). */
final class Comparator {
  static final long LEVEL = 1 << 1;
  static final long ENABLED = 1 << 2;
  static final long PERIODIC = 1 << 3;
  static final long SET_ACCUMULATOR = 1 << 6;
  static final long NARROW = 1 << 8;
  private static final long WRITABLE = LEVEL | ENABLED | PERIODIC | SET_ACCUMULATOR | NARROW | 0x3E00;
  /** Can be periodic, is 64 bits wide, can use I/O APIC pins 20-23. */
  private static final long CAPABILITIES = 0x00F0_0000L << 32 | 1 << 5 | 1 << 4;

  long config = CAPABILITIES;
  long comparator = -1;
  long period;

  boolean is(long flag) {
    return (config & flag) != 0;
  }

  int route() {
    return (int) (config >> 9) & 31;
  }

  long mask() {
    return is(NARROW) ? 0xFFFF_FFFFL : -1;
  }

  void writeConfig(long value) {
    config = config & ~WRITABLE | value & WRITABLE;
    comparator &= mask();
    period &= mask();
  }

  /** In periodic mode a write sets the period, and after SET_ACCUMULATOR the accumulator too; {@code written} are the bits it has. */
  void writeComparator(long value, long written) {
    if (!is(PERIODIC) || is(SET_ACCUMULATOR)) {
      comparator = (comparator & ~written | value & written) & mask();
    }
    if (is(PERIODIC)) {
      period = (period & ~written | value & written) & mask();
    }
    config &= ~SET_ACCUMULATOR;
  }

  /** Ticks from {@code counter} to the next match, at least 1; unsigned. */
  long distance(long counter) {
    long d = comparator - counter & mask();
    return d == 0 && !is(NARROW) ? -1 : d == 0 ? 1L << 32 : d;
  }

  /** Moves a periodic comparator to its first match more than {@code elapsed} ticks behind the one it stands at; unsigned. */
  void advance(long elapsed) {
    if (is(PERIODIC) && period != 0) {
      comparator = comparator + (Long.divideUnsigned(elapsed, period) + 1) * period & mask();
    }
  }

  /** Ticks that the last match lies behind {@code counter}; negative where it is to come. */
  long behind(long counter) {
    return is(NARROW) ? (int) (counter - comparator) : counter - comparator;
  }

  /** Whether a periodic comparator's match lies behind {@code counter}: whoever was to move it on has not come to it. */
  boolean isLate(long counter) {
    return is(PERIODIC) && period != 0 && behind(counter) >= 0;
  }

  void export(StateWriter w, String p) {
    w.put(p + "config", config).put(p + "comparator", comparator).put(p + "period", period);
  }

  static Comparator restored(StateReader r, String p) throws StateException {
    Comparator c = new Comparator();
    c.config = CAPABILITIES | r.getLong(p + "config") & WRITABLE;
    c.comparator = r.getLong(p + "comparator") & c.mask();
    c.period = r.getLong(p + "period") & c.mask();
    return c;
  }
}
