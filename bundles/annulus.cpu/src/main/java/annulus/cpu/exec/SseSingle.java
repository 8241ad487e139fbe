package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.fp.F32;
import annulus.cpu.fp.FpContext;

/**
 * Single-precision operations of SSE on bit patterns (SDM 1 11.5). Exceptions are collected in {@link Cpu#sse}.
 *
 * <p>When rounding is to nearest and the operands are normal or zero, Java computes the same number, and while the result is no
 * overflow and no underflow, "inexact" is the one exception there can be. That one is only worked out while it is not sticky
 * already or would trap. Everything else goes to {@link F32}. A result of the smallest normal exponent counts as possible
 * underflow: it can have been rounded up to.
 */
public final class SseSingle {
  private static final int ROUNDING = 3 << 13;
  /** PE sticky and masked: nothing is left to report. */
  private static final int INEXACT_KNOWN = 1 << 12 | FpContext.PE;

  private SseSingle() {}

  /** Normal or zero. */
  static boolean ordinary(int a) {
    return ((a >>> 23) + 1 & 0xFF) > 1 || a << 1 == 0;
  }

  /** Normal, and not next to the denormals. */
  static boolean safe(int a) {
    return ((a >>> 23) + 1 & 0xFF) > 2;
  }

  private static boolean nearest(Cpu c) {
    return (c.mxcsr & ROUNDING) == 0;
  }

  /** Whether somebody still wants to know if a result is inexact. */
  static boolean reportsInexact(Cpu c) {
    return (c.mxcsr & INEXACT_KNOWN) != INEXACT_KNOWN;
  }

  static void inexact(Cpu c) {
    c.sse.flags |= FpContext.PE;
  }

  public static int add(Cpu c, int a, int b) {
    if (nearest(c) && ordinary(a) && ordinary(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float sum = x + y;
      int bits = Float.floatToRawIntBits(sum);
      if (safe(bits) || sum == 0) {
        if (reportsInexact(c) && sumError(x, y, sum) != 0) {
          inexact(c);
        }
        return bits;
      }
    }
    return F32.add(a, b, SimdState.soft(c));
  }

  public static int sub(Cpu c, int a, int b) {
    if (nearest(c) && ordinary(a) && ordinary(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float difference = x - y;
      int bits = Float.floatToRawIntBits(difference);
      if (safe(bits) || difference == 0) {
        if (reportsInexact(c) && sumError(x, -y, difference) != 0) {
          inexact(c);
        }
        return bits;
      }
    }
    return F32.sub(a, b, SimdState.soft(c));
  }

  /** What rounding took from {@code x + y}: exact itself (Knuth, TAOCP 2, 4.2.2 theorem B). */
  private static float sumError(float x, float y, float sum) {
    float part = sum - x;
    return (x - (sum - part)) + (y - part);
  }

  public static int mul(Cpu c, int a, int b) {
    if (nearest(c) && ordinary(a) && ordinary(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float product = x * y;
      int bits = Float.floatToRawIntBits(product);
      if (safe(bits)) {
        if (reportsInexact(c) && (double) x * y != product) {
          inexact(c);
        }
        return bits;
      }
      if (x == 0 || y == 0) {
        return bits;
      }
    }
    return F32.mul(a, b, SimdState.soft(c));
  }

  public static int div(Cpu c, int a, int b) {
    if (nearest(c) && ordinary(a) && ordinary(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      float quotient = x / y;
      int bits = Float.floatToRawIntBits(quotient);
      if (safe(bits)) {
        if (reportsInexact(c) && (double) quotient * y != x) {
          inexact(c);
        }
        return bits;
      }
      if (x == 0 && y != 0) {
        return bits;
      }
    }
    return F32.div(a, b, SimdState.soft(c));
  }

  public static int sqrt(Cpu c, int a) {
    if (nearest(c) && ordinary(a)) {
      float x = Float.intBitsToFloat(a);
      if (x >= 0) {
        // Rounding the double root again gives the correctly rounded single one: 53 > 2 * 24 + 1.
        float root = (float) Math.sqrt(x);
        if (reportsInexact(c) && (double) root * root != x) {
          inexact(c);
        }
        return Float.floatToRawIntBits(root);
      }
    }
    return F32.sqrt(a, SimdState.soft(c));
  }

  /** The second operand when either is a NaN or both are zero (SDM 2B MINPD). */
  public static int min(Cpu c, int a, int b) {
    return compare(c, a, b, true) == FpContext.LESS ? flushed(c, a) : flushed(c, b);
  }

  public static int max(Cpu c, int a, int b) {
    return compare(c, a, b, true) == FpContext.GREATER ? flushed(c, a) : flushed(c, b);
  }

  /** Under denormals-are-zero an operand that is a denormal is a zero also as a result. */
  private static int flushed(Cpu c, int a) {
    return (c.mxcsr & 0x40) != 0 && F32.isDenormal(a) ? a & Integer.MIN_VALUE : a;
  }

  /** {@link FpContext#LESS}, EQUAL, GREATER or UNORDERED. */
  public static int compare(Cpu c, int a, int b, boolean signalling) {
    if (ordinary(a) && ordinary(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      return x < y ? FpContext.LESS : x == y ? FpContext.EQUAL : FpContext.GREATER;
    }
    return F32.compare(a, b, signalling, SimdState.soft(c));
  }

  /** All ones where predicate {@code immediate & 7} holds (SDM 2A CMPPD): EQ, LT, LE, UNORD, and their inverses. */
  public static int cmp(Cpu c, int a, int b, int immediate) {
    int kind = immediate & 3;
    int order = compare(c, a, b, kind == 1 || kind == 2);
    boolean holds = switch (kind) {
      case 0 -> order == FpContext.EQUAL;
      case 1 -> order == FpContext.LESS;
      case 2 -> order <= FpContext.EQUAL;
      default -> order == FpContext.UNORDERED;
    };
    return holds == ((immediate & 4) == 0) ? -1 : 0;
  }

  /** To an integral value by {@code rounding}; {@code exact} reports an inexact result. */
  public static int round(Cpu c, int a, int rounding, boolean exact) {
    if (ordinary(a)) {
      float x = Float.intBitsToFloat(a);
      float integral = (float) SseDouble.integral(x, rounding);
      if (exact && integral != x) {
        inexact(c);
      }
      return Float.floatToRawIntBits(integral);
    }
    return F32.roundToInt(a, rounding, exact, SimdState.soft(c));
  }

  /** Signed 32-bit integer; 8000_0000H and IE out of range. */
  public static int toInt32(Cpu c, int a, int rounding) {
    if (ordinary(a)) {
      float x = Float.intBitsToFloat(a);
      double integral = SseDouble.integral(x, rounding);
      if (integral >= Integer.MIN_VALUE && integral <= Integer.MAX_VALUE) {
        if (integral != x) {
          inexact(c);
        }
        return (int) integral;
      }
    }
    return F32.toInt32(a, rounding, SimdState.soft(c));
  }

  /** Signed 64-bit integer; 8000_0000_0000_0000H and IE out of range. */
  public static long toInt64(Cpu c, int a, int rounding) {
    if (ordinary(a)) {
      float x = Float.intBitsToFloat(a);
      double integral = SseDouble.integral(x, rounding);
      if (integral >= -0x1p63 && integral < 0x1p63) {
        if (integral != x) {
          inexact(c);
        }
        return (long) integral;
      }
    }
    return F32.toInt64(a, rounding, SimdState.soft(c));
  }

  public static int fromInt32(Cpu c, int value) {
    if (nearest(c)) {
      float single = value;
      if ((double) single != value) {
        inexact(c);
      }
      return Float.floatToRawIntBits(single);
    }
    return F32.fromInt32(value, SimdState.soft(c));
  }

  public static int fromInt64(Cpu c, long value) {
    return (int) value == value ? fromInt32(c, (int) value) : F32.fromInt64(value, SimdState.soft(c));
  }

  public static long toDouble(Cpu c, int a) {
    return ordinary(a) ? Double.doubleToRawLongBits(Float.intBitsToFloat(a)) : F32.toF64(a, SimdState.soft(c));
  }
}
