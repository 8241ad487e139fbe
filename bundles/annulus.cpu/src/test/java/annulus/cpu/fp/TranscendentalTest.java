package annulus.cpu.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The transcendental functions against series in 60 decimal digits: at most one unit of the last of 64 bits away. */
class TranscendentalTest {
  private static final MathContext DIGITS = new MathContext(60, RoundingMode.HALF_EVEN);
  private static final BigDecimal LN2 = new BigDecimal("0.693147180559945309417232121458176568075500134360255254120680009493393621969694");
  private static final int CASES = 2000;
  private static final int ONE = 0x3FFF;
  private final FpContext c = new FpContext();
  private final Transcendental t = new Transcendental();
  private final SplittableRandom random = new SplittableRandom(8087);

  @Test void sineCosineAndTangentBelowAQuarterTurnAreWithinOneUnit() {
    each(0x3FFE - 12, 0x3FFE, (se, s) -> {
      t.angle(se, s);
      within(sine(value(se, s)), Transcendental.round(t.sine(c), c), "sin");
      within(cosine(value(se, s)), Transcendental.round(t.cosine(c), c), "cos");
      within(sine(value(se, s)).divide(cosine(value(se, s)), DIGITS), Transcendental.round(t.tangent(c), c), "tan");
    });
  }

  /** The processor's pi of 66 bits leaves exactly a quarter unit of the 64-bit one. */
  @Test void sineOfPiShowsTheProcessorsPi() {
    t.angle(0x4000, 0xC90F_DAA2_2168_C235L);
    long s = Transcendental.round(t.sine(c), c);
    assertEquals(0x8000_0000_0000_0000L, s);
    assertEquals(0xBFFF - 64, c.signExponent);
  }

  @Test void anglesAreReducedToTheRightQuadrant() {
    for (double x = -50; x <= 50; x += 0.37) {
      long s = F64.toF80(Double.doubleToRawLongBits(x), c);
      t.angle(c.signExponent, s);
      assertEquals(StrictMath.sin(x), narrow(t.sine(c)), 1e-15, "sin " + x);
      assertEquals(StrictMath.cos(x), narrow(t.cosine(c)), 1e-15, "cos " + x);
      assertEquals(StrictMath.tan(x), narrow(t.tangent(c)), Math.abs(StrictMath.tan(x)) * 1e-13, "tan " + x);
    }
  }

  @Test void exponentialIsWithinOneUnit() {
    each(ONE - 40, ONE, (se, s) -> within(exponential(value(se, s).multiply(LN2)).subtract(BigDecimal.ONE),
        Transcendental.round(t.exponentialMinusOne(se, s, c), c), "2^x - 1"));
  }

  @Test void logarithmIsWithinOneUnit() {
    each(ONE - 3, ONE + 3, (se, s) -> within(logarithm(value(se & 0x7FFF, s)).divide(LN2, DIGITS),
        Transcendental.round(t.logarithm(ONE, Long.MIN_VALUE, se & 0x7FFF, s, c), c), "log2 x"));
  }

  @Test void logarithmPlusOneIsWithinOneUnit() {
    each(ONE - 30, ONE - 2, (se, s) -> within(logarithm(value(se, s).add(BigDecimal.ONE)).divide(LN2, DIGITS),
        Transcendental.round(t.logarithmPlusOne(ONE, Long.MIN_VALUE, se, s, c), c), "log2(x + 1)"));
  }

  @Test void arcTangentInvertsTheTangentInEveryOctant() {
    each(ONE - 8, ONE + 8, (se, s) -> {
      for (int left = 0; left < 2; left++) {
        long angle = Transcendental.round(t.arcTangent(se, s, ONE | left << 15, Long.MIN_VALUE, c), c);
        BigDecimal x = value(c.signExponent, angle);
        BigDecimal tangent = value(se, s).multiply(BigDecimal.valueOf(1 - 2 * left));
        // An error of d in the angle is one of d * (1 + tan^2) in the tangent.
        BigDecimal error = sine(x).divide(cosine(x), DIGITS).subtract(tangent).abs()
            .divide(tangent.multiply(tangent).add(BigDecimal.ONE), DIGITS);
        assertTrue(error.compareTo(unit(x)) <= 0, () -> "atan " + tangent + " is " + x);
      }
    });
  }

  @Test void tinyAnglesRoundAsTheirSineLiesBelowThem() {
    c.rounding = FpContext.ZERO;
    t.angle(0x3F00, Long.MIN_VALUE);
    assertEquals(-1L, Transcendental.round(t.sine(c), c));
    assertEquals(0x3EFF, c.signExponent);
    assertEquals(-1L, Transcendental.round(t.cosine(c), c));
    c.rounding = FpContext.UP;
    assertEquals(Long.MIN_VALUE + 1, Transcendental.round(t.tangent(c), c));
  }

  private interface Check {
    void with(int se, long s);
  }

  private void each(int lowest, int above, Check check) {
    for (int n = 0; n < CASES; n++) {
      check.with(random.nextInt(lowest, above) | random.nextInt(2) << 15, random.nextLong() | Long.MIN_VALUE);
    }
  }

  private void within(BigDecimal expected, long significand, String function) {
    BigDecimal actual = value(c.signExponent, significand);
    assertTrue(expected.subtract(actual).abs().compareTo(unit(actual)) <= 0,
        () -> function + ": " + actual + " where " + expected + " is right");
  }

  /** One unit of the last of 64 bits. */
  private static BigDecimal unit(BigDecimal x) {
    return value(0x3FFF + Math.getExponent(x.doubleValue()) - 63, Long.MIN_VALUE);
  }

  private static BigDecimal value(int se, long s) {
    BigDecimal magnitude = new BigDecimal(new java.math.BigInteger(Long.toUnsignedString(s)));
    int e = (se & 0x7FFF) - 16383 - 63;
    BigDecimal power = BigDecimal.valueOf(2).pow(Math.abs(e));
    BigDecimal v = e < 0 ? magnitude.divide(power) : magnitude.multiply(power);
    return (se & 0x8000) != 0 ? v.negate() : v;
  }

  private double narrow(long hi) {
    long s = Transcendental.round(hi, c);
    return Double.longBitsToDouble(F80.toF64(c.signExponent, s, c));
  }

  /** Sum of terms from {@code first}, each made from the one before. */
  private static BigDecimal sum(BigDecimal first, java.util.function.IntFunction<UnaryOperator<BigDecimal>> next) {
    BigDecimal total = BigDecimal.ZERO;
    BigDecimal term = first;
    for (int k = 1; term.signum() != 0 && term.precision() - term.scale() > total.precision() - total.scale() - 50; k++) {
      total = total.add(term, DIGITS);
      term = next.apply(k).apply(term);
    }
    return total;
  }

  private static BigDecimal sine(BigDecimal x) {
    BigDecimal square = x.multiply(x, DIGITS).negate();
    return sum(x, k -> term -> term.multiply(square, DIGITS).divide(BigDecimal.valueOf(2L * k * (2 * k + 1)), DIGITS));
  }

  private static BigDecimal cosine(BigDecimal x) {
    BigDecimal square = x.multiply(x, DIGITS).negate();
    return sum(BigDecimal.ONE, k -> term -> term.multiply(square, DIGITS).divide(BigDecimal.valueOf(2L * k * (2 * k - 1)), DIGITS));
  }

  private static BigDecimal exponential(BigDecimal x) {
    return sum(BigDecimal.ONE, k -> term -> term.multiply(x, DIGITS).divide(BigDecimal.valueOf(k), DIGITS));
  }

  /** ln x = n ln 2 + 2 artanh((y - 1) / (y + 1)), x = y * 2^n. */
  private static BigDecimal logarithm(BigDecimal x) {
    int n = Math.getExponent(x.doubleValue()) + (x.doubleValue() > 1 ? 1 : 0);
    n = x.doubleValue() > 0.7 && x.doubleValue() < 1.5 ? 0 : n;
    BigDecimal power = BigDecimal.valueOf(2).pow(Math.abs(n));
    BigDecimal y = n > 0 ? x.divide(power, DIGITS) : x.multiply(power);
    BigDecimal z = y.subtract(BigDecimal.ONE).divide(y.add(BigDecimal.ONE), DIGITS);
    BigDecimal square = z.multiply(z, DIGITS);
    BigDecimal series = sum(z, k -> term -> term.multiply(square, DIGITS)
        .multiply(BigDecimal.valueOf(2L * k - 1)).divide(BigDecimal.valueOf(2L * k + 1), DIGITS));
    return series.multiply(BigDecimal.TWO).add(LN2.multiply(BigDecimal.valueOf(n)));
  }
}
