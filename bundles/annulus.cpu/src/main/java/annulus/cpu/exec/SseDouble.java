package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.fp.F64;
import annulus.cpu.fp.FpContext;

/**
 * Double-precision operations of SSE on bit patterns (SDM 1 11.5). Exceptions are collected in {@link Cpu#sse}.
 *
 * <p>When rounding is to nearest and the operands are normal or zero, Java computes the same number, and while the result is no
 * overflow and no underflow, "inexact" is the one exception there can be. That one is only worked out while it is not sticky
 * already or would trap. Everything else goes to {@link F64}. A result of the smallest normal exponent counts as possible
 * underflow: it can have been rounded up to.
 */
public final class SseDouble {
  private static final long HIDDEN = 1L << 52;
  private static final int ROUNDING = 3 << 13;
  /** PE sticky and masked: nothing is left to report. */
  private static final int INEXACT_KNOWN = 1 << 12 | FpContext.PE;

  private SseDouble() {}

  /** Normal or zero. */
  static boolean ordinary(long a) {
    return ((a >>> 52) + 1 & 0x7FF) > 1 || a << 1 == 0;
  }

  /** Normal, and not next to the denormals. */
  private static boolean safe(long a) {
    return ((a >>> 52) + 1 & 0x7FF) > 2;
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

  public static long add(Cpu c, long a, long b) {
    if (nearest(c) && ordinary(a) && ordinary(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double sum = x + y;
      long bits = Double.doubleToRawLongBits(sum);
      if (safe(bits) || sum == 0) {
        if (reportsInexact(c) && sumError(x, y, sum) != 0) {
          inexact(c);
        }
        return bits;
      }
    }
    return F64.add(a, b, SimdState.soft(c));
  }

  public static long sub(Cpu c, long a, long b) {
    if (nearest(c) && ordinary(a) && ordinary(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double difference = x - y;
      long bits = Double.doubleToRawLongBits(difference);
      if (safe(bits) || difference == 0) {
        if (reportsInexact(c) && sumError(x, -y, difference) != 0) {
          inexact(c);
        }
        return bits;
      }
    }
    return F64.sub(a, b, SimdState.soft(c));
  }

  /** What rounding took from {@code x + y}: exact itself (Knuth, TAOCP 2, 4.2.2 theorem B). */
  private static double sumError(double x, double y, double sum) {
    double part = sum - x;
    return (x - (sum - part)) + (y - part);
  }

  public static long mul(Cpu c, long a, long b) {
    if (nearest(c) && ordinary(a) && ordinary(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double product = x * y;
      long bits = Double.doubleToRawLongBits(product);
      if (safe(bits)) {
        if (reportsInexact(c) && !isProduct(odd(a), odd(b))) {
          inexact(c);
        }
        return bits;
      }
      if (x == 0 || y == 0) {
        return bits;
      }
    }
    return F64.mul(a, b, SimdState.soft(c));
  }

  public static long div(Cpu c, long a, long b) {
    if (nearest(c) && ordinary(a) && ordinary(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double quotient = x / y;
      long bits = Double.doubleToRawLongBits(quotient);
      if (safe(bits)) {
        if (reportsInexact(c) && !isProduct(odd(bits), odd(b), odd(a))) {
          inexact(c);
        }
        return bits;
      }
      if (x == 0 && y != 0) {
        return bits;
      }
    }
    return F64.div(a, b, SimdState.soft(c));
  }

  public static long sqrt(Cpu c, long a) {
    if (nearest(c) && ordinary(a)) {
      double x = Double.longBitsToDouble(a);
      if (x >= 0) {
        double root = Math.sqrt(x);
        long significand = odd(Double.doubleToRawLongBits(root));
        if (reportsInexact(c) && x != 0 && !isProduct(significand, significand, odd(a))) {
          inexact(c);
        }
        return Double.doubleToRawLongBits(root);
      }
    }
    return F64.sqrt(a, SimdState.soft(c));
  }

  /** The second operand when either is a NaN or both are zero (SDM 2B MINPD). */
  public static long min(Cpu c, long a, long b) {
    return compare(c, a, b, true) == FpContext.LESS ? flushed(c, a) : flushed(c, b);
  }

  public static long max(Cpu c, long a, long b) {
    return compare(c, a, b, true) == FpContext.GREATER ? flushed(c, a) : flushed(c, b);
  }

  /** Under denormals-are-zero an operand that is a denormal is a zero also as a result. */
  private static long flushed(Cpu c, long a) {
    return (c.mxcsr & 0x40) != 0 && F64.isDenormal(a) ? a & Long.MIN_VALUE : a;
  }

  /** {@link FpContext#LESS}, EQUAL, GREATER or UNORDERED. */
  public static int compare(Cpu c, long a, long b, boolean signalling) {
    if (ordinary(a) && ordinary(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      return x < y ? FpContext.LESS : x == y ? FpContext.EQUAL : FpContext.GREATER;
    }
    return F64.compare(a, b, signalling, SimdState.soft(c));
  }

  /** All ones where predicate {@code immediate & 7} holds (SDM 2A CMPPD): EQ, LT, LE, UNORD, and their inverses. */
  public static long cmp(Cpu c, long a, long b, int immediate) {
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
  public static long round(Cpu c, long a, int rounding, boolean exact) {
    if (ordinary(a)) {
      double x = Double.longBitsToDouble(a);
      double integral = SseDouble.integral(x, rounding);
      if (exact && integral != x) {
        inexact(c);
      }
      return Double.doubleToRawLongBits(integral);
    }
    return F64.roundToInt(a, rounding, exact, SimdState.soft(c));
  }

  /** Signed 32-bit integer; 8000_0000H and IE out of range. */
  public static int toInt32(Cpu c, long a, int rounding) {
    if (ordinary(a)) {
      double x = Double.longBitsToDouble(a);
      double integral = SseDouble.integral(x, rounding);
      if (integral >= Integer.MIN_VALUE && integral <= Integer.MAX_VALUE) {
        if (integral != x) {
          inexact(c);
        }
        return (int) integral;
      }
    }
    return F64.toInt32(a, rounding, SimdState.soft(c));
  }

  /** Signed 64-bit integer; 8000_0000_0000_0000H and IE out of range. */
  public static long toInt64(Cpu c, long a, int rounding) {
    if (ordinary(a)) {
      double x = Double.longBitsToDouble(a);
      double integral = SseDouble.integral(x, rounding);
      if (integral >= -0x1p63 && integral < 0x1p63) {
        if (integral != x) {
          inexact(c);
        }
        return (long) integral;
      }
    }
    return F64.toInt64(a, rounding, SimdState.soft(c));
  }

  public static long fromInt64(Cpu c, long value) {
    // All integers of up to 53 bits are doubles.
    return value >= -(1L << 53) && value <= 1L << 53
        ? Double.doubleToRawLongBits(value) : F64.fromInt64(value, SimdState.soft(c));
  }

  public static int toSingle(Cpu c, long a) {
    if (nearest(c) && ordinary(a)) {
      double x = Double.longBitsToDouble(a);
      float single = (float) x;
      if (SseSingle.safe(Float.floatToRawIntBits(single)) || x == 0) {
        if (single != x) {
          inexact(c);
        }
        return Float.floatToRawIntBits(single);
      }
    }
    return F64.toF32(a, SimdState.soft(c));
  }

  static double integral(double x, int rounding) {
    return switch (rounding) {
      case FpContext.NEAREST -> Math.rint(x);
      case FpContext.DOWN -> Math.floor(x);
      case FpContext.UP -> Math.ceil(x);
      default -> x < 0 ? Math.ceil(x) : Math.floor(x);
    };
  }

  /** The significand of a normal number, an integer without its trailing zeros. */
  private static long odd(long a) {
    long significand = a & HIDDEN - 1 | HIDDEN;
    return significand >>> Long.numberOfTrailingZeros(significand);
  }

  /** Whether the product of two odd integers has no more bits than a significand. */
  private static boolean isProduct(long a, long b) {
    return Math.multiplyHigh(a, b) == 0 && a * b >>> 53 == 0;
  }

  /** Whether {@code a * b} is {@code product}: then the rounded quotient or root among them is exact, exponents agreeing. */
  private static boolean isProduct(long a, long b, long product) {
    return Math.multiplyHigh(a, b) == 0 && a * b == product;
  }
}
