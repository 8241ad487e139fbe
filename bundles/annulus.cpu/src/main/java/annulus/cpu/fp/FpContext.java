package annulus.cpu.fp;

/**
 * Modes, exception flags and second results of floating-point operations. One per user (the x87 unit, the SSE unit), reused for
 * every operation: nothing is allocated.
 *
 * <p>Flags and masks have the bit order of MXCSR and of the x87 words (SDM 1 10.2.3, 8.1.3). Exceptions follow the precedence of
 * SDM 1 4.9.2: signalling NaNs and unsupported formats, quiet NaNs, other invalid operations and division by zero, denormal
 * operands, then overflow, underflow and inexact result. When an unmasked denormal operand stops an operation, the later ones are
 * not looked at and the returned value means nothing.
 */
public final class FpContext {
  /** Invalid operation, denormal operand, zero divide, overflow, underflow, precision. */
  public static final int IE = 1;
  public static final int DE = 2;
  public static final int ZE = 4;
  public static final int OE = 8;
  public static final int UE = 0x10;
  public static final int PE = 0x20;

  /** Rounding: to nearest even, towards minus infinity, plus infinity, zero (SDM 1 table 4-8). */
  public static final int NEAREST = 0;
  public static final int DOWN = 1;
  public static final int UP = 2;
  public static final int ZERO = 3;

  /** Results of comparisons. */
  public static final int LESS = -1;
  public static final int EQUAL = 0;
  public static final int GREATER = 1;
  public static final int UNORDERED = 2;

  /** {@link #NEAREST}, {@link #DOWN}, {@link #UP} or {@link #ZERO}. */
  public int rounding;
  /** Exceptions that do not stop an operation: 1 is masked. */
  public int masks = 0x3F;
  /** Exceptions seen; operations only ever set bits. */
  public int flags;
  /** A tiny result is replaced by zero while underflow is masked (SDM 1 10.2.3.3). 32- and 64-bit operations only. */
  public boolean flushToZero;
  /** Denormal operands count as zero (SDM 1 10.2.3.4). 32- and 64-bit operations only. */
  public boolean denormalsAreZero;
  /** Significand bits of 80-bit add, subtract, multiply, divide and square root: 24, 53 or 64 (SDM 1 8.1.5.2). */
  public int precision = 64;
  /** The last inexact result was rounded up in magnitude (x87 C1). */
  public boolean roundedUp;
  /** Sign and biased exponent of an 80-bit result; its significand is what the operation returned. */
  public int signExponent;

  /** Low three bits of the quotient of {@link Scaling#remainder}, or -1 when it is incomplete. */
  public int quotient;

  /** Unrounded result of {@link Exact}: sign (0 or 1), exponent biased by 16383, and the bits below the returned 64. */
  int sign;
  int exponent;
  long low;

  /** Takes rounding, masks, flush-to-zero and denormals-are-zero from MXCSR and clears the flags. */
  public void setMxcsr(int mxcsr) {
    rounding = mxcsr >>> 13 & 3;
    masks = mxcsr >>> 7 & 0x3F;
    flushToZero = (mxcsr & 0x8000) != 0;
    denormalsAreZero = (mxcsr & 0x40) != 0;
    flags = 0;
  }

  /** Exceptions seen that are not masked. */
  public int raised() {
    return flags & ~masks;
  }

  /** Notes a denormal operand; true when it is unmasked and the operation ends here. */
  boolean denormalStops() {
    flags |= DE;
    return (masks & DE) == 0;
  }

  /** Whether a magnitude is rounded up: {@code odd} is its last bit, {@code fraction} what follows, its top bit worth a half. */
  boolean roundsUp(int rounding, int sign, boolean odd, long fraction) {
    return switch (rounding) {
      case NEAREST -> fraction < 0 && (odd || fraction << 1 != 0);
      case DOWN -> sign != 0 && fraction != 0;
      case UP -> sign == 0 && fraction != 0;
      default -> false;
    };
  }

  /** Whether an overflowing magnitude becomes infinity, not the largest finite number (SDM 1 table 4-10). */
  boolean overflowsToInfinity() {
    return rounding == NEAREST || rounding == (sign != 0 ? DOWN : UP);
  }
}
