package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.cpu.Cpu;
import annulus.cpu.fp.F32;
import annulus.cpu.fp.F64;
import annulus.cpu.fp.FpContext;
import annulus.cpu.testing.TestCpu;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The fast paths of SSE arithmetic give the software operations' results and flags, bit for bit. */
class FastFloatTest {
  private static final int ROUNDS = 300_000;
  private static final long[] DOUBLES = {
    0, 1L << 63, 0x3FF0_0000_0000_0000L, 0xBFF0_0000_0000_0000L, 0x7FF0_0000_0000_0000L, 0xFFF0_0000_0000_0000L,
    0x7FF8_0000_0000_0000L, 0xFFF8_0000_0000_1234L, 0x7FF0_0000_0000_0001L, 1, 0x8000_0000_0000_0001L, 0xF_FFFF_FFFF_FFFFL,
    0x0010_0000_0000_0000L, 0x8010_0000_0000_0001L, 0x001F_FFFF_FFFF_FFFFL, 0x0020_0000_0000_0000L, 0x7FEF_FFFF_FFFF_FFFFL,
    0x2000_0000_0000_0000L, 0x1FF0_0000_0000_0000L, 0x5FF0_0000_0000_0000L, 0x3CA0_0000_0000_0000L, 0x3FE0_0000_0000_0000L,
    0x41DF_FFFF_FFC0_0000L, 0x41E0_0000_0000_0000L, 0xC1E0_0000_0020_0000L, 0x43E0_0000_0000_0000L, 0x43DF_FFFF_FFFF_FFFFL,
    0x47EF_FFFF_E000_0000L, 0x47EF_FFFF_F000_0000L, 0x380F_FFFF_FFFF_FFFFL, 0x3810_0000_0000_0000L, 0x4008_0000_0000_0000L};
  private static final int[] SINGLES = {
    0, 1 << 31, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_1234, 0x7F80_0001, 1, 0x8000_0001,
    0x7F_FFFF, 0x80_0000, 0x8080_0001, 0xFF_FFFF, 0x100_0000, 0x7F7F_FFFF, 0x2000_0000, 0x1F80_0000, 0x6000_0000, 0x3380_0000,
    0x3F00_0000, 0x4EFF_FFFF, 0x4F00_0000, 0xCF00_0001, 0x5F00_0000, 0x5EFF_FFFF, 0x4040_0000};
  private static final int[] MODES = {0x1FA0, 0x1F80, 0x0F80, 0x9FC0, 0x3FA0, 0x5F80, 0x7FA0, 0x1000, 0x0020};

  private final Cpu c = TestCpu.longMode(0).cpu;
  private final FpContext reference = new FpContext();
  private final SplittableRandom random = new SplittableRandom(7);

  private interface DoubleCase {
    long apply(long a, long b);
  }

  private interface SingleCase {
    int apply(int a, int b);
  }

  /** Mostly near to one another in exponent, often with few significant bits, so that exact results are frequent. */
  private long nextDouble() {
    return switch (random.nextInt(5)) {
      case 0 -> DOUBLES[random.nextInt(DOUBLES.length)];
      case 1 -> random.nextLong();
      case 2 -> Double.doubleToRawLongBits(random.nextInt(-5000, 5000) / 16.0);
      case 3 -> random.nextLong() & 0x800F_FFFF_FFFF_FFFFL | (long) random.nextInt(1003, 1043) << 52;
      default -> random.nextLong() & 0xFFFF_F000_0000_0000L;
    };
  }

  private int nextSingle() {
    return switch (random.nextInt(5)) {
      case 0 -> SINGLES[random.nextInt(SINGLES.length)];
      case 1 -> random.nextInt();
      case 2 -> Float.floatToRawIntBits(random.nextInt(-5000, 5000) / 16.0F);
      case 3 -> random.nextInt() & 0x807F_FFFF | random.nextInt(117, 137) << 23;
      default -> random.nextInt() & 0xFFFF_0000;
    };
  }

  /** Flags that matter: those not sticky already, or all while something is unmasked. */
  private int visible(int flags) {
    return c.mxcsr & 0x3F | flags;
  }

  private void doubles(DoubleCase fast, DoubleCase exact) {
    for (int n = 0; n < ROUNDS; n++) {
      long a = nextDouble();
      long b = nextDouble();
      prepare(MODES[n % MODES.length]);
      long actual = fast.apply(a, b);
      long expected = exact.apply(a, b);
      compare("%x %x".formatted(a, b), expected, actual);
    }
  }

  private void singles(SingleCase fast, SingleCase exact) {
    for (int n = 0; n < ROUNDS; n++) {
      int a = nextSingle();
      int b = nextSingle();
      prepare(MODES[n % MODES.length]);
      int actual = fast.apply(a, b);
      int expected = exact.apply(a, b);
      compare("%x %x".formatted(a, b), expected, actual);
    }
  }

  private void prepare(int mxcsr) {
    c.mxcsr = mxcsr;
    c.sse.flags = 0;
    reference.setMxcsr(mxcsr);
  }

  private void compare(String operands, long expected, long actual) {
    if (visible(c.sse.flags) != visible(reference.flags) || (c.mxcsr & 0x1000) == 0 && c.sse.flags != reference.flags) {
      assertEquals(reference.flags, c.sse.flags, operands + " flags with MXCSR " + Integer.toHexString(c.mxcsr));
    }
    if ((reference.raised()) == 0 && expected != actual) {
      assertEquals(Long.toHexString(expected), Long.toHexString(actual),
          operands + " with MXCSR " + Integer.toHexString(c.mxcsr));
    }
  }

  @Test void doubleSumsAndDifferencesAreExact() {
    doubles((a, b) -> SseDouble.add(c, a, b), (a, b) -> F64.add(a, b, reference));
    doubles((a, b) -> SseDouble.sub(c, a, b), (a, b) -> F64.sub(a, b, reference));
  }

  @Test void doubleProductsQuotientsAndRootsAreExact() {
    doubles((a, b) -> SseDouble.mul(c, a, b), (a, b) -> F64.mul(a, b, reference));
    doubles((a, b) -> SseDouble.div(c, a, b), (a, b) -> F64.div(a, b, reference));
    doubles((a, b) -> SseDouble.sqrt(c, a), (a, b) -> F64.sqrt(a, reference));
  }

  @Test void singleSumsAndDifferencesAreExact() {
    singles((a, b) -> SseSingle.add(c, a, b), (a, b) -> F32.add(a, b, reference));
    singles((a, b) -> SseSingle.sub(c, a, b), (a, b) -> F32.sub(a, b, reference));
  }

  @Test void singleProductsQuotientsAndRootsAreExact() {
    singles((a, b) -> SseSingle.mul(c, a, b), (a, b) -> F32.mul(a, b, reference));
    singles((a, b) -> SseSingle.div(c, a, b), (a, b) -> F32.div(a, b, reference));
    singles((a, b) -> SseSingle.sqrt(c, a), (a, b) -> F32.sqrt(a, reference));
  }

  @Test void comparisonsAreExact() {
    doubles((a, b) -> SseDouble.compare(c, a, b, true), (a, b) -> F64.compare(a, b, true, reference));
    singles((a, b) -> SseSingle.compare(c, a, b, false), (a, b) -> F32.compare(a, b, false, reference));
  }

  @Test void conversionsAreExact() {
    doubles((a, b) -> SseDouble.toInt32(c, a, (int) b & 3), (a, b) -> F64.toInt32(a, (int) b & 3, reference));
    doubles((a, b) -> SseDouble.toInt64(c, a, (int) b & 3), (a, b) -> F64.toInt64(a, (int) b & 3, reference));
    doubles((a, b) -> SseDouble.toSingle(c, a), (a, b) -> F64.toF32(a, reference));
    doubles((a, b) -> SseDouble.fromInt64(c, a >> (b & 63)), (a, b) -> F64.fromInt64(a >> (b & 63), reference));
    doubles((a, b) -> SseSingle.fromInt64(c, a >> (b & 63)), (a, b) -> F32.fromInt64(a >> (b & 63), reference));
    singles((a, b) -> SseSingle.toInt32(c, a, b & 3), (a, b) -> F32.toInt32(a, b & 3, reference));
    doubles((a, b) -> SseSingle.toInt64(c, (int) a, (int) b & 3), (a, b) -> F32.toInt64((int) a, (int) b & 3, reference));
    doubles((a, b) -> SseSingle.toDouble(c, (int) a), (a, b) -> F32.toF64((int) a, reference));
    singles((a, b) -> SseSingle.fromInt32(c, a >> (b & 31)), (a, b) -> F32.fromInt32(a >> (b & 31), reference));
  }

  @Test void roundingToIntegralValuesIsExact() {
    doubles((a, b) -> SseDouble.round(c, a, (int) b & 3, b < 0), (a, b) -> F64.roundToInt(a, (int) b & 3, b < 0, reference));
    singles((a, b) -> SseSingle.round(c, a, b & 3, b < 0), (a, b) -> F32.roundToInt(a, b & 3, b < 0, reference));
  }

  @Test void approximationsStayWithinTheArchitecturesError() {
    for (int n = 0; n < ROUNDS; n++) {
      float x = Float.intBitsToFloat(random.nextInt() & 0x807F_FFFF | random.nextInt(20, 230) << 23);
      double reciprocal = Float.intBitsToFloat(FloatApproximate.rcp(Float.floatToRawIntBits(x)));
      assertEquals(1, reciprocal * x, 1.5 / 4096, () -> "RCPSS of " + x);
      double root = Float.intBitsToFloat(FloatApproximate.rsqrt(Float.floatToRawIntBits(Math.abs(x))));
      assertEquals(1, root * root * Math.abs(x), 3.0 / 4096, () -> "RSQRTSS of " + x);
    }
    assertEquals(0x7F80_0000, FloatApproximate.rcp(0x0000_0001));
    assertEquals(0xFF80_0000, FloatApproximate.rsqrt(0x8000_0000));
    assertEquals(0xFFC0_0000, FloatApproximate.rsqrt(0xBF80_0000));
    assertEquals(0x8000_0000, FloatApproximate.rcp(0xFF7F_FFFF));
  }
}
