package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.block.LeaveRegion;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.fp.FpContext;

/**
 * Double arithmetic of generated code: the common case of {@link SseDouble} in a few bytecodes, and everything else by a call of what
 * is named {@code ...Slow}. When {@code modes} are the common ones ({@link QuickMode}), operands normal and the result normal and not
 * next to the denormals, there is nothing to report. Infinite operands and NaNs need no look: the result is no normal number then.
 *
 * <p>Comparisons are for order and not for equality: those HotSpot thinks to fail nine times out of ten when it knows nothing.
 */
final class QuickDouble {
  /** In the upper half of a double: its exponent, one in the exponent, and an exponent of which 1 more is at least 4. */
  private static final int EXPONENT = 0x7FF0_0000;
  private static final int ONE = 0x0010_0000;
  private static final int NEITHER_SMALL_NOR_INFINITE = 0x7FC0_0000;
  private static final int NEITHER_DENORMAL_NOR_INFINITE = 0x7FE0_0000;

  private QuickDouble() {}

  private static int upper(double a) {
    return (int) (Double.doubleToRawLongBits(a) >>> 32);
  }

  /** Exponents of operands 1-7FFH, of the result 3-7FEH. */
  static boolean common(int modes, double a, double b, double result) {
    return modes <= 0 && (upper(a) & EXPONENT) > 0 && (upper(b) & EXPONENT) > 0
        && (upper(result) + ONE & NEITHER_SMALL_NOR_INFINITE) > 0;
  }

  /** Normal or zero. */
  private static boolean ordinary(double a) {
    return (upper(a) + ONE & NEITHER_DENORMAL_NOR_INFINITE) > 0 || a == 0;
  }

  /** What the looks at results keep of {@link #next}: what is 0 only for exponents 0, 1, 2 and 7FFH. */
  static final long USUAL = 0x7FC;

  // ---- in regions that are left for what is out of the common, see DoubleWriter --------------------------------------------------

  /** 1 more than the exponent, and the sign above it. */
  private static long next(double a) {
    return (Double.doubleToRawLongBits(a) >>> 52) + 1;
  }

  /** Zero or normal. */
  static void requireOrdinary(double a) {
    if ((next(a) & 0x7FE) == 0 && a != 0) {
      throw LeaveRegion.INSTANCE;
    }
  }

  /** 1 where it is neither, else 0. */
  static int extraordinary(double a) {
    return (next(a) & 0x7FE) == 0 && a != 0 ? 1 : 0;
  }

  /** After an addition or subtraction of ordinary numbers, where a result of zero is exact; {@code mask} is {@link QuickMode#mask}. */
  static void lookAtSum(double r, long mask) {
    if ((next(r) & mask) == 0 && (r != 0 || mask == 0)) {
      throw LeaveRegion.INSTANCE;
    }
  }

  /** The product of ordinary {@code a} and {@code b}. */
  static void lookAtProduct(double a, double b, double r, long mask) {
    if ((next(r) & mask) == 0 && (r != 0 || mask == 0 || a != 0 && b != 0)) {
      throw LeaveRegion.INSTANCE;
    }
  }

  /** What becomes of ordinary {@code a} by division or by a square root. */
  static void lookAtQuotient(double a, double r, long mask) {
    if ((next(r) & mask) == 0 && (r != 0 || mask == 0 || a != 0)) {
      throw LeaveRegion.INSTANCE;
    }
  }

  static double lesser(double a, double b) {
    return a < b ? a : b;
  }

  static double greater(double a, double b) {
    return a > b ? a : b;
  }

  /** The order of ordinary numbers. */
  static int order(double a, double b) {
    return a < b ? FpContext.LESS : a > b ? FpContext.GREATER : FpContext.EQUAL;
  }

  static void exactly(long value) {
    if (value + (1L << 53) >>> 54 != 0) {
      throw LeaveRegion.INSTANCE;
    }
  }

  static long truncated64(double a, long mask) {
    long r = (long) a;
    if (!(Math.abs(a) < 0x1p63) || mask == 0 && r != a) {
      throw LeaveRegion.INSTANCE;
    }
    return r;
  }

  static int truncated32(double a, long mask) {
    int r = (int) a;
    if (!(Math.abs(a) < 0x1p31) || mask == 0 && r != a) {
      throw LeaveRegion.INSTANCE;
    }
    return r;
  }

  // ---- elsewhere ------------------------------------------------------------------------------------------------------------------

  static double add(Cpu c, int modes, double a, double b) {
    double r = a + b;
    return common(modes, a, b, r) ? r : addSlow(c, a, b);
  }

  private static double addSlow(Cpu c, double a, double b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.add(c, Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b)));
  }

  static double sub(Cpu c, int modes, double a, double b) {
    double r = a - b;
    return common(modes, a, b, r) ? r : subSlow(c, a, b);
  }

  private static double subSlow(Cpu c, double a, double b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.sub(c, Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b)));
  }

  static double mul(Cpu c, int modes, double a, double b) {
    double r = a * b;
    return common(modes, a, b, r) ? r : mulSlow(c, a, b);
  }

  private static double mulSlow(Cpu c, double a, double b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.mul(c, Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b)));
  }

  static double div(Cpu c, int modes, double a, double b) {
    double r = a / b;
    return common(modes, a, b, r) ? r : divSlow(c, a, b);
  }

  private static double divSlow(Cpu c, double a, double b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.div(c, Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b)));
  }

  /** {@code a} is the destination's old value and counts for nothing. */
  static double sqrt(Cpu c, int modes, double a, double b) {
    double r = Math.sqrt(b);
    return common(modes, b, b, r) ? r : sqrtSlow(c, b);
  }

  private static double sqrtSlow(Cpu c, double b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.sqrt(c, Double.doubleToRawLongBits(b)));
  }

  /** {@code b} where they are equal: zeros have signs. */
  static double min(Cpu c, int modes, double a, double b) {
    return ordinary(a) && ordinary(b) ? a < b ? a : b : minSlow(c, a, b);
  }

  private static double minSlow(Cpu c, double a, double b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.min(c, Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b)));
  }

  static double max(Cpu c, int modes, double a, double b) {
    return ordinary(a) && ordinary(b) ? a > b ? a : b : maxSlow(c, a, b);
  }

  private static double maxSlow(Cpu c, double a, double b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.max(c, Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b)));
  }

  private static double ended(Cpu c, long result) {
    SimdState.endFloat(c);
    return Double.longBitsToDouble(result);
  }

  /** {@link FpContext#LESS}, EQUAL, GREATER or UNORDERED. */
  static int compare(Cpu c, double a, double b, boolean signalling) {
    return ordinary(a) && ordinary(b) ? a < b ? FpContext.LESS : a > b ? FpContext.GREATER : FpContext.EQUAL
        : compareSlow(c, a, b, signalling);
  }

  private static int compareSlow(Cpu c, double a, double b, boolean signalling) {
    c.sse.flags = 0;
    int order = SseDouble.compare(c, Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b), signalling);
    SimdState.endFloat(c);
    return order;
  }

  static double fromInt64(Cpu c, long value) {
    // All integers of up to 53 bits are doubles.
    return value + (1L << 53) >>> 54 <= 0 ? value : fromInt64Slow(c, value);
  }

  private static double fromInt64Slow(Cpu c, long value) {
    c.sse.flags = 0;
    return ended(c, SseDouble.fromInt64(c, value));
  }

  /** Towards zero. */
  static long truncate64(Cpu c, int modes, double a) {
    long r = (long) a;
    return Math.abs(a) < 0x1p63 && (modes <= 0 || r == a) ? r : truncate64Slow(c, a);
  }

  private static long truncate64Slow(Cpu c, double a) {
    c.sse.flags = 0;
    long r = SseDouble.toInt64(c, Double.doubleToRawLongBits(a), FpContext.ZERO);
    SimdState.endFloat(c);
    return r;
  }

  /** Towards zero. */
  static int truncate32(Cpu c, int modes, double a) {
    int r = (int) a;
    return Math.abs(a) < 0x1p31 && (modes <= 0 || r == a) ? r : truncate32Slow(c, a);
  }

  private static int truncate32Slow(Cpu c, double a) {
    c.sse.flags = 0;
    int r = SseDouble.toInt32(c, Double.doubleToRawLongBits(a), FpContext.ZERO);
    SimdState.endFloat(c);
    return r;
  }
}
