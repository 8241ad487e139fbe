package annulus.cpu.fp;

import static java.lang.Long.MIN_VALUE;

/**
 * Sums, products, quotients and square roots of finite, non-zero, normalised numbers, before rounding. A number is a sign (0 or
 * 1), an exponent biased by 16383 that may leave the 80-bit format's range, and a significand whose bit 63 is set. A result has 64
 * more bits in {@link FpContext#low}, of which the last is sticky: it is set where any lower bit would be. All three formats are
 * exact in this one, and round from it.
 */
final class Exact {
  static final int BIAS = 16383;

  private Exact() {}

  /** Returns 0 for an exact zero, whose sign {@link FpContext#sign} then is. */
  static long add(int signA, int ea, long sa, int signB, int eb, long sb, FpContext c) {
    if (ea < eb || ea == eb && Long.compareUnsigned(sa, sb) < 0) {
      return addOrdered(signB, eb, sb, signA, ea, sa, c);
    }
    return addOrdered(signA, ea, sa, signB, eb, sb, c);
  }

  private static long addOrdered(int signA, int ea, long sa, int signB, int eb, long sb, FpContext c) {
    int shift = ea - eb;
    long low;
    long b;
    if (shift == 0) {
      low = 0;
      b = sb;
    } else if (shift < 64) {
      low = sb << -shift;
      b = sb >>> shift;
    } else {
      low = shift == 64 ? sb : shift < 128 ? sb >>> shift | (sb << -shift != 0 ? 1 : 0) : 1;
      b = 0;
    }
    c.sign = signA;
    if (signA == signB) {
      long sum = sa + b;
      if (Long.compareUnsigned(sum, b) < 0) {
        low = sum << 63 | low >>> 1 | low & 1;
        sum = sum >>> 1 | MIN_VALUE;
        ea++;
      }
      c.exponent = ea;
      c.low = low;
      return sum;
    }
    long hi = sa - b - (low != 0 ? 1 : 0);
    low = -low;
    if (hi >= 0) {
      if (hi == 0) {
        if (low == 0) {
          c.sign = c.rounding == FpContext.DOWN ? 1 : 0;
          c.low = 0;
          c.exponent = 0;
          return 0;
        }
        hi = low;
        low = 0;
        ea -= 64;
      }
      int zeros = Long.numberOfLeadingZeros(hi);
      if (zeros != 0) {
        hi = hi << zeros | low >>> -zeros;
        low <<= zeros;
        ea -= zeros;
      }
    }
    c.exponent = ea;
    c.low = low;
    return hi;
  }

  static long multiply(int sign, int ea, long sa, int eb, long sb, FpContext c) {
    long hi = Math.unsignedMultiplyHigh(sa, sb);
    long low = sa * sb;
    int e = ea + eb - BIAS + 1;
    if (hi >= 0) {
      hi = hi << 1 | low >>> 63;
      low <<= 1;
      e--;
    }
    c.sign = sign;
    c.exponent = e;
    c.low = low;
    return hi;
  }

  static long divide(int sign, int ea, long sa, int eb, long sb, FpContext c) {
    int e = ea - eb + BIAS;
    long nh = sa;
    long nl = 0;
    if (Long.compareUnsigned(sa, sb) >= 0) {
      nh = sa >>> 1;
      nl = sa << 63;
    } else {
      e--;
    }
    long q = quotient(nh, nl, sb);
    long r = nl - q * sb;
    c.low = r == 0 ? 0 : half(r, sb - r);
    c.sign = sign;
    c.exponent = e;
    return q;
  }

  /** Half and sticky bit of a remainder, from what it has and what it lacks to the divisor. */
  private static long half(long has, long lacks) {
    int order = Long.compareUnsigned(has, lacks);
    return order < 0 ? 1 : order == 0 ? MIN_VALUE : MIN_VALUE | 1;
  }

  /** Quotient of 128 by 64 bits: {@code nh < d}, bit 63 of {@code d} set. Knuth's algorithm D with two 32-bit digits. */
  static long quotient(long nh, long nl, long d) {
    long dh = d >>> 32;
    long dl = d & 0xFFFF_FFFFL;
    long q1 = Long.divideUnsigned(nh, dh);
    long r = nh - q1 * dh;
    long digit = nl >>> 32;
    while (q1 >>> 32 != 0 || Long.compareUnsigned(q1 * dl, r << 32 | digit) > 0) {
      q1--;
      r += dh;
      if (r >>> 32 != 0) {
        break;
      }
    }
    long rest = (nh << 32 | digit) - q1 * d;
    long q0 = Long.divideUnsigned(rest, dh);
    r = rest - q0 * dh;
    digit = nl & 0xFFFF_FFFFL;
    while (q0 >>> 32 != 0 || Long.compareUnsigned(q0 * dl, r << 32 | digit) > 0) {
      q0--;
      r += dh;
      if (r >>> 32 != 0) {
        break;
      }
    }
    return (q1 << 32) + q0;
  }

  /** {@code a * 2^bits / b} without fraction: {@code bits} 0 to 63, both normalised. */
  static long quotientOf(long a, int bits, long b) {
    return bits == 0 ? Long.compareUnsigned(a, b) >= 0 ? 1 : 0 : quotient(a >>> -bits, a << bits, b);
  }

  static long squareRoot(int ea, long sa, FpContext c) {
    int e = ea - BIAS;
    // The radicand is sa * 2^63 or sa * 2^64, so that the exponent that remains is even and the root has 64 bits.
    long nh = (e & 1) != 0 ? sa : sa >>> 1;
    long nl = (e & 1) != 0 ? 0 : sa << 63;
    long q = estimateRoot(nh);
    // One Newton step in double precision leaves the estimate at most a unit or two off; exact steps finish.
    long square = q * q;
    long rl = nl - square;
    long rh = nh - Math.unsignedMultiplyHigh(q, q) - (Long.compareUnsigned(nl, square) < 0 ? 1 : 0);
    double rest = rh * 0x1p64 + unsigned(rl);
    long next = q + (long) (rest / (2 * unsigned(q)));
    q = next < 0 ? next : rest > 0 ? -1L : MIN_VALUE;
    while (true) {
      square = q * q;
      rl = nl - square;
      rh = nh - Math.unsignedMultiplyHigh(q, q) - (Long.compareUnsigned(nl, square) < 0 ? 1 : 0);
      if (rh < 0) {
        q--;
      } else if (rh > 1 || rh == 1 && Long.compareUnsigned(rl, q << 1) > 0) {
        q++;
      } else {
        break;
      }
    }
    c.sign = 0;
    c.exponent = BIAS + (e >> 1);
    c.low = (rh | rl) == 0 ? 0 : rh != 0 || Long.compareUnsigned(rl, q) > 0 ? MIN_VALUE | 1 : 1;
    return q;
  }

  /** Root of {@code nh * 2^64} to double precision, as 64 bits. */
  private static long estimateRoot(long nh) {
    double root = Math.sqrt(unsigned(nh)) * 0x1p32;
    return root >= 0x1p64 ? -1L : (long) (root * 0.5) << 1 | MIN_VALUE;
  }

  private static double unsigned(long v) {
    return (double) (v >>> 1) * 2;
  }
}
