package annulus.cpu.fp;

import static java.lang.Long.MIN_VALUE;

/**
 * Sums, products, quotients and square roots of finite, non-zero, normalised numbers, before rounding. A number is a sign (0 or
 * 1), an exponent biased by 16383 that may leave the 80-bit format's range, and a significand whose bit 63 is set. A result has 64
 * more bits in {@link FpContext#low}, of which the last is sticky: it is set where any lower bit would be. All three formats are
 * exact in this one, and round from it.
 */
public final class Exact {
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
    long q = quotient(sa, sb);
    c.low = quotientRest(sa, sb, q);
    c.sign = sign;
    c.exponent = ea - eb + BIAS - smaller(sa, sb);
    return q;
  }

  /** 1 where the first of two significands is the smaller one, else 0. Both have bit 63 set. */
  public static int smaller(long sa, long sb) {
    return (int) (sa - sb >>> 63);
  }

  /**
   * The 64 bits of {@code sa / sb} from its first one on, rounded to nearest: never to 65 bits, and there are no ties.
   *
   * @param c learns whether it was rounded up, and nothing else
   */
  public static long nearestQuotient(long sa, long sb, FpContext c) {
    long q = quotient(sa, sb);
    long up = quotientRest(sa, sb, q) >>> 63;
    c.roundedUp = up != 0;
    return q + up;
  }

  private static long quotient(long sa, long sb) {
    int shift = 1 - smaller(sa, sb);
    return quotient(sa >>> shift, sa << 63 & -(long) shift, sb);
  }

  /** What follows {@code q}, which {@link #quotient} has found, as in {@link FpContext#low}: a half and whether there is more or less. */
  private static long quotientRest(long sa, long sb, long q) {
    long has = (sa << 63 & (long) smaller(sa, sb) - 1) - q * sb;
    long lacks = sb - has;
    long less = borrow(has, lacks);
    return (1 - less) << 63 | notZero(has) & notZero(has - lacks);
  }

  /** 1 where {@code a} is less than {@code b}, both without sign, else 0: how random numbers compare is nothing to branch by. */
  private static long borrow(long a, long b) {
    return (~a & b | ~(a ^ b) & a - b) >>> 63;
  }

  /** 1 or 0, as a number, for the same reason. */
  public static long notZero(long v) {
    return (v | -v) >>> 63;
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
    long q = root(ea, sa);
    c.low = rootRest(ea, sa, q);
    c.sign = 0;
    c.exponent = BIAS + (ea - BIAS >> 1);
    return q;
  }

  /**
   * The 64 bits of the square root of a positive number, rounded to nearest: never to 65 bits, and there are no ties.
   *
   * @param e the number's exponent, of which it matters whether it is odd
   * @param s the number's significand, bit 63 of which is set
   * @param c learns whether it was rounded up, and nothing else
   */
  public static long nearestRoot(int e, long s, FpContext c) {
    long q = root(e, s);
    long up = rootRest(e, s, q) >>> 63;
    c.roundedUp = up != 0;
    return q + up;
  }

  private static long root(int e, long s) {
    // The radicand is s * 2^63 or s * 2^64, so that the exponent that remains is even and the root has 64 bits.
    int odd = e & 1;
    long nh = s >>> odd;
    long nl = s << 63 & -(long) odd;
    double estimate = Math.sqrt(unsigned(nh)) * 0x1p32;
    long q = estimate >= 0x1p64 ? -1L : (long) (estimate * 0.5) << 1 | MIN_VALUE;
    long rl = nl - q * q;
    long rh = restHigh(nh, nl, q);
    // One Newton step, of what is below 2^12, in double precision: rounded down it is hardly ever wrong. Exact steps finish.
    double step = (double) (rh << 48 | rl >>> 16) * (0x1p15 / estimate);
    long next = q + (long) Math.floor(step);
    q = next < 0 ? next : step > 0 ? -1L : MIN_VALUE;
    while (true) {
      rl = nl - q * q;
      rh = restHigh(nh, nl, q);
      if (rh < 0) {
        q--;
      } else if (rh > 1 || rh == 1 && Long.compareUnsigned(rl, q << 1) > 0) {
        q++;
      } else {
        return q;
      }
    }
  }

  /** What follows {@code q}, which {@link #root} has found, as in {@link FpContext#low}. */
  private static long rootRest(int e, long s, long q) {
    int odd = e & 1;
    long nl = s << 63 & -(long) odd;
    long rl = nl - q * q;
    long rh = restHigh(s >>> odd, nl, q);
    // The next bit is set where the rest is more than q: never as much as q and a half.
    return (rh | borrow(q, rl)) << 63 | notZero(rh | rl);
  }

  /** Upper 64 bits of what a radicand has more than the square of {@code q}; negative where it has less. */
  private static long restHigh(long nh, long nl, long q) {
    return nh - Math.unsignedMultiplyHigh(q, q) - borrow(nl, q * q);
  }

  private static double unsigned(long v) {
    return (double) (v >>> 1) * 2;
  }
}
