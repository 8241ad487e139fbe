package annulus.cpu.fp;

/** From normalised numbers in the form of {@link Exact} to integers, with the x86 "integer indefinite" (SDM 1 4.2.1). */
final class Integers {
  private Integers() {}

  /** The magnitude rounded to an integer, modulo 2^64; raises PE. The exponent is at most 63 above the bias. */
  static long magnitude(int sign, int exponent, long s, int rounding, FpContext c) {
    int e = exponent - Exact.BIAS;
    long integer;
    long fraction;
    if (e >= 0) {
      integer = s >>> 63 - e;
      fraction = e == 63 ? 0 : s << e + 1;
    } else {
      integer = 0;
      fraction = e == -1 ? s : 1;
    }
    c.roundedUp = false;
    if (fraction != 0) {
      c.flags |= FpContext.PE;
      c.roundedUp = c.roundsUp(rounding, sign, (integer & 1) != 0, fraction);
      integer += c.roundedUp ? 1 : 0;
    }
    return integer;
  }

  /** A signed integer of {@code bits} bits, sign-extended; indefinite and IE, nothing else, when out of range. */
  static long of(int sign, int exponent, long s, int rounding, int bits, FpContext c) {
    if (exponent > Exact.BIAS + bits - 1) {
      return indefinite(bits, c);
    }
    int before = c.flags;
    long magnitude = magnitude(sign, exponent, s, rounding, c);
    long limit = 1L << bits - 1;
    if (Long.compareUnsigned(magnitude, limit) > 0 || magnitude == limit && sign == 0) {
      c.flags = before;
      return indefinite(bits, c);
    }
    return sign == 0 ? magnitude : -magnitude;
  }

  static long indefinite(int bits, FpContext c) {
    c.flags |= FpContext.IE;
    c.roundedUp = false;
    return -1L << bits - 1;
  }
}
