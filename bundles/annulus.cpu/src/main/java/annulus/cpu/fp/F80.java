package annulus.cpu.fp;

import static java.lang.Long.MIN_VALUE;

/**
 * The double extended-precision format (SDM 1 4.2.2) with the rules of the x87 unit (SDM 1 8.2, 8.5):
 *
 * <pre>
 * 79    78..64     63       62..0
 * sign  exponent   integer  fraction       value = significand * 2^(exponent - 16383 - 63)
 * </pre>
 *
 * A number is an {@code int} with sign (bit 15) and exponent, and a {@code long} significand. Operations return the significand
 * and leave sign and exponent in {@link FpContext#signExponent}. With unmasked overflow or underflow the result's exponent is
 * wrapped by 24576 (SDM 1 8.5.4, 8.5.5).
 */
public final class F80 {
  /** Significand and sign with exponent of the indefinite QNaN. */
  public static final long DEFAULT_NAN = 0xC000_0000_0000_0000L;
  public static final int DEFAULT_NAN_SE = 0xFFFF;
  public static final int EXPONENT = 0x7FFF;
  public static final int SIGN = 0x8000;
  static final int BIAS = Exact.BIAS;
  private static final int WRAP = 24576;
  private static final long QUIET = 1L << 62;

  private F80() {}

  // ---- classes -----------------------------------------------------------------------------------------------------------------

  /** Pseudo-NaN, pseudo-infinity and unnormal: an integer bit that is clear where it must be set (SDM 1 8.2.2). */
  public static boolean isUnsupported(int se, long significand) {
    return (se & EXPONENT) != 0 && significand >= 0;
  }

  public static boolean isNan(int se, long significand) {
    return (se & EXPONENT) == EXPONENT && significand << 1 != 0;
  }

  public static boolean isSignalling(int se, long significand) {
    return isNan(se, significand) && (significand & QUIET) == 0;
  }

  public static boolean isInfinite(int se, long significand) {
    return (se & EXPONENT) == EXPONENT && significand == MIN_VALUE;
  }

  public static boolean isZero(int se, long significand) {
    return (se & EXPONENT) == 0 && significand == 0;
  }

  /** Denormal or pseudo-denormal. */
  public static boolean isDenormal(int se, long significand) {
    return (se & EXPONENT) == 0 && significand != 0;
  }

  /** Whether arithmetic needs no look at special cases: normal, the integer bit set. */
  private static boolean isNormal(int se, long significand) {
    return significand < 0 && ((se & EXPONENT) - 1 & 0xFFFF) < 0x7FFE;
  }

  // ---- arithmetic --------------------------------------------------------------------------------------------------------------

  public static long add(int ae, long as, int be, long bs, FpContext c) {
    if (isNormal(ae, as) && isNormal(be, bs)) {
      long hi = Exact.add(ae >>> 15 & 1, ae & EXPONENT, as, be >>> 15 & 1, be & EXPONENT, bs, c);
      return hi == 0 ? zero(c.sign, c) : round(hi, c);
    }
    return addSpecial(ae, as, be, bs, c);
  }

  public static long sub(int ae, long as, int be, long bs, FpContext c) {
    if (isNormal(ae, as) && isNormal(be, bs)) {
      long hi = Exact.add(ae >>> 15 & 1, ae & EXPONENT, as, ~be >>> 15 & 1, be & EXPONENT, bs, c);
      return hi == 0 ? zero(c.sign, c) : round(hi, c);
    }
    if (isNanOperation(ae, as, be, bs)) {
      return propagateNan(ae, as, be, bs, c);
    }
    return addSpecial(ae, as, be ^ SIGN, bs, c);
  }

  private static long addSpecial(int ae, long as, int be, long bs, FpContext c) {
    if (isNanOperation(ae, as, be, bs)) {
      return propagateNan(ae, as, be, bs, c);
    }
    if (isInfinite(ae, as) && isInfinite(be, bs) && (ae ^ be) != 0) {
      return invalid(c);
    }
    if ((isDenormal(ae, as) || isDenormal(be, bs)) && c.denormalStops()) {
      return zero(0, c);
    }
    if (isInfinite(ae, as)) {
      return infinity(ae >>> 15 & 1, c);
    }
    if (isInfinite(be, bs)) {
      return infinity(be >>> 15 & 1, c);
    }
    int signA = ae >>> 15 & 1;
    int signB = be >>> 15 & 1;
    if (as == 0 && bs == 0) {
      return zero(signA == signB ? signA : c.rounding == FpContext.DOWN ? 1 : 0, c);
    }
    long hi;
    if (as == 0 || bs == 0) {
      hi = unpack(as == 0 ? be : ae, as == 0 ? bs : as, c);
    } else {
      hi = Exact.add(signA, exponent(ae, as), normalise(as), signB, exponent(be, bs), normalise(bs), c);
    }
    return hi == 0 ? zero(c.sign, c) : round(hi, c);
  }

  public static long mul(int ae, long as, int be, long bs, FpContext c) {
    int sign = (ae ^ be) >>> 15 & 1;
    if (isNormal(ae, as) && isNormal(be, bs)) {
      return round(Exact.multiply(sign, ae & EXPONENT, as, be & EXPONENT, bs, c), c);
    }
    if (isNanOperation(ae, as, be, bs)) {
      return propagateNan(ae, as, be, bs, c);
    }
    boolean infinite = isInfinite(ae, as) || isInfinite(be, bs);
    boolean zero = isZero(ae, as) || isZero(be, bs);
    if (infinite && zero) {
      return invalid(c);
    }
    if ((isDenormal(ae, as) || isDenormal(be, bs)) && c.denormalStops()) {
      return zero(0, c);
    }
    if (infinite) {
      return infinity(sign, c);
    }
    if (zero) {
      return zero(sign, c);
    }
    return round(Exact.multiply(sign, exponent(ae, as), normalise(as), exponent(be, bs), normalise(bs), c), c);
  }

  public static long div(int ae, long as, int be, long bs, FpContext c) {
    int sign = (ae ^ be) >>> 15 & 1;
    if (isNormal(ae, as) && isNormal(be, bs)) {
      return round(Exact.divide(sign, ae & EXPONENT, as, be & EXPONENT, bs, c), c);
    }
    if (isNanOperation(ae, as, be, bs)) {
      return propagateNan(ae, as, be, bs, c);
    }
    boolean infiniteA = isInfinite(ae, as);
    boolean infiniteB = isInfinite(be, bs);
    boolean zeroA = isZero(ae, as);
    boolean zeroB = isZero(be, bs);
    if (infiniteA && infiniteB || zeroA && zeroB) {
      return invalid(c);
    }
    if (zeroB && !infiniteA) {
      c.flags |= FpContext.ZE;
      return infinity(sign, c);
    }
    if ((isDenormal(ae, as) || isDenormal(be, bs)) && c.denormalStops()) {
      return zero(0, c);
    }
    if (infiniteA) {
      return infinity(sign, c);
    }
    if (zeroA || infiniteB) {
      return zero(sign, c);
    }
    return round(Exact.divide(sign, exponent(ae, as), normalise(as), exponent(be, bs), normalise(bs), c), c);
  }

  public static long sqrt(int se, long s, FpContext c) {
    if (isUnsupported(se, s) || isNan(se, s)) {
      return propagateNan(se, s, c);
    }
    if (isZero(se, s)) {
      return zero(se >>> 15 & 1, c);
    }
    if ((se & SIGN) != 0) {
      return invalid(c);
    }
    if (isInfinite(se, s)) {
      return infinity(0, c);
    }
    if (isDenormal(se, s) && c.denormalStops()) {
      return zero(0, c);
    }
    return round(Exact.squareRoot(exponent(se, s), normalise(s), c), c);
  }

  /** FRNDINT: to an integral value in the context's rounding mode. */
  public static long roundToInt(int se, long s, FpContext c) {
    int e = se & EXPONENT;
    if (isUnsupported(se, s) || isNan(se, s)) {
      return propagateNan(se, s, c);
    }
    if (isDenormal(se, s) && c.denormalStops()) {
      return zero(0, c);
    }
    if (e >= BIAS + 63 || s == 0) {
      return result(se, s, c);
    }
    int sign = se >>> 15 & 1;
    long integer = Integers.magnitude(sign, exponent(se, s), normalise(s), c.rounding, c);
    if (integer == 0) {
      return zero(sign, c, c.roundedUp);
    }
    c.signExponent = sign << 15 | exponentOf(integer);
    return normalise(integer);
  }

  /** {@link FpContext#LESS} and so on. Quiet comparisons raise IE for signalling NaNs only. */
  public static int compare(int ae, long as, int be, long bs, boolean signalling, FpContext c) {
    if (isNanOperation(ae, as, be, bs)) {
      if (signalling || isSignalling(ae, as) || isSignalling(be, bs) || isUnsupported(ae, as) || isUnsupported(be, bs)) {
        c.flags |= FpContext.IE;
      }
      return FpContext.UNORDERED;
    }
    if (isDenormal(ae, as) || isDenormal(be, bs)) {
      c.flags |= FpContext.DE;
    }
    boolean negativeA = (ae & SIGN) != 0;
    boolean negativeB = (be & SIGN) != 0;
    if (as == 0 && bs == 0) {
      return FpContext.EQUAL;
    }
    if (negativeA != negativeB) {
      return negativeA ? FpContext.LESS : FpContext.GREATER;
    }
    // A pseudo-denormal's exponent counts as 1.
    int order = Integer.compare(Math.max(ae & EXPONENT, 1), Math.max(be & EXPONENT, 1));
    order = order != 0 ? order : Long.compareUnsigned(as, bs);
    return negativeA ? -Integer.signum(order) : Integer.signum(order);
  }

  // ---- conversions -------------------------------------------------------------------------------------------------------------

  public static int toF32(int se, long s, FpContext c) {
    int sign = se >>> 15 & 1;
    if (isUnsupported(se, s)) {
      c.flags |= FpContext.IE;
      return F32.DEFAULT_NAN;
    }
    if ((se & EXPONENT) == EXPONENT) {
      if (s << 1 != 0) {
        c.flags |= isSignalling(se, s) ? FpContext.IE : 0;
        return sign << 31 | 0x7FC0_0000 | (int) (s >>> 40) & 0x3F_FFFF;
      }
      return sign << 31 | 0x7F80_0000;
    }
    if (s == 0) {
      return sign << 31;
    }
    return F32.round(unpack(se, s, c), c);
  }

  public static long toF64(int se, long s, FpContext c) {
    long sign = (long) (se & SIGN) << 48;
    if (isUnsupported(se, s)) {
      c.flags |= FpContext.IE;
      return F64.DEFAULT_NAN;
    }
    if ((se & EXPONENT) == EXPONENT) {
      if (s << 1 != 0) {
        c.flags |= isSignalling(se, s) ? FpContext.IE : 0;
        return sign | 0x7FF8_0000_0000_0000L | s >>> 11 & 0x7_FFFF_FFFF_FFFFL;
      }
      return sign | 0x7FF0_0000_0000_0000L;
    }
    if (s == 0) {
      return sign;
    }
    return F64.round(unpack(se, s, c), c);
  }

  /** 0x8000 and IE where the value has no 16-bit integer, as FIST. */
  public static short toInt16(int se, long s, int rounding, FpContext c) {
    return (short) toInteger(se, s, rounding, 16, c);
  }

  /** 0x8000_0000 and IE where the value has no 32-bit integer. */
  public static int toInt32(int se, long s, int rounding, FpContext c) {
    return (int) toInteger(se, s, rounding, 32, c);
  }

  /** 0x8000_0000_0000_0000 and IE where the value has no 64-bit integer. */
  public static long toInt64(int se, long s, int rounding, FpContext c) {
    return toInteger(se, s, rounding, 64, c);
  }

  private static long toInteger(int se, long s, int rounding, int bits, FpContext c) {
    if (isUnsupported(se, s) || (se & EXPONENT) == EXPONENT) {
      return Integers.indefinite(bits, c);
    }
    return s == 0 ? 0 : Integers.of(se >>> 15 & 1, exponent(se, s), normalise(s), rounding, bits, c);
  }

  /** Exact. */
  public static long fromInt64(long v, FpContext c) {
    long magnitude = Math.abs(v);
    return v == 0 ? zero(0, c) : result((v < 0 ? SIGN : 0) | exponentOf(magnitude), normalise(magnitude), c);
  }

  /** A non-zero integer in the form that rounding takes. */
  static long unpackInteger(long v, FpContext c) {
    long magnitude = Math.abs(v);
    c.sign = v < 0 ? 1 : 0;
    c.exponent = exponentOf(magnitude);
    c.low = 0;
    return normalise(magnitude);
  }

  /** Exponent of a non-zero unsigned integer. */
  static int exponentOf(long magnitude) {
    return BIAS + 63 - Long.numberOfLeadingZeros(magnitude);
  }

  // ---- results -----------------------------------------------------------------------------------------------------------------

  static boolean isNanOperation(int ae, long as, int be, long bs) {
    return isUnsupported(ae, as) || isUnsupported(be, bs) || isNan(ae, as) || isNan(be, bs);
  }

  /**
   * Result of an operation on a NaN or an unsupported operand, SDM 1 table 4-7: of two quiet or two signalling NaNs the one with
   * the larger significand, the positive one of equals; of one of each, the quiet one. The result is quiet.
   */
  public static long propagateNan(int ae, long as, int be, long bs, FpContext c) {
    if (isUnsupported(ae, as) || isUnsupported(be, bs)) {
      return invalid(c);
    }
    boolean signallingA = isSignalling(ae, as);
    boolean signallingB = isSignalling(be, bs);
    if (signallingA || signallingB) {
      c.flags |= FpContext.IE;
    }
    boolean nanA = isNan(ae, as);
    boolean nanB = isNan(be, bs);
    boolean first;
    if (!nanA || !nanB) {
      first = nanA;
    } else if (signallingA != signallingB) {
      first = signallingB;
    } else {
      int order = Long.compareUnsigned(as, bs);
      first = order > 0 || order == 0 && (ae & SIGN) == 0;
    }
    return result(first ? ae : be, (first ? as : bs) | QUIET, c);
  }

  /** The same for one operand. */
  public static long propagateNan(int se, long s, FpContext c) {
    if (isUnsupported(se, s)) {
      return invalid(c);
    }
    if (isSignalling(se, s)) {
      c.flags |= FpContext.IE;
    }
    return result(se, s | QUIET, c);
  }

  /** The indefinite QNaN with IE. */
  public static long invalid(FpContext c) {
    c.flags |= FpContext.IE;
    return result(DEFAULT_NAN_SE, DEFAULT_NAN, c);
  }

  public static long result(int se, long s, FpContext c) {
    c.signExponent = se;
    c.roundedUp = false;
    return s;
  }

  public static long zero(int sign, FpContext c) {
    return result(sign << 15, 0, c);
  }

  private static long zero(int sign, FpContext c, boolean roundedUp) {
    c.signExponent = sign << 15;
    c.roundedUp = roundedUp;
    return 0;
  }

  public static long infinity(int sign, FpContext c) {
    return result(sign << 15 | EXPONENT, MIN_VALUE, c);
  }

  /** Exponent of a finite, non-zero number as if its significand were normalised. */
  static int exponent(int se, long s) {
    int e = se & EXPONENT;
    return (e == 0 ? 1 : e) - Long.numberOfLeadingZeros(s);
  }

  static long normalise(long s) {
    return s << Long.numberOfLeadingZeros(s);
  }

  /** A finite, non-zero number in the form that rounding takes. */
  static long unpack(int se, long s, FpContext c) {
    c.sign = se >>> 15 & 1;
    c.exponent = exponent(se, s);
    c.low = 0;
    return normalise(s);
  }

  private static long round(long hi, FpContext c) {
    return round(hi, c.precision, c);
  }

  /** Rounds {@code hi} with {@link FpContext#low}, {@code sign} and {@code exponent} to {@code precision} bits: 24, 53 or 64. */
  static long round(long hi, int precision, FpContext c) {
    int e = c.exponent;
    if (precision != 64 || e <= 0 || e >= EXPONENT - 1) {
      return roundSlowly(hi, precision, c);
    }
    long low = c.low;
    c.flags |= low != 0 ? FpContext.PE : 0;
    long up;
    if (c.rounding == FpContext.NEAREST) {
      // Without branches: random operands would take them at random.
      long rest = low << 1;
      up = low >>> 63 & ((rest | -rest) >>> 63 | hi);
    } else {
      up = c.roundsUp(c.rounding, c.sign, (hi & 1) != 0, low) ? 1 : 0;
    }
    c.roundedUp = up != 0;
    hi += up;
    if (hi == 0) {
      hi = MIN_VALUE;
      e++;
    }
    c.signExponent = c.sign << 15 | e;
    return hi;
  }

  private static long roundSlowly(long hi, int p, FpContext c) {
    int e = c.exponent;
    long mask = p == 64 ? 0 : -1L >>> p;
    long low = c.low;
    boolean tiny = e < 0 || e == 0 && ((hi | mask) != -1 || !roundsUp(hi, low, p, c));
    if (e <= 0) {
      if (tiny && (c.masks & FpContext.UE) == 0) {
        c.flags |= FpContext.UE;
        tiny = false;
        e += WRAP;
        // A scaled number too small even so (FSCALE) is a zero.
        if (e <= 0) {
          c.flags |= FpContext.PE;
          return zero(c.sign, c);
        }
      } else {
        // Denormalise: the integer bit moves below bit 63, lost bits go to the sticky bit.
        int shift = 1 - e;
        if (shift < 64) {
          low = hi << -shift | (low != 0 ? 1 : 0);
          hi >>>= shift;
        } else {
          low = shift == 64 ? hi | (low != 0 ? 1 : 0) : 1;
          hi = 0;
        }
        e = 0;
      }
    }
    boolean up = roundsUp(hi, low, p, c);
    boolean inexact = (hi & mask) != 0 || low != 0;
    hi &= ~mask;
    if (up) {
      hi += mask + 1;
      if (hi == 0) {
        hi = MIN_VALUE;
        e++;
      }
    }
    if (e == 0 && hi < 0) {
      e = 1;
    }
    c.roundedUp = up;
    if (e >= EXPONENT) {
      c.flags |= FpContext.OE;
      if ((c.masks & FpContext.OE) != 0) {
        c.flags |= FpContext.PE;
        c.roundedUp = c.overflowsToInfinity();
        c.signExponent = c.sign << 15 | (c.roundedUp ? EXPONENT : EXPONENT - 1);
        return c.roundedUp ? MIN_VALUE : ~mask;
      }
      e -= WRAP;
      // A scaled number too large even so (FSCALE) is an infinity, SDM 2A "FSCALE".
      if (e >= EXPONENT) {
        c.flags |= FpContext.PE;
        c.signExponent = c.sign << 15 | EXPONENT;
        c.roundedUp = true;
        return MIN_VALUE;
      }
    }
    if (inexact) {
      c.flags |= FpContext.PE | (tiny ? FpContext.UE : 0);
    }
    c.signExponent = c.sign << 15 | e;
    return hi;
  }

  private static boolean roundsUp(long hi, long low, int p, FpContext c) {
    long fraction = p == 64 ? low : hi << p | (low != 0 ? 1 : 0);
    return c.roundsUp(c.rounding, c.sign, (hi >>> 64 - p & 1) != 0, fraction);
  }
}
