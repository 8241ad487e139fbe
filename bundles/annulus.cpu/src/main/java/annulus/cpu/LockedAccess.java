package annulus.cpu;

import annulus.memory.Ram;

/**
 * Atomic read-modify-write on linear memory. Naturally aligned 4- and 8-byte operands use the host's own; bytes and words change
 * the aligned word around them; operands that
 * cross such a word exclude one another by one lock for all, the bus lock of SDM 3A 8.1.2.
 */
final class LockedAccess {
  private static final Object BUS_LOCK = new Object();

  private LockedAccess() {}

  static boolean compareAndSet(LinearMemory m, long linear, int size, long expected, long value) {
    long host = m.hostForWrite(linear);
    if (host < 0 || (linear & 0xFFF) + size > 0x1000) {
      return busLocked(m, linear, size, expected, value);
    }
    if ((host & 7) + size <= 8) {
      return within(host, size, expected, value);
    }
    return busLocked(m, linear, size, expected, value);
  }

  /** The operand lies within an aligned 8-byte word. */
  private static boolean within(long host, int size, long expected, long value) {
    if (size == 8) {
      return Ram.compareAndSet64(host, expected, value);
    }
    if (size == 4 && (host & 3) == 0) {
      return Ram.compareAndSet32(host, (int) expected, (int) value);
    }
    long word = host & ~7L;
    int shift = (int) (host & 7) * 8;
    long mask = ((1L << 8 * size) - 1) << shift;
    for (;;) {
      long old = Ram.getVolatile64(word);
      if ((old & mask) >>> shift != (expected & mask >>> shift)) {
        return false;
      }
      if (Ram.compareAndSet64(word, old, old & ~mask | value << shift & mask)) {
        return true;
      }
    }
  }

  /** Clears, then sets bits of one byte. */
  static void update(long host, int clear, int set) {
    long word = host & ~7L;
    int shift = (int) (host & 7) * 8;
    long old;
    do {
      old = Ram.getVolatile64(word);
    } while (!Ram.compareAndSet64(word, old, old & ~((long) clear << shift) | (long) set << shift));
  }

  /**
   * CMPXCHG16B. The host has no such operation in Java: processors exclude one another by the bus lock, and each half is exchanged
   * atomically, the lower one first and back if the upper one has changed meanwhile.
   */
  static boolean compareAndSet16(LinearMemory m, long linear, long expectedLow, long expectedHigh, long low, long high) {
    synchronized (BUS_LOCK) {
      if (m.load64(linear + 8) != expectedHigh || !compareAndSet(m, linear, 8, expectedLow, low)) {
        return false;
      }
      if (compareAndSet(m, linear + 8, 8, expectedHigh, high)) {
        return true;
      }
      compareAndSet(m, linear, 8, low, expectedLow);
      return false;
    }
  }

  private static boolean busLocked(LinearMemory m, long linear, int size, long expected, long value) {
    synchronized (BUS_LOCK) {
      long mask = size == 8 ? -1 : (1L << 8 * size) - 1;
      if (((m.load(linear, size) ^ expected) & mask) != 0) {
        return false;
      }
      m.store(linear, size, value);
      return true;
    }
  }
}
