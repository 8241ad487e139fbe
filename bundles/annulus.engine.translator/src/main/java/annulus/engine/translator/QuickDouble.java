package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.fp.FpContext;

/**
 * Scalar double arithmetic of generated code: the common case of {@link SseDouble} in a few bytecodes, because HotSpot inlines no
 * more than 8,000 into a method. When rounding is to nearest, "inexact" sticky and masked, operands normal and the result normal
 * and not next to the denormals, there is nothing to report. Everything else is a call.
 */
final class QuickDouble {
  /** MXCSR: rounding control, PM and PE; and what they are in the common case. */
  private static final int MODES = 3 << 13 | 1 << 12 | FpContext.PE;
  private static final int COMMON = 1 << 12 | FpContext.PE;

  private QuickDouble() {}

  /** Exponents of operands 1-7FEH, of the result 2-7FEH. */
  private static boolean common(Cpu c, long a, long b, long result) {
    return (c.mxcsr & MODES) == COMMON && ((a >>> 52) + 1 & 0x7FF) > 1 && ((b >>> 52) + 1 & 0x7FF) > 1
        && ((result >>> 52) + 1 & 0x7FF) > 2;
  }

  static long add(Cpu c, long a, long b) {
    long r = Double.doubleToRawLongBits(Double.longBitsToDouble(a) + Double.longBitsToDouble(b));
    return common(c, a, b, r) ? r : addExactly(c, a, b);
  }

  private static long addExactly(Cpu c, long a, long b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.add(c, a, b));
  }

  static long sub(Cpu c, long a, long b) {
    long r = Double.doubleToRawLongBits(Double.longBitsToDouble(a) - Double.longBitsToDouble(b));
    return common(c, a, b, r) ? r : subExactly(c, a, b);
  }

  private static long subExactly(Cpu c, long a, long b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.sub(c, a, b));
  }

  static long mul(Cpu c, long a, long b) {
    long r = Double.doubleToRawLongBits(Double.longBitsToDouble(a) * Double.longBitsToDouble(b));
    return common(c, a, b, r) ? r : mulExactly(c, a, b);
  }

  private static long mulExactly(Cpu c, long a, long b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.mul(c, a, b));
  }

  static long div(Cpu c, long a, long b) {
    long r = Double.doubleToRawLongBits(Double.longBitsToDouble(a) / Double.longBitsToDouble(b));
    return common(c, a, b, r) ? r : divExactly(c, a, b);
  }

  private static long divExactly(Cpu c, long a, long b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.div(c, a, b));
  }

  /** {@code a} is the destination's old value and counts for nothing. */
  static long sqrt(Cpu c, long a, long b) {
    long r = Double.doubleToRawLongBits(Math.sqrt(Double.longBitsToDouble(b)));
    return common(c, b, b, r) ? r : sqrtExactly(c, b);
  }

  private static long sqrtExactly(Cpu c, long b) {
    c.sse.flags = 0;
    return ended(c, SseDouble.sqrt(c, b));
  }

  private static long ended(Cpu c, long result) {
    SimdState.endFloat(c);
    return result;
  }
}
