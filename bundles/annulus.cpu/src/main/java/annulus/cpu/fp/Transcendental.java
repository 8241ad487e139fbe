package annulus.cpu.fp;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.function.IntFunction;

/**
 * The transcendental functions of the x87 unit for finite, non-zero arguments (SDM 1 8.3.10): series in {@link Wide} arithmetic,
 * rounded once, so that results are within one unit of the last place, as the manual promises of the processor, and nearly always
 * the correctly rounded ones. Silicon may differ from them in the last bit.
 *
 * <p>Trigonometric arguments are reduced with the 66-bit value of pi that the processor uses (SDM 1 8.3.8), so results for large
 * arguments agree with it and not with mathematics.
 *
 * <p>Each method leaves sign, exponent and lower bits in the context and returns the upper 64 bits of the significand, for
 * {@link #round}. Arguments are normalised 80-bit numbers, exponents biased.
 */
public final class Transcendental {
  private static final BigInteger UNIT = BigInteger.ONE.shiftLeft(127);
  private static final long[] SINE = table(14, k -> UNIT.divide(factorial(2 * k + 1)));
  private static final long[] COSINE = table(14, k -> UNIT.divide(factorial(2 * k)));
  private static final long[] EXPONENTIAL = table(28, k -> UNIT.divide(factorial(k + 1)));
  private static final long[] ODD_RECIPROCALS = table(22, k -> UNIT.divide(BigInteger.valueOf(2 * k + 1)));
  private static final long[] ARC_TANGENT = table(10, k -> UNIT.divide(BigInteger.valueOf(2 * k + 1)));

  private static final Wide ONE = new Wide().set(0, Long.MIN_VALUE, 0);
  private static final Wide TWO = new Wide().set(1, Long.MIN_VALUE, 0);
  private static final Wide PI = Wide.of(new BigDecimal("3.14159265358979323846264338327950288419716939937510582097494459"));
  private static final Wide HALF_PI = new Wide().set(0, PI.high, PI.low);
  private static final Wide LN2 = Wide.of(new BigDecimal("0.693147180559945309417232121458176568075500134360255254120680009"));
  /** 2 / ln 2. */
  private static final Wide TWO_LOG2_E =
      Wide.of(new BigDecimal("2.88539008177792681471984936200378427485329203059400551893814396"));
  /** Arc tangents of k / 32. */
  private static final int STEPS = 32;
  private static final Wide[] ARC_TANGENTS = arcTangents();
  /** Half of the processor's pi in units of 2^-65: 66 bits. */
  private static final long HALF_PI_66_HIGH = 3;
  private static final long HALF_PI_66_LOW = 0x243F_6A88_85A3_08D3L;
  /** The largest argument the trigonometric instructions take: below 2^63. */
  public static final int MAX_ANGLE_EXPONENT = F80.BIAS + 62;

  private final Wide angle = new Wide();
  private final Wide a = new Wide();
  private final Wide b = new Wide();
  private final Wide t = new Wide();
  private final Wide u = new Wide();
  private boolean negative;
  private int quadrant;

  // ---- sine, cosine, tangent ---------------------------------------------------------------------------------------------------

  /** Takes an argument with |x| below 2^63 for {@link #sine}, {@link #cosine} and {@link #tangent}. */
  public void angle(int se, long s) {
    int e = F80.exponent(se, s) - F80.BIAS;
    long significand = F80.normalise(s);
    boolean sign = (se & F80.SIGN) != 0;
    negative = sign;
    quadrant = 0;
    // Below pi/4 the argument is its own remainder.
    if (e < -1 || e == -1 && Long.compareUnsigned(significand, HALF_PI.high) < 0) {
      angle.set(e, significand, 0);
      return;
    }
    // X * 2^-65 is the argument; X modulo half pi, a bit of the quotient a step.
    long h = 0;
    long l = significand;
    long q = 0;
    for (int k = e + 2; ; k--) {
      int order = Long.compareUnsigned(h, HALF_PI_66_HIGH);
      q <<= 1;
      if (order > 0 || order == 0 && Long.compareUnsigned(l, HALF_PI_66_LOW) >= 0) {
        h = h - HALF_PI_66_HIGH - (Long.compareUnsigned(l, HALF_PI_66_LOW) < 0 ? 1 : 0);
        l -= HALF_PI_66_LOW;
        q |= 1;
      }
      if (k == 0) {
        break;
      }
      h = h << 1 | l >>> 63;
      l <<= 1;
    }
    // To the nearest multiple: twice the remainder against half pi.
    long h2 = h << 1 | l >>> 63;
    if (h2 > HALF_PI_66_HIGH || h2 == HALF_PI_66_HIGH && Long.compareUnsigned(l << 1, HALF_PI_66_LOW) > 0) {
      long borrow = Long.compareUnsigned(HALF_PI_66_LOW, l) < 0 ? 1 : 0;
      l = HALF_PI_66_LOW - l;
      h = HALF_PI_66_HIGH - h - borrow;
      q++;
      negative = !negative;
    }
    // sin(-x) = -sin x, cos(-x) = cos x: the quadrant of the negative argument is the negative one.
    quadrant = (int) (sign ? -q : q) & 3;
    // h:l in units of 2^-65 is h:l * 2^(62 - 127).
    angle.normalised(62, h, l);
  }

  public long sine(FpContext c) {
    return trigonometric(quadrant, c);
  }

  public long cosine(FpContext c) {
    return trigonometric(quadrant + 1, c);
  }

  public long tangent(FpContext c) {
    if (angle.exponent < -70 && (quadrant & 1) == 0) {
      // The angle itself, and a little more.
      return result(angle, negative, c);
    }
    sineOf(a);
    cosineOf(b);
    boolean swap = (quadrant & 1) != 0;
    Wide r = swap ? t.divide(b, a) : t.divide(a, b);
    return result(r, negative != swap, c);
  }

  /** Sine of the reduced angle plus {@code quarters} quarter turns. */
  private long trigonometric(int quarters, FpContext c) {
    boolean opposite = (quarters & 2) != 0;
    if ((quarters & 1) != 0) {
      cosineOf(a);
      return result(a, opposite, c);
    }
    sineOf(a);
    return result(a, opposite != negative, c);
  }

  private void sineOf(Wide r) {
    t.multiply(angle, angle);
    r.series(SINE, t.fractionHigh(), t.fractionLow(), true);
    r.multiply(r, angle);
  }

  private void cosineOf(Wide r) {
    t.multiply(angle, angle);
    r.series(COSINE, t.fractionHigh(), t.fractionLow(), true);
  }

  // ---- arc tangent -------------------------------------------------------------------------------------------------------------

  /** Angle of the point (x, y), both finite and not zero. */
  public long arcTangent(int ye, long ys, int xe, long xs, FpContext c) {
    a.set(F80.exponent(ye, ys), F80.normalise(ys), 0);
    b.set(F80.exponent(xe, xs), F80.normalise(xs), 0);
    boolean steep = a.compareTo(b) > 0;
    arcTangentOf(steep ? u.divide(b, a) : u.divide(a, b), a);
    boolean left = (xe & F80.SIGN) != 0;
    if (steep) {
      if (left) {
        b.add(HALF_PI, a);
      } else {
        b.subtract(HALF_PI, a);
      }
    } else if (left) {
      b.subtract(PI, a);
    } else {
      b.set(a);
    }
    return result(b, (ye & F80.SIGN) != 0, c);
  }

  /** {@code r} = arc tangent of {@code x}, at most 1: atan x = atan k/32 + atan((x - k/32) / (1 + x k/32)). */
  private void arcTangentOf(Wide x, Wide r) {
    int k = x.exponent < -6 ? 0 : x.exponent == 0 ? STEPS : (int) ((x.high >>> 57 - x.exponent) + 1 >>> 1);
    if (k == 0) {
      smallArcTangent(x, r);
      return;
    }
    Wide step = b.normalised(127 - 5, 0, k);
    int order = x.compareTo(step);
    if (order == 0) {
      r.set(ARC_TANGENTS[k]);
      return;
    }
    t.multiply(x, step);
    t.add(t, ONE);
    if (order > 0) {
      x.subtract(x, step);
    } else {
      x.subtract(step, x);
    }
    x.divide(x, t);
    smallArcTangent(x, r);
    if (order > 0) {
      r.add(r, ARC_TANGENTS[k]);
    } else {
      r.subtract(ARC_TANGENTS[k], r);
    }
  }

  private void smallArcTangent(Wide x, Wide r) {
    t.multiply(x, x);
    r.series(ARC_TANGENT, t.fractionHigh(), t.fractionLow(), true);
    r.multiply(r, x);
  }

  // ---- exponential and logarithm -----------------------------------------------------------------------------------------------

  /** 2^x - 1 for |x| at most 1, x not 1 or -1. */
  public long exponentialMinusOne(int se, long s, FpContext c) {
    boolean minus = (se & F80.SIGN) != 0;
    a.set(F80.exponent(se, s) - F80.BIAS, F80.normalise(s), 0);
    a.multiply(a, LN2);
    t.series(EXPONENTIAL, a.fractionHigh(), a.fractionLow(), minus);
    return result(t.multiply(t, a), minus, c);
  }

  /** y * log2(x): x positive, finite and not 1. */
  public long logarithm(int ye, long ys, int xe, long xs, FpContext c) {
    a.set(F80.exponent(xe, xs) - F80.BIAS, F80.normalise(xs), 0);
    boolean minus = logarithmOf();
    return product(ye, ys, minus, c);
  }

  /** y * log2(x + 1): x above -1, finite and not zero. */
  public long logarithmPlusOne(int ye, long ys, int xe, long xs, FpContext c) {
    int e = F80.exponent(xe, xs) - F80.BIAS;
    boolean minus = (xe & F80.SIGN) != 0;
    a.set(e, F80.normalise(xs), 0);
    if (e < -2) {
      // Near zero x itself is exact, 1 + x would not be: z = x / (2 + x).
      if (minus) {
        b.subtract(TWO, a);
      } else {
        b.add(TWO, a);
      }
      a.divide(a, b);
      inverseHyperbolicTangent();
      return product(ye, ys, minus, c);
    }
    if (minus) {
      a.subtract(ONE, a);
    } else {
      a.add(a, ONE);
    }
    return product(ye, ys, logarithmOf(), c);
  }

  /** a = |log2(a)|; returns whether the logarithm is negative. The argument is not 1. */
  private boolean logarithmOf() {
    int k = a.exponent;
    if (a.high == Long.MIN_VALUE && a.low == 0) {
      a.normalised(127, 0, Math.abs(k));
      return k < 0;
    }
    // The significand between the roots of 1/2 and 2, so that log2 is at most a half.
    boolean large = Long.compareUnsigned(a.high, 0xB504_F333_F9DE_6484L) > 0;
    k += large ? 1 : 0;
    a.exponent = large ? -1 : 0;
    if (large) {
      t.subtract(ONE, a);
    } else {
      t.subtract(a, ONE);
    }
    b.add(a, ONE);
    a.divide(t, b);
    inverseHyperbolicTangent();
    if (k == 0) {
      return large;
    }
    b.normalised(127, 0, Math.abs(k));
    if (large == k < 0) {
      a.add(b, a);
    } else {
      a.subtract(b, a);
    }
    return k < 0;
  }

  /** a = log2((1 + a) / (1 - a)) = 2 / ln 2 * artanh a. */
  private void inverseHyperbolicTangent() {
    t.multiply(a, a);
    u.series(ODD_RECIPROCALS, t.fractionHigh(), t.fractionLow(), false);
    a.multiply(a, u);
    a.multiply(a, TWO_LOG2_E);
  }

  /** a * y. */
  private long product(int ye, long ys, boolean minus, FpContext c) {
    b.set(F80.exponent(ye, ys) - F80.BIAS, F80.normalise(ys), 0);
    return result(t.multiply(a, b), minus != ((ye & F80.SIGN) != 0), c);
  }

  // ---- results -----------------------------------------------------------------------------------------------------------------

  private static long result(Wide r, boolean minus, FpContext c) {
    c.sign = minus ? 1 : 0;
    c.exponent = r.exponent + F80.BIAS;
    // Always inexact: the values are irrational but for powers of two, where processors say so too, and exact to 64 bits then.
    c.low = r.low | 1;
    return r.high;
  }

  /** Rounds a result to the 64 bits of the register. */
  public static long round(long significand, FpContext c) {
    return F80.round(significand, 64, c);
  }

  /** A constant angle: {@code quarters} quarters of pi, rounded; the results of FPATAN for zeros and infinities. */
  public static long quarters(int quarters, int sign, FpContext c) {
    Wide angle = new Wide().multiply(PI, new Wide().normalised(127 - 2, 0, quarters));
    return round(result(angle, sign != 0, c), c);
  }

  private static Wide[] arcTangents() {
    Wide[] table = new Wide[STEPS + 1];
    for (int k = 1; k <= STEPS; k++) {
      table[k] = Wide.of(arcTangent(k));
    }
    return table;
  }

  /** Arc tangent of k / 32 by Euler's series, sum of 2^2n (n!)^2 / (2n + 1)! * x^(2n+1) / (1 + x^2)^(n+1), in 256-bit integers. */
  private static BigDecimal arcTangent(int k) {
    BigInteger unit = BigInteger.ONE.shiftLeft(256);
    BigInteger denominator = BigInteger.valueOf(STEPS * STEPS + k * k);
    BigInteger term = unit.multiply(BigInteger.valueOf(k * STEPS)).divide(denominator);
    BigInteger sum = BigInteger.ZERO;
    for (int n = 1; term.signum() != 0; n++) {
      sum = sum.add(term);
      term = term.multiply(BigInteger.valueOf(2L * n * k * k)).divide(denominator.multiply(BigInteger.valueOf(2 * n + 1)));
    }
    return new BigDecimal(sum).divide(new BigDecimal(unit));
  }

  private static BigInteger factorial(int n) {
    BigInteger f = BigInteger.ONE;
    for (int k = 2; k <= n; k++) {
      f = f.multiply(BigInteger.valueOf(k));
    }
    return f;
  }

  private static long[] table(int terms, IntFunction<BigInteger> value) {
    long[] table = new long[2 * terms];
    for (int k = 0; k < terms; k++) {
      table[2 * k] = value.apply(k).shiftRight(64).longValue();
      table[2 * k + 1] = value.apply(k).longValue();
    }
    return table;
  }
}
