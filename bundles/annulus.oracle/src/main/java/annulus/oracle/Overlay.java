package annulus.oracle;

/** What stands in memory where a case's instruction looks. Part of the format of recorded cases: names and order stay. */
enum Overlay {
  /** Operands of any kind. */
  VALUES(64),
  /** Integers. */
  INTEGERS(64),
  /** A plausible image for FXRSTOR. */
  FXSAVE(512),
  /** Packed decimal digits. */
  DECIMAL(16),
  /** Addresses and selectors, for returns and far pointers. */
  FRAME(64),
  /** MXCSR values that are mostly valid. */
  MXCSR(8);

  /** Selectors of Linux' global table, of the oracle's local one, and others. */
  private static final int[] SELECTORS = {0, 1, 2, 3, 0x08, 0x10, 0x18, 0x20, 0x23, 0x28, 0x2B, 0x30, 0x33, 0x40, 0x50, 0x60, 0x63, 0x73,
      0x80, 0x83, 0x07, 0x0F, 0x17, 0x1F, 0x27, 0x2F, 0x37, 0x3F, 0x0E, 0x2A, 0x22, 0x32, 0xFFFB, 0xFFFF};
  final int size;

  Overlay(int size) {
    this.size = size;
  }

  static int selector(Random64 r) {
    return SELECTORS[r.below(SELECTORS.length)];
  }

  /** Writes it into {@code memory}, as far as there is room. */
  void write(Random64 r, Bytes memory, int offset) {
    Bytes b = new Bytes(size);
    switch (this) {
      case VALUES -> {
        for (int at = 0; at < size; at += 16) {
          if (r.chance(25)) {
            int se = Values.signExponent(r);
            b.putLong(at, Values.significand(r, se));
            b.putLong(at + 8, se);
          } else {
            Values.vector(r, b, at);
          }
        }
      }
      case INTEGERS -> {
        for (int at = 0; at < size; at += 8) {
          b.putLong(at, Values.integer(r));
        }
      }
      case FXSAVE -> State.extended(r, b);
      case DECIMAL -> {
        for (int at = 0; at < 9; at++) {
          b.putByte(at, r.below(10) << 4 | r.below(10));
        }
        b.putByte(9, r.chance(50) ? 0x80 : 0);
      }
      case FRAME -> {
        for (int at = 0; at < size;) {
          int width = 2 << r.below(3);
          long value = r.chance(50) ? selector(r) : r.next() >>> 16 + r.below(48);
          for (int n = 0; n < width && at < size; n++) {
            b.putByte(at++, (int) (value >>> 8 * n));
          }
        }
      }
      case MXCSR -> {
        b.putInt(0, (int) r.next() & (r.chance(80) ? 0xFFFF : r.chance(50) ? 0x2FFFF : -1));
        b.putInt(4, (int) r.next());
      }
    }
    System.arraycopy(b.array(), 0, memory.array(), offset, Math.min(size, memory.array().length - offset));
  }
}
