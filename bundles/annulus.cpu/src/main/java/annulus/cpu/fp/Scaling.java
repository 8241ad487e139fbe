package annulus.cpu.fp;

/** 80-bit operations on quotient and exponent: partial remainder, scaling, extraction. Never affected by precision control. */
public final class Scaling {
  private Scaling() {}

  /**
   * One step of FPREM, or with {@code nearest} of FPREM1 (SDM 2A). {@link FpContext#quotient} gets the low bits of the quotient,
   * or -1 when the reduction is incomplete because the exponents differ by 64 or more: the result is then smaller than the
   * dividend by 32 to 63 binary orders.
   */
  public static long remainder(int ae, long as, int be, long bs, boolean nearest, FpContext c) {
    c.quotient = 0;
    if (F80.isNanOperation(ae, as, be, bs)) {
      return F80.propagateNan(ae, as, be, bs, c);
    }
    if (F80.isInfinite(ae, as) || F80.isZero(be, bs)) {
      return F80.invalid(c);
    }
    if ((F80.isDenormal(ae, as) || F80.isDenormal(be, bs)) && c.denormalStops()) {
      return 0;
    }
    if (as == 0 || F80.isInfinite(be, bs)) {
      return F80.result(ae, as, c);
    }
    int difference = F80.exponent(ae, as) - F80.exponent(be, bs);
    if (difference < (nearest ? -1 : 0)) {
      return F80.round(F80.unpack(ae, as, c), 64, c);
    }
    return reduce(ae >>> 15 & 1, F80.normalise(as), F80.exponent(be, bs), F80.normalise(bs), difference, nearest, c);
  }

  private static long reduce(int sign, long a, int exponent, long b, int difference, boolean nearest, FpContext c) {
    long rest;
    c.sign = sign;
    c.low = 0;
    c.exponent = exponent;
    if (difference < 0) {
      // The dividend is between a quarter and the whole of the divisor: half the divisor decides.
      c.exponent--;
      rest = a;
      if (Long.compareUnsigned(a, b) > 0) {
        rest = (b << 1) - a;
        c.sign ^= 1;
        c.quotient = 1;
      }
    } else {
      int bits = difference < 64 ? difference : difference & 31 | 32;
      long q = Exact.quotientOf(a, bits, b);
      rest = (a << bits) - q * b;
      c.exponent += difference - bits;
      if (difference >= 64) {
        c.quotient = -1;
      } else {
        int order = nearest ? Long.compareUnsigned(rest, b - rest) : -1;
        if (order > 0 || order == 0 && (q & 1) != 0) {
          rest = b - rest;
          c.sign ^= 1;
          q++;
        }
        c.quotient = (int) q & 7;
      }
    }
    if (rest == 0) {
      return F80.zero(sign, c);
    }
    c.exponent -= Long.numberOfLeadingZeros(rest);
    return F80.round(F80.normalise(rest), 64, c);
  }

  /** FSCALE: {@code a} times two to the power of {@code b} truncated to an integer (SDM 2A). */
  public static long scale(int ae, long as, int be, long bs, FpContext c) {
    if (F80.isNanOperation(ae, as, be, bs)) {
      return F80.propagateNan(ae, as, be, bs, c);
    }
    boolean down = (be & F80.SIGN) != 0;
    if (F80.isInfinite(be, bs) && (down ? F80.isInfinite(ae, as) : F80.isZero(ae, as))) {
      return F80.invalid(c);
    }
    if ((F80.isDenormal(ae, as) || F80.isDenormal(be, bs)) && c.denormalStops()) {
      return 0;
    }
    if (as == 0 || F80.isInfinite(ae, as)) {
      return F80.result(ae, as, c);
    }
    if (F80.isInfinite(be, bs)) {
      return down ? F80.zero(ae >>> 15 & 1, c) : F80.infinity(ae >>> 15 & 1, c);
    }
    int e = be & F80.EXPONENT;
    // Beyond 2^16 every factor overflows or underflows alike.
    int factor = e < F80.BIAS || bs == 0 ? 0 : e > F80.BIAS + 16 ? 1 << 17 : (int) (bs >>> F80.BIAS + 63 - e);
    long significand = F80.unpack(ae, as, c);
    c.exponent += down ? -factor : factor;
    return F80.round(significand, 64, c);
  }

  /** Unbiased exponent of a finite, non-zero number, as FXTRACT finds it: that of a denormal as if it were normalised. */
  public static int exponentOf(int se, long s) {
    return F80.exponent(se, s) - F80.BIAS;
  }

  /** The significand FXTRACT leaves: between 1 and 2, with the number's sign. */
  public static long significandOf(int se, long s, FpContext c) {
    return F80.result(se & F80.SIGN | F80.BIAS, F80.normalise(s), c);
  }
}
