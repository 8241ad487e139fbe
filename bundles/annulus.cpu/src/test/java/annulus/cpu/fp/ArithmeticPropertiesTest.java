package annulus.cpu.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random operands of every magnitude, against the host's arithmetic and against each other. */
class ArithmeticPropertiesTest {
  private static final int CASES = 1_000_000;
  private final FpContext c = new FpContext();
  private final SplittableRandom random = new SplittableRandom(87);

  @Test void doublesAgreeWithTheHostInNearestMode() {
    for (int n = 0; n < CASES; n++) {
      double a = number();
      double b = near(a);
      check("+", a, b, a + b, F64.add(bits(a), bits(b), c));
      check("-", a, b, a - b, F64.sub(bits(a), bits(b), c));
      check("*", a, b, a * b, F64.mul(bits(a), bits(b), c));
      check("/", a, b, a / b, F64.div(bits(a), bits(b), c));
      check("sqrt", a, b, Math.sqrt(a), F64.sqrt(bits(a), c));
    }
  }

  @Test void floatsAgreeWithTheHostInNearestMode() {
    for (int n = 0; n < CASES; n++) {
      int x = random.nextInt();
      int y = random.nextBoolean() ? random.nextInt() : x ^ random.nextInt(1 << 26);
      float a = Float.intBitsToFloat(x);
      float b = Float.intBitsToFloat(y);
      if (!Float.isNaN(a) && !Float.isNaN(b)) {
        assertEquals(a + b, Float.intBitsToFloat(F32.add(x, y, c)), "sum");
        assertEquals(a * b, Float.intBitsToFloat(F32.mul(x, y, c)), "product");
        assertEquals(a / b, Float.intBitsToFloat(F32.div(x, y, c)), "quotient");
        assertEquals(bits(a), F32.toF64(x, c), "widening");
      }
    }
  }

  @Test void extendedAtDoublePrecisionAgreesWithDoublesOfOrdinarySize() {
    c.precision = 53;
    for (int n = 0; n < CASES; n++) {
      // Exponents that no operation takes out of the range of doubles.
      double a = Math.scalb(1 + random.nextDouble(), random.nextInt(-300, 300));
      double b = Math.scalb(1 + random.nextDouble(), random.nextInt(-300, 300));
      c.rounding = n & 3;
      long as = F64.toF80(bits(a), c);
      int ae = c.signExponent;
      long bs = F64.toF80(bits(b), c);
      int be = c.signExponent;
      same(F64.add(bits(a), bits(b), c), F80.add(ae, as, be, bs, c));
      same(F64.sub(bits(a), bits(b), c), F80.sub(ae, as, be, bs, c));
      same(F64.mul(bits(a), bits(b), c), F80.mul(ae, as, be, bs, c));
      same(F64.div(bits(a), bits(b), c), F80.div(ae, as, be, bs, c));
      same(F64.sqrt(bits(a), c), F80.sqrt(ae, as, c));
    }
  }

  @Test void extendedSumsAndProductsCommute() {
    for (int n = 0; n < CASES; n++) {
      int ae = random.nextInt(0x10000);
      int be = random.nextBoolean() ? random.nextInt(0x10000) : ae ^ random.nextInt(64);
      long as = extended(ae);
      long bs = extended(be);
      c.rounding = n & 3;
      long sum = F80.add(ae, as, be, bs, c);
      int se = c.signExponent;
      assertEquals(sum, F80.add(be, bs, ae, as, c));
      assertEquals(se, c.signExponent);
      long product = F80.mul(ae, as, be, bs, c);
      se = c.signExponent;
      assertEquals(product, F80.mul(be, bs, ae, as, c));
      assertEquals(se, c.signExponent);
      int order = F80.compare(ae, as, be, bs, false, c);
      assertEquals(order == FpContext.UNORDERED ? order : -order, F80.compare(be, bs, ae, as, false, c));
    }
  }

  @Test void wideningAndNarrowingComesBack() {
    for (int n = 0; n < CASES; n++) {
      long d = random.nextLong();
      c.rounding = n & 3;
      if (!F64.isSignalling(d)) {
        long s = F64.toF80(d, c);
        assertEquals(d, F80.toF64(c.signExponent, s, c));
      }
      int f = (int) d;
      if (!F32.isSignalling(f)) {
        assertEquals(f, F64.toF32(F32.toF64(f, c), c));
      }
      long s = F80.fromInt64(d >> (d & 63), c);
      assertEquals(d >> (d & 63), F80.toInt64(c.signExponent, s, c.rounding, c));
    }
    assertEquals(0, c.flags & ~FpContext.DE, "nothing is inexact, nothing overflows");
  }

  @Test void directedRoundingsEncloseTheExactValue() {
    for (int n = 0; n < CASES; n++) {
      long a = bits(number());
      long b = bits(number());
      c.flags = 0;
      c.rounding = FpContext.DOWN;
      double down = Double.longBitsToDouble(F64.mul(a, b, c));
      c.rounding = FpContext.UP;
      double up = Double.longBitsToDouble(F64.mul(a, b, c));
      boolean inexact = (c.flags & FpContext.PE) != 0;
      assertEquals(inexact ? Math.nextUp(down) : down, up);
    }
  }

  @Test void flushToZeroReplacesTinyResultsAndDenormalsAreZeroIgnoresTinyOperands() {
    c.setMxcsr(0x9F80);
    assertEquals(0x8000_0000_0000_0000L, F64.mul(0x8010_0000_0000_0000L, 0x3FE0_0000_0000_0000L, c));
    assertEquals(FpContext.UE | FpContext.PE, c.flags);
    c.setMxcsr(0x1FC0);
    assertEquals(0, F64.add(1, 2, c));
    assertEquals(0, c.flags);
  }

  @Test void anUnmaskedDenormalOperandHidesLaterExceptions() {
    c.setMxcsr(0x1F80 & ~0x100);
    F64.div(1, bits(3.0), c);
    assertEquals(FpContext.DE, c.flags);
  }

  private double number() {
    double d = Double.longBitsToDouble(random.nextLong());
    return Double.isNaN(d) ? Double.POSITIVE_INFINITY : d;
  }

  /** Anything, or something that nearly cancels {@code a}. */
  private double near(double a) {
    double d = random.nextBoolean() ? number() : Double.longBitsToDouble(bits(a) ^ random.nextLong(1L << 55));
    return Double.isNaN(d) ? 0 : d;
  }

  private long extended(int se) {
    return (se & 0x7FFF) == 0 ? random.nextLong() >>> 1 : random.nextLong() | Long.MIN_VALUE;
  }

  private static long bits(double d) {
    return Double.doubleToRawLongBits(d);
  }

  private void check(String operation, double a, double b, double expected, long actual) {
    if (Double.isNaN(expected) ? !F64.isNan(actual) : bits(expected) != actual) {
      assertEquals(expected, Double.longBitsToDouble(actual), a + " " + operation + " " + b);
    }
  }

  private void same(long expected, long significand) {
    assertEquals(expected, F80.toF64(c.signExponent, significand, c));
  }
}
