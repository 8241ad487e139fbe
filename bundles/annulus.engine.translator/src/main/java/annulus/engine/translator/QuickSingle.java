package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.exec.SseSingle;
import annulus.cpu.fp.FpContext;

/** Single-precision arithmetic of generated code, as {@link QuickDouble} does it for doubles. */
final class QuickSingle {
  private static final int EXPONENT = 0x7F80_0000;
  private static final int ONE = 0x0080_0000;
  private static final int NEITHER_SMALL_NOR_INFINITE = 0x7E00_0000;
  private static final int NEITHER_DENORMAL_NOR_INFINITE = 0x7F00_0000;

  private QuickSingle() {}

  private static int bits(float a) {
    return Float.floatToRawIntBits(a);
  }

  /** Exponents of operands 1-FFH, of the result 3-FEH. */
  private static boolean common(int modes, float a, float b, float result) {
    return modes <= 0 && (bits(a) & EXPONENT) > 0 && (bits(b) & EXPONENT) > 0 && safe(result);
  }

  private static boolean safe(float result) {
    return (bits(result) + ONE & NEITHER_SMALL_NOR_INFINITE) > 0;
  }

  /** Normal or zero. */
  private static boolean ordinary(float a) {
    return (bits(a) + ONE & NEITHER_DENORMAL_NOR_INFINITE) > 0 || a == 0;
  }

  static float add(Cpu c, int modes, float a, float b) {
    float r = a + b;
    return common(modes, a, b, r) ? r : addSlow(c, a, b);
  }

  private static float addSlow(Cpu c, float a, float b) {
    c.sse.flags = 0;
    return ended(c, SseSingle.add(c, bits(a), bits(b)));
  }

  static float sub(Cpu c, int modes, float a, float b) {
    float r = a - b;
    return common(modes, a, b, r) ? r : subSlow(c, a, b);
  }

  private static float subSlow(Cpu c, float a, float b) {
    c.sse.flags = 0;
    return ended(c, SseSingle.sub(c, bits(a), bits(b)));
  }

  static float mul(Cpu c, int modes, float a, float b) {
    float r = a * b;
    return common(modes, a, b, r) ? r : mulSlow(c, a, b);
  }

  private static float mulSlow(Cpu c, float a, float b) {
    c.sse.flags = 0;
    return ended(c, SseSingle.mul(c, bits(a), bits(b)));
  }

  static float div(Cpu c, int modes, float a, float b) {
    float r = a / b;
    return common(modes, a, b, r) ? r : divSlow(c, a, b);
  }

  private static float divSlow(Cpu c, float a, float b) {
    c.sse.flags = 0;
    return ended(c, SseSingle.div(c, bits(a), bits(b)));
  }

  /** {@code a} is the destination's old value and counts for nothing. */
  static float sqrt(Cpu c, int modes, float a, float b) {
    // The root of a float, rounded from the root of a double: 53 bits are enough to round 24 twice.
    float r = (float) Math.sqrt(b);
    return common(modes, b, b, r) ? r : sqrtSlow(c, b);
  }

  private static float sqrtSlow(Cpu c, float b) {
    c.sse.flags = 0;
    return ended(c, SseSingle.sqrt(c, bits(b)));
  }

  /** {@code b} where they are equal: zeros have signs. */
  static float min(Cpu c, int modes, float a, float b) {
    return ordinary(a) && ordinary(b) ? a < b ? a : b : minSlow(c, a, b);
  }

  private static float minSlow(Cpu c, float a, float b) {
    c.sse.flags = 0;
    return ended(c, SseSingle.min(c, bits(a), bits(b)));
  }

  static float max(Cpu c, int modes, float a, float b) {
    return ordinary(a) && ordinary(b) ? a > b ? a : b : maxSlow(c, a, b);
  }

  private static float maxSlow(Cpu c, float a, float b) {
    c.sse.flags = 0;
    return ended(c, SseSingle.max(c, bits(a), bits(b)));
  }

  private static float ended(Cpu c, int result) {
    SimdState.endFloat(c);
    return Float.intBitsToFloat(result);
  }

  /** {@link FpContext#LESS}, EQUAL, GREATER or UNORDERED. */
  static int compare(Cpu c, float a, float b, boolean signalling) {
    return ordinary(a) && ordinary(b) ? a < b ? FpContext.LESS : a > b ? FpContext.GREATER : FpContext.EQUAL
        : compareSlow(c, a, b, signalling);
  }

  private static int compareSlow(Cpu c, float a, float b, boolean signalling) {
    c.sse.flags = 0;
    int order = SseSingle.compare(c, bits(a), bits(b), signalling);
    SimdState.endFloat(c);
    return order;
  }

  static float fromInt64(Cpu c, long value) {
    // All integers of up to 24 bits are floats.
    return value + (1L << 24) >>> 25 <= 0 ? value : fromInt64Slow(c, value);
  }

  private static float fromInt64Slow(Cpu c, long value) {
    c.sse.flags = 0;
    return ended(c, SseSingle.fromInt64(c, value));
  }

  /** Towards zero. */
  static long truncate64(Cpu c, int modes, float a) {
    long r = (long) a;
    return Math.abs(a) < 0x1p63f && (modes <= 0 || r == a) ? r : truncate64Slow(c, a);
  }

  private static long truncate64Slow(Cpu c, float a) {
    c.sse.flags = 0;
    long r = SseSingle.toInt64(c, bits(a), FpContext.ZERO);
    SimdState.endFloat(c);
    return r;
  }

  /** Towards zero. */
  static int truncate32(Cpu c, int modes, float a) {
    int r = (int) a;
    return Math.abs(a) < 0x1p31f && (modes <= 0 || r == a) ? r : truncate32Slow(c, a);
  }

  private static int truncate32Slow(Cpu c, float a) {
    c.sse.flags = 0;
    int r = SseSingle.toInt32(c, bits(a), FpContext.ZERO);
    SimdState.endFloat(c);
    return r;
  }

  static double toDouble(Cpu c, float a) {
    return ordinary(a) ? a : toDoubleSlow(c, a);
  }

  private static double toDoubleSlow(Cpu c, float a) {
    c.sse.flags = 0;
    long r = SseSingle.toDouble(c, bits(a));
    SimdState.endFloat(c);
    return Double.longBitsToDouble(r);
  }

  static float ofDouble(Cpu c, int modes, double a) {
    float r = (float) a;
    return modes <= 0 && safe(r) ? r : ofDoubleSlow(c, a);
  }

  private static float ofDoubleSlow(Cpu c, double a) {
    c.sse.flags = 0;
    return ended(c, SseDouble.toSingle(c, Double.doubleToRawLongBits(a)));
  }
}
