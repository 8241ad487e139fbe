package annulus.cpu.fp;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * A positive number with a 128-bit significand, reused: value = (high:low) / 2^127 * 2^exponent, bit 127 set. Results of its
 * operations are right to a few units of the last of the 128 bits.
 */
final class Wide {
  int exponent;
  long high;
  long low;

  Wide set(int exponent, long high, long low) {
    this.exponent = exponent;
    this.high = high;
    this.low = low;
    return this;
  }

  Wide set(Wide w) {
    return set(w.exponent, w.high, w.low);
  }

  /** A constant, given with enough digits. */
  static Wide of(BigDecimal value) {
    BigInteger scaled = value.multiply(new BigDecimal(BigInteger.ONE.shiftLeft(200))).toBigInteger();
    BigInteger bits = scaled.shiftRight(scaled.bitLength() - 128);
    return new Wide().set(scaled.bitLength() - 201, bits.shiftRight(64).longValue(), bits.longValue());
  }

  /** Takes high:low * 2^(exponent - 127), normalised or not, but not zero. */
  Wide normalised(int exponent, long high, long low) {
    if (high == 0) {
      high = low;
      low = 0;
      exponent -= 64;
    }
    int zeros = Long.numberOfLeadingZeros(high);
    if (zeros != 0) {
      high = high << zeros | low >>> -zeros;
      low <<= zeros;
    }
    return set(exponent - zeros, high, low);
  }

  /** This = a * b. */
  Wide multiply(Wide a, Wide b) {
    long h = Math.unsignedMultiplyHigh(a.high, b.high);
    long l = a.high * b.high;
    long cross = Math.unsignedMultiplyHigh(a.high, b.low);
    l += cross;
    h += carry(l, cross);
    cross = Math.unsignedMultiplyHigh(a.low, b.high);
    l += cross;
    h += carry(l, cross);
    return normalised(a.exponent + b.exponent + 1, h, l);
  }

  /** This = a / b. */
  Wide divide(Wide a, Wide b) {
    long nh = a.high;
    long nl = a.low;
    int e = a.exponent - b.exponent;
    int order = Long.compareUnsigned(nh, b.high);
    if (order > 0 || order == 0 && Long.compareUnsigned(nl, b.low) >= 0) {
      // The remainder keeps its lowest bit in front of a zero digit: one bit of 128 is given up.
      nl = nh << 63 | nl >>> 1;
      nh >>>= 1;
    } else {
      e--;
    }
    long bh = b.high;
    long bl = b.low;
    long q1 = digit(nh, nl, bh, bl);
    // Remainder nh:nl:0 - q1 * (bh:bl), below bh:bl.
    long p = Math.unsignedMultiplyHigh(q1, bl);
    long r0 = -(q1 * bl);
    long r1 = nl - q1 * bh - p - (r0 != 0 ? 1 : 0);
    long q0 = digit(r1, r0, bh, bl);
    return normalised(e, q1, q0);
  }

  /** One 64-bit digit of n / b, n = nh:nl:0 below b * 2^64. */
  private static long digit(long nh, long nl, long bh, long bl) {
    if (nh == bh) {
      return -1L;
    }
    long q = Exact.quotient(nh, nl, bh);
    long r = nl - q * bh;
    long ph = Math.unsignedMultiplyHigh(q, bl);
    long pl = q * bl;
    // Too large while q * bl exceeds r:0.
    while (Long.compareUnsigned(ph, r) > 0 || ph == r && pl != 0) {
      q--;
      ph -= Long.compareUnsigned(pl, bl) < 0 ? 1 : 0;
      pl -= bl;
      r += bh;
      if (Long.compareUnsigned(r, bh) < 0) {
        break;
      }
    }
    return q;
  }

  /** This = a + b. */
  Wide add(Wide a, Wide b) {
    Wide x = a.exponent >= b.exponent ? a : b;
    Wide y = x == a ? b : a;
    int shift = x.exponent - y.exponent;
    long l = x.low + shiftedLow(y, shift);
    long out = carry(l, x.low);
    long t = shiftedHigh(y, shift) + out;
    long h = x.high + t;
    boolean over = Long.compareUnsigned(h, t) < 0 || out != 0 && t == 0;
    return over ? set(x.exponent + 1, h >>> 1 | Long.MIN_VALUE, l >>> 1 | h << 63) : set(x.exponent, h, l);
  }

  /** This = a - b, where a is the larger. */
  Wide subtract(Wide a, Wide b) {
    int shift = a.exponent - b.exponent;
    long bl = shiftedLow(b, shift);
    long l = a.low - bl;
    long h = a.high - shiftedHigh(b, shift) - (Long.compareUnsigned(a.low, bl) < 0 ? 1 : 0);
    return normalised(a.exponent, h, l);
  }

  int compareTo(Wide b) {
    int order = Integer.compare(exponent, b.exponent);
    order = order != 0 ? order : Long.compareUnsigned(high, b.high);
    return order != 0 ? order : Long.compareUnsigned(low, b.low);
  }

  /** The number below 1 as a 128-bit fraction. */
  long fractionHigh() {
    return shiftedHigh(this, -1 - exponent);
  }

  long fractionLow() {
    return shiftedLow(this, -1 - exponent);
  }

  private static long shiftedHigh(Wide w, int shift) {
    return shift < 64 ? w.high >>> shift : 0;
  }

  private static long shiftedLow(Wide w, int shift) {
    return shift == 0 ? w.low : shift < 64 ? w.low >>> shift | w.high << -shift : shift < 128 ? w.high >>> shift - 64 : 0;
  }

  /**
   * Horner's rule: this = sum of table[k] * x^k, with {@code alternate} of table[k] * (-x)^k. The table holds 128-bit numbers in
   * pairs, high word first, in units of 2^-127, the first of them 1; {@code x} is a fraction below 1. The sum lies between 0 and 2,
   * an alternating one below 1 even where {@code x} is too small to show: directed rounding must see that.
   */
  Wide series(long[] table, long xh, long xl, boolean alternate) {
    long h = table[table.length - 2];
    long l = table[table.length - 1];
    for (int k = table.length - 4; k >= 0; k -= 2) {
      long ph = Math.unsignedMultiplyHigh(h, xh);
      long pl = h * xh;
      long cross = Math.unsignedMultiplyHigh(h, xl);
      pl += cross;
      ph += carry(pl, cross);
      cross = Math.unsignedMultiplyHigh(l, xh);
      pl += cross;
      ph += carry(pl, cross);
      if (alternate) {
        l = table[k + 1] - pl;
        h = table[k] - ph - (Long.compareUnsigned(table[k + 1], pl) < 0 ? 1 : 0);
      } else {
        l = table[k + 1] + pl;
        h = table[k] + ph + carry(l, pl);
      }
    }
    return alternate && h == Long.MIN_VALUE && l == 0 ? set(-1, -1L, -1L) : normalised(0, h, l);
  }

  private static long carry(long sum, long addend) {
    return Long.compareUnsigned(sum, addend) < 0 ? 1 : 0;
  }
}
