package annulus.cpu.fp;

/**
 * The double-precision format (SDM 1 4.2.2) with the rules of SSE (SDM 1 11.5.2): results of NaN operands by
 * {@link #propagateNan}, denormals-are-zero and flush-to-zero by the context.
 */
public final class F64 {
  /** The indefinite QNaN. */
  public static final long DEFAULT_NAN = 0xFFF8_0000_0000_0000L;
  private static final long SIGN = Long.MIN_VALUE;
  private static final long INFINITY = 0x7FF0_0000_0000_0000L;
  private static final long FRACTION = 0xF_FFFF_FFFF_FFFFL;
  private static final long QUIET = 1L << 51;
  /** Bits of the significand, and how far the exponent's bias lies below that of {@link Exact}. */
  private static final int PRECISION = 53;
  private static final int REBIAS = Exact.BIAS - 1023;
  private static final int EXPONENT_MAX = 0x7FF;

  private F64() {}

  public static boolean isNan(long a) {
    return (a & ~SIGN) > INFINITY;
  }

  public static boolean isSignalling(long a) {
    return isNan(a) && (a & QUIET) == 0;
  }

  public static boolean isDenormal(long a) {
    return (a & INFINITY) == 0 && (a & FRACTION) != 0;
  }

  public static long quiet(long a) {
    return a | QUIET;
  }

  // ---- arithmetic --------------------------------------------------------------------------------------------------------------

  public static long add(long a, long b, FpContext c) {
    return isNan(a) || isNan(b) ? propagateNan(a, b, c) : sum(flushOperand(a, c), flushOperand(b, c), c);
  }

  public static long sub(long a, long b, FpContext c) {
    return isNan(a) || isNan(b) ? propagateNan(a, b, c) : sum(flushOperand(a, c), flushOperand(b, c) ^ SIGN, c);
  }

  private static long sum(long a, long b, FpContext c) {
    boolean infiniteA = isInfinite(a);
    if (infiniteA && a == (b ^ SIGN)) {
      return invalid(c);
    }
    if ((isDenormal(a) || isDenormal(b)) && c.denormalStops()) {
      return 0;
    }
    if (infiniteA) {
      return a;
    }
    if (isInfinite(b)) {
      return b;
    }
    if (isZero(a) && isZero(b)) {
      return a == b ? a : c.rounding == FpContext.DOWN ? SIGN : 0;
    }
    if (isZero(a) || isZero(b)) {
      return round(unpack(isZero(a) ? b : a, c), c);
    }
    long hi = Exact.add(sign(a), exponent(a), significand(a), sign(b), exponent(b), significand(b), c);
    return hi == 0 ? signed(c.sign) : round(hi, c);
  }

  public static long mul(long x, long y, FpContext c) {
    if (isNan(x) || isNan(y)) {
      return propagateNan(x, y, c);
    }
    long a = flushOperand(x, c);
    long b = flushOperand(y, c);
    long sign = (a ^ b) & SIGN;
    boolean infinite = isInfinite(a) || isInfinite(b);
    boolean zero = isZero(a) || isZero(b);
    if (infinite && zero) {
      return invalid(c);
    }
    if ((isDenormal(a) || isDenormal(b)) && c.denormalStops()) {
      return 0;
    }
    if (infinite) {
      return sign | INFINITY;
    }
    if (zero) {
      return sign;
    }
    return round(Exact.multiply(sign(sign), exponent(a), significand(a), exponent(b), significand(b), c), c);
  }

  public static long div(long x, long y, FpContext c) {
    if (isNan(x) || isNan(y)) {
      return propagateNan(x, y, c);
    }
    long a = flushOperand(x, c);
    long b = flushOperand(y, c);
    long sign = (a ^ b) & SIGN;
    if (isInfinite(a) && isInfinite(b) || isZero(a) && isZero(b)) {
      return invalid(c);
    }
    if (isZero(b) && !isInfinite(a)) {
      c.flags |= FpContext.ZE;
      return sign | INFINITY;
    }
    if ((isDenormal(a) || isDenormal(b)) && c.denormalStops()) {
      return 0;
    }
    if (isInfinite(a)) {
      return sign | INFINITY;
    }
    if (isZero(a) || isInfinite(b)) {
      return sign;
    }
    return round(Exact.divide(sign(sign), exponent(a), significand(a), exponent(b), significand(b), c), c);
  }

  public static long sqrt(long x, FpContext c) {
    if (isNan(x)) {
      return propagateNan(x, x, c);
    }
    long a = flushOperand(x, c);
    if (isZero(a) || a == INFINITY) {
      return a;
    }
    if (a < 0) {
      return invalid(c);
    }
    if (isDenormal(a) && c.denormalStops()) {
      return 0;
    }
    return round(Exact.squareRoot(exponent(a), significand(a), c), c);
  }

  /** {@link FpContext#LESS} and so on. Quiet comparisons raise IE for signalling NaNs only. */
  public static int compare(long x, long y, boolean signalling, FpContext c) {
    if (isNan(x) || isNan(y)) {
      if (signalling || isSignalling(x) || isSignalling(y)) {
        c.flags |= FpContext.IE;
      }
      return FpContext.UNORDERED;
    }
    long a = flushOperand(x, c);
    long b = flushOperand(y, c);
    if ((isDenormal(a) || isDenormal(b)) && c.denormalStops()) {
      return FpContext.UNORDERED;
    }
    // Sign and magnitude become two's complement; both zeros become 0.
    return Long.compare(a < 0 ? SIGN - a : a, b < 0 ? SIGN - b : b);
  }

  /** To an integral value; {@code exact} raises PE where that changes it. Denormals are no exception here (SDM 2B ROUNDPD). */
  public static long roundToInt(long x, int rounding, boolean exact, FpContext c) {
    if (isNan(x)) {
      return propagateNan(x, x, c);
    }
    long a = flushOperand(x, c);
    if (isZero(a) || exponent(a) >= Exact.BIAS + PRECISION - 1) {
      return a;
    }
    int before = c.flags;
    long integer = Integers.magnitude(sign(a), exponent(a), significand(a), rounding, c);
    if (!exact) {
      c.flags = before;
    }
    if (integer == 0) {
      return a & SIGN;
    }
    // A significand of at most 53 bits: rounding packs it and changes nothing.
    c.sign = sign(a);
    c.exponent = F80.exponentOf(integer);
    c.low = 0;
    return round(F80.normalise(integer), c);
  }

  // ---- conversions -------------------------------------------------------------------------------------------------------------

  /** 0x8000_0000 and IE where the value has no 32-bit integer. */
  public static int toInt32(long a, int rounding, FpContext c) {
    return (int) toInteger(a, rounding, 32, c);
  }

  /** 0x8000_0000_0000_0000 and IE where the value has no 64-bit integer. */
  public static long toInt64(long a, int rounding, FpContext c) {
    return toInteger(a, rounding, 64, c);
  }

  private static long toInteger(long x, int rounding, int bits, FpContext c) {
    long a = flushOperand(x, c);
    if (isZero(a)) {
      return 0;
    }
    return (a & INFINITY) == INFINITY ? Integers.indefinite(bits, c)
        : Integers.of(sign(a), exponent(a), significand(a), rounding, bits, c);
  }

  /** Exact. */
  public static long fromInt32(int v) {
    return Double.doubleToRawLongBits(v);
  }

  public static long fromInt64(long v, FpContext c) {
    return v == 0 ? 0 : round(F80.unpackInteger(v, c), c);
  }

  public static int toF32(long x, FpContext c) {
    if (isNan(x)) {
      if (isSignalling(x)) {
        c.flags |= FpContext.IE;
      }
      return sign(x) << 31 | 0x7FC0_0000 | (int) (x >>> 29) & 0x3F_FFFF;
    }
    long a = flushOperand(x, c);
    if (isInfinite(a)) {
      return sign(a) << 31 | 0x7F80_0000;
    }
    if (isZero(a)) {
      return sign(a) << 31;
    }
    if (isDenormal(a) && c.denormalStops()) {
      return 0;
    }
    return F32.round(unpack(a, c), c);
  }

  /** Exact. Returns the significand; {@link FpContext#signExponent} is the rest. Raises DE, and IE for signalling NaNs. */
  public static long toF80(long a, FpContext c) {
    if (isSignalling(a)) {
      c.flags |= FpContext.IE;
      return widen(quiet(a), c);
    }
    if (isDenormal(a)) {
      c.flags |= FpContext.DE;
    }
    return widen(a, c);
  }

  /** The same without exceptions: a signalling NaN stays one. For operands of x87 arithmetic, whose own exceptions come first. */
  public static long widen(long a, FpContext c) {
    int sign = sign(a) << 15;
    c.roundedUp = false;
    if ((a & INFINITY) == INFINITY) {
      c.signExponent = sign | F80.EXPONENT;
      return Long.MIN_VALUE | fraction(a);
    }
    if (isZero(a)) {
      c.signExponent = sign;
      return 0;
    }
    c.signExponent = sign | exponent(a);
    return significand(a);
  }

  // ---- results -----------------------------------------------------------------------------------------------------------------

  /** The first operand if it is a NaN, else the second, made quiet (SDM 1 table 4-7); IE if either is signalling. */
  public static long propagateNan(long a, long b, FpContext c) {
    if (isSignalling(a) || isSignalling(b)) {
      c.flags |= FpContext.IE;
    }
    return quiet(isNan(a) ? a : b);
  }

  private static long invalid(FpContext c) {
    c.flags |= FpContext.IE;
    return DEFAULT_NAN;
  }

  private static long signed(int sign) {
    return sign != 0 ? SIGN : 0;
  }

  private static long flushOperand(long a, FpContext c) {
    return c.denormalsAreZero && (a & INFINITY) == 0 ? a & SIGN : a;
  }

  private static boolean isInfinite(long a) {
    return (a & ~SIGN) == INFINITY;
  }

  private static boolean isZero(long a) {
    return (a & ~SIGN) == 0;
  }

  private static int sign(long a) {
    return (int) (a >>> 63);
  }

  /** The fraction, its highest bit at bit 62. */
  private static long fraction(long a) {
    return (a & FRACTION) << 64 - PRECISION;
  }

  /** Exponent, as {@link Exact} biases it, of a finite number that is not zero. */
  private static int exponent(long a) {
    int e = (int) (a >>> 52) & EXPONENT_MAX;
    return REBIAS + (e != 0 ? e : 1 - Long.numberOfLeadingZeros(fraction(a)));
  }

  /** Normalised significand of a finite number that is not zero. */
  private static long significand(long a) {
    return (a & INFINITY) != 0 ? Long.MIN_VALUE | fraction(a) : F80.normalise(fraction(a));
  }

  private static long unpack(long a, FpContext c) {
    c.sign = sign(a);
    c.exponent = exponent(a);
    c.low = 0;
    return significand(a);
  }

  /** Rounds {@code hi} with {@link FpContext#low}, {@code sign} and {@code exponent}. */
  static long round(long hi, FpContext c) {
    int e = c.exponent - REBIAS;
    long jammed = hi | (c.low != 0 ? 1 : 0);
    boolean tiny = false;
    if (e <= 0) {
      // Tiny after rounding: not if rounding to full precision reaches the smallest normal number.
      tiny = e < 0 || jammed >>> 64 - PRECISION != -1L >>> 64 - PRECISION
          || !c.roundsUp(c.rounding, c.sign, true, jammed << PRECISION);
      if (tiny && (c.masks & FpContext.UE) == 0) {
        // The handler would compute with an unbounded exponent: inexact is what is inexact there (SDM 1 4.9.1.5).
        c.flags |= FpContext.UE | (jammed << PRECISION != 0 ? FpContext.PE : 0);
        c.roundedUp = false;
        return 0;
      }
      if (tiny && c.flushToZero) {
        c.flags |= FpContext.UE | FpContext.PE;
        c.roundedUp = false;
        return signed(c.sign);
      }
      int shift = 1 - e;
      jammed = shift < 64 ? jammed >>> shift | (jammed << -shift != 0 ? 1 : 0) : 1;
      e = 1;
    }
    long kept = jammed >>> 64 - PRECISION;
    long fraction = jammed << PRECISION;
    c.roundedUp = fraction != 0 && c.roundsUp(c.rounding, c.sign, (kept & 1) != 0, fraction);
    if (c.roundedUp) {
      kept++;
      if (kept >>> PRECISION != 0) {
        kept >>>= 1;
        e++;
      }
    }
    if (e >= EXPONENT_MAX) {
      c.flags |= FpContext.OE | ((c.masks & FpContext.OE) != 0 || fraction != 0 ? FpContext.PE : 0);
      c.roundedUp = c.overflowsToInfinity();
      return signed(c.sign) | (c.roundedUp ? INFINITY : INFINITY - 1);
    }
    if (fraction != 0) {
      c.flags |= FpContext.PE | (tiny ? FpContext.UE : 0);
    }
    // The integer bit of a normal number adds the 1 that the exponent lacks here.
    return signed(c.sign) | ((long) (e - 1) << 52) + kept;
  }
}
