package annulus.oracle;

/**
 * Operand values: random ones, and those where instructions change their behaviour. Part of the format of recorded cases: a change
 * here makes them stale, see {@link Recording}.
 */
final class Values {
  private static final long[] CORNERS = {0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF,
      0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, Long.MAX_VALUE, Long.MIN_VALUE, -1, -2, -128, -32768, 0x5555_5555_5555_5555L,
      0xAAAA_AAAA_AAAA_AAAAL, 0x7FFF_FFFF_FFFFL, 0x8000_0000_0000L, 0xFFFF_8000_0000_0000L, 0xFFFF_7FFF_FFFF_FFFFL};
  private static final int[] SINGLES = {0, 1, 0x7F_FFFF, 0x80_0000, 0x3F80_0000, 0x3F7F_FFFF, 0x7F7F_FFFF, 0x7F80_0000, 0x7F80_0001,
      0x7FC0_0000, 0x7FFF_FFFF, 0x4F00_0000, 0x4EFF_FFFF, 0x5F00_0000, 0x3F00_0000, 0x3FC0_0000, 0x4B00_0000, 0x4B7F_FFFF};
  private static final long[] DOUBLES = {0, 1, 0xF_FFFF_FFFF_FFFFL, 0x10_0000_0000_0000L, 0x3FF0_0000_0000_0000L,
      0x3FEF_FFFF_FFFF_FFFFL, 0x7FEF_FFFF_FFFF_FFFFL, 0x7FF0_0000_0000_0000L, 0x7FF0_0000_0000_0001L, 0x7FF8_0000_0000_0000L,
      0x41DF_FFFF_FFC0_0000L, 0x41E0_0000_0000_0000L, 0x43E0_0000_0000_0000L, 0x3FE0_0000_0000_0000L, 0x3FF8_0000_0000_0000L,
      0x47EF_FFFF_E000_0000L, 0x380F_FFFF_FFFF_FFFFL, 0x3690_0000_0000_0000L, 0x4330_0000_0000_0000L};
  private static final int[] EXPONENTS = {0, 1, 2, 0x3FFF, 0x3FFE, 0x4000, 0x7FFE, 0x7FFF, 0x3FFF + 31, 0x3FFF + 63, 0x3FFF + 15,
      0x3FFF + 127, 0x3FFF + 128, 0x3FFF - 126, 0x3FFF - 150, 0x3FFF + 1023, 0x3FFF + 1024, 0x3FFF - 1022, 0x3FFF - 1075, 0x3FFF - 64,
      0x3FFF + 59};
  private static final long[] SIGNIFICANDS = {Long.MIN_VALUE, -1, 0, 1, 0xC000_0000_0000_0000L, 0x8000_0000_0000_0001L, Long.MAX_VALUE,
      0x4000_0000_0000_0000L, 0xFFFF_FF00_0000_0000L, 0xFFFF_FF80_0000_0000L, 0xFFFF_FFFF_FFFF_FC00L, 0xFFFF_FFFF_FFFF_F800L};

  private Values() {}

  static long integer(Random64 r) {
    return switch (r.below(8)) {
      case 0, 1, 2 -> CORNERS[r.below(CORNERS.length)];
      case 3 -> r.next() >>> r.below(64);
      case 4 -> r.next() >> r.below(64);
      default -> r.next();
    };
  }

  static int single(Random64 r) {
    int sign = r.chance(50) ? Integer.MIN_VALUE : 0;
    return switch (r.below(4)) {
      case 0 -> sign | SINGLES[r.below(SINGLES.length)];
      case 1 -> sign | 127 - 32 + r.below(64) << 23 | (int) r.next() & 0x7F_FFFF;
      case 2 -> Float.floatToRawIntBits((int) (r.next() >> 32 + r.below(32)));
      default -> (int) r.next();
    };
  }

  static long dbl(Random64 r) {
    long sign = r.chance(50) ? Long.MIN_VALUE : 0;
    return switch (r.below(4)) {
      case 0 -> sign | DOUBLES[r.below(DOUBLES.length)];
      case 1 -> sign | 1023L - 64 + r.below(128) << 52 | r.next() & 0xF_FFFF_FFFF_FFFFL;
      case 2 -> Double.doubleToRawLongBits(r.next() >> r.below(64));
      default -> r.next();
    };
  }

  /** Sign and exponent of an x87 register of any class, unnormals and pseudo-denormals included. */
  static int signExponent(Random64 r) {
    int sign = r.chance(50) ? 0x8000 : 0;
    return sign | switch (r.below(4)) {
      case 0 -> EXPONENTS[r.below(EXPONENTS.length)];
      case 1, 2 -> 0x3FFF - 70 + r.below(140);
      default -> r.below(0x8000);
    };
  }

  static long significand(Random64 r, int signExponent) {
    long s = switch (r.below(4)) {
      case 0 -> SIGNIFICANDS[r.below(SIGNIFICANDS.length)];
      case 1 -> r.next() << r.below(64);
      default -> r.next();
    };
    int exponent = signExponent & 0x7FFF;
    return exponent == 0 ? r.chance(50) ? s & Long.MAX_VALUE : s : r.chance(94) ? s | Long.MIN_VALUE : s;
  }

  /** Sixteen bytes of one kind of operand. */
  static void vector(Random64 r, Bytes into, int at) {
    switch (r.below(6)) {
      case 0, 1 -> {
        for (int n = 0; n < 4; n++) {
          into.putInt(at + 4 * n, single(r));
        }
      }
      case 2, 3 -> {
        into.putLong(at, dbl(r));
        into.putLong(at + 8, dbl(r));
      }
      case 4 -> {
        into.putLong(at, integer(r));
        into.putLong(at + 8, integer(r));
      }
      default -> {
        into.putLong(at, r.next());
        into.putLong(at + 8, r.next());
      }
    }
  }
}
