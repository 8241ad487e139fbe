package annulus.engine.translator;

import static annulus.cpu.fp.Exact.notZero;

import annulus.arch.Cr0;
import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.block.LeaveRegion;
import annulus.cpu.fp.Exact;
import annulus.cpu.fp.FpContext;
import annulus.vendor.VendorTrait;

/**
 * The common case of 80-bit arithmetic, for regions with the x87 stack in locals: operands and results of a middling magnitude, from
 * 2^-4095 to 2^4097, rounding to nearest even in 64 bits, "inexact" masked and sticky. A value has two words, and an operation several
 * functions. They have no branches and no effects: what they have in common C2 computes once. They are written out because each call
 * costs C2 nodes of its graph, even if it is inlined, and it inlines no more after 18,000.
 *
 * <p>Of such operands no result has an exponent of more than 15 bits, or below zero, and whether one is middling too shows in two bits of
 * its difference to the least: two operations of the host's, where a look for the ends of what is normal takes seven.
 */
final class Quick80 {
  private static final int EXPONENT = 0x7FFF;
  private static final int SIGN = 0x8000;
  private static final int BIAS = 16383;
  /** Least exponent of the common case, and the bits of a difference to it that are zero in a common one, whatever the sign is. */
  static final int LEAST = 0x3000;
  private static final int UNCOMMON = 0x6000;
  private static final int REBIAS = BIAS - 1023;
  private static final int C1 = 0x200;
  /** Status word: ES, PE; control word: RC, PC and PM, and what they have to be. */
  private static final int PENDING = 0x80;
  private static final int MODES = 0xF00 | FpContext.PE;
  private static final int COMMON = 0x300 | FpContext.PE;

  private Quick80() {}

  // ---- the unit -----------------------------------------------------------------------------------------------------------------

  /** A positive number where the unit is not there or not in the common modes. */
  static int missing(Cpu c) {
    Fpu f = c.fpu;
    return (int) (c.paging.cr0 & (Cr0.EM | Cr0.TS)) | f.control & MODES ^ COMMON | f.status & (PENDING | FpContext.PE) ^ FpContext.PE;
  }

  /** Bits of C1 that comparisons keep. */
  static int kept(Cpu c) {
    return c.is(VendorTrait.FCOMI_KEEPS_C1) ? C1 : 0;
  }

  /** Which registers are not empty, from register {@code base} on. */
  static int valid(Cpu c, int base) {
    int v = c.fpu.valid;
    return (v | v << 8) >>> base & 0xFF;
  }

  /** What is known of the unit at each instruction of a region, from its block's start on: see {@link StackSlots}. */
  @SuppressWarnings("ArrayRecordComponent") // of a region, which is not compared
  record Points(int[] top, int[] keep, int[] set, int[] pointer, int[] opcode, int[] segment) {
    static Points of(int count) {
      return new Points(new int[count], new int[count], new int[count], new int[count], new int[count], new int[count]);
    }
  }

  /** Gives back what is not in the registers; {@code pointer} and {@code segment} are negative where no instruction has set them. */
  static void give(Cpu c, long start, int base, int top, int valid, int c1, int pointer, int opcode, int segment, long data) {
    Fpu f = c.fpu;
    f.top = base + top & 7;
    f.valid = (valid << 8 | valid) << base >>> 8 & 0xFF;
    f.status = f.status & ~C1 | c1;
    if (pointer >= 0) {
      f.opcode = opcode;
      f.instructionPointer = start + pointer & c.ipMask;
      f.instructionSelector = c.seg[Seg.CS].selector;
    }
    if (segment >= 0) {
      f.dataPointer = data;
      f.dataSelector = c.seg[segment].selector;
    }
  }

  /** The same before instruction {@code at}. */
  static void giveAt(Cpu c, Points p, int at, long start, int base, int valid, int c1, int pointer, int opcode, int segment, long data) {
    boolean inBlock = p.pointer[at] >= 0;
    give(c, start, base, p.top[at], valid & p.keep[at] | p.set[at], c1, inBlock ? p.pointer[at] : pointer,
        inBlock ? p.opcode[at] : opcode, p.segment[at] >= 0 ? p.segment[at] : segment, data);
  }

  // ---- what all have in common --------------------------------------------------------------------------------------------------

  /**
   * Leaves the region where something is not common: what comes of it means nothing.
   *
   * @param differences of signs and exponents to {@link #LEAST}, or of something else small negative numbers; all ored
   * @param significands all anded
   */
  static void require(int differences, long significands) {
    if ((differences & UNCOMMON | (int) (~significands >>> 63)) != 0) {
      throw LeaveRegion.INSTANCE;
    }
  }

  /** C1 after rounding. */
  static int c1(long high, long rounded) {
    return ((int) (high ^ rounded) & 1) << 9;
  }

  /** {@code high} rounded by what follows it, {@code low}. C1 is what this changes of the last bit. */
  static long rounded(long high, long low) {
    long rest = low << 1;
    long r = high + (low >>> 63 & ((rest | -rest) >>> 63 | high));
    return r | ((r | -r) >>> 63 ^ 1) << 63;
  }

  // ---- product --------------------------------------------------------------------------------------------------------------------

  /** The significand before it is rounded. */
  static long productHigh(int ae, long as, int be, long bs) {
    long high = Math.unsignedMultiplyHigh(as, bs);
    int shift = (int) (~high >>> 63);
    return high << shift | as * bs >>> 63 & shift;
  }

  /** What follows it. */
  static long productLow(int ae, long as, int be, long bs) {
    return as * bs << (int) (~Math.unsignedMultiplyHigh(as, bs) >>> 63);
  }

  /** Sign and exponent; {@code high} has become {@code rounded}. */
  static int productEnd(int ae, long as, int be, long bs, long high, long rounded) {
    int carried = (int) ((high ^ rounded) + 1 >>> 63 & high >>> 62);
    int e = (ae & EXPONENT) + (be & EXPONENT) - (BIAS - 1) - (int) (~Math.unsignedMultiplyHigh(as, bs) >>> 63) + carried;
    return (ae ^ be) & SIGN | e;
  }

  // ---- sum: of what is of larger magnitude, and of the other after a shift to the right, perhaps negated --------------------------------

  /** The significand before it is rounded. */
  static long sumHigh(int xe, long xs, int ye, long ys) {
    int swap = ((xe & EXPONENT) - (ye & EXPONENT) << 1) + (int) (xs - ys >> 63) >> 31;
    long a = xs ^ (xs ^ ys) & swap;
    int distance = ((xe & EXPONENT) - (ye & EXPONENT) ^ swap) - swap;
    long minus = -(long) ((xe ^ ye) >>> 15 & 1);
    long b = xs ^ ys ^ a;
    long low = b << 1 << 63 - distance;
    b >>>= distance;
    long sum = a + (b ^ minus) + (((low | -low) >>> 63 ^ 1) & minus);
    int carry = (int) ((a & b | (a | b) & ~sum) >>> 63 & ~minus);
    low = (low ^ minus) - minus;
    low = sum << 63 & -(long) carry | low >>> carry | low & 1;
    sum = sum >>> carry | (long) carry << 63;
    int zeros = Long.numberOfLeadingZeros(sum);
    return sum << zeros | low >>> 1 >>> 63 - zeros;
  }

  /** What follows it. */
  static long sumLow(int xe, long xs, int ye, long ys) {
    int swap = ((xe & EXPONENT) - (ye & EXPONENT) << 1) + (int) (xs - ys >> 63) >> 31;
    long a = xs ^ (xs ^ ys) & swap;
    int distance = ((xe & EXPONENT) - (ye & EXPONENT) ^ swap) - swap;
    long minus = -(long) ((xe ^ ye) >>> 15 & 1);
    long b = xs ^ ys ^ a;
    long low = b << 1 << 63 - distance;
    b >>>= distance;
    long sum = a + (b ^ minus) + (((low | -low) >>> 63 ^ 1) & minus);
    int carry = (int) ((a & b | (a | b) & ~sum) >>> 63 & ~minus);
    low = (low ^ minus) - minus;
    low = sum << 63 & -(long) carry | low >>> carry | low & 1;
    sum = sum >>> carry | (long) carry << 63;
    return low << Long.numberOfLeadingZeros(sum);
  }

  /**
   * Sign and exponent; {@code high} has become {@code rounded}. No common ones also where one is so much smaller that it hardly counts, and
   * where next to nothing is left.
   */
  static int sumEnd(int xe, long xs, int ye, long ys, long high, long rounded) {
    int swap = ((xe & EXPONENT) - (ye & EXPONENT) << 1) + (int) (xs - ys >> 63) >> 31;
    long a = xs ^ (xs ^ ys) & swap;
    int distance = ((xe & EXPONENT) - (ye & EXPONENT) ^ swap) - swap;
    long minus = -(long) ((xe ^ ye) >>> 15 & 1);
    long b = xs ^ ys ^ a;
    long low = b << 1 << 63 - distance;
    b >>>= distance;
    long sum = a + (b ^ minus) + (((low | -low) >>> 63 ^ 1) & minus);
    int carry = (int) ((a & b | (a | b) & ~sum) >>> 63 & ~minus);
    sum = sum >>> carry | (long) carry << 63;
    int zeros = Long.numberOfLeadingZeros(sum);
    int larger = xe ^ (xe ^ ye) & swap;
    int carried = (int) ((high ^ rounded) + 1 >>> 63 & high >>> 62);
    int e = (larger & EXPONENT) + carry - zeros + carried;
    return (63 - distance | 63 - zeros) & UNCOMMON | larger & SIGN | e;
  }

  // ---- quotient and square root: by calls, since there is much to do ---------------------------------------------------------------

  static long quotient(Cpu c, long as, long bs) {
    return Exact.nearestQuotient(as, bs, c.fpu.context);
  }

  static int quotientEnd(int ae, long as, int be, long bs) {
    int e = (ae & EXPONENT) - (be & EXPONENT) + BIAS - Exact.smaller(as, bs);
    return (ae ^ be) & SIGN | e;
  }

  static long root(Cpu c, int se, long s) {
    return Exact.nearestRoot(se, s, c.fpu.context);
  }

  /** No common one where there is no root. */
  static int rootEnd(int se) {
    return -(se >>> 15 & 1) & UNCOMMON | BIAS + ((se & EXPONENT) - BIAS >> 1);
  }

  /** C1 after {@link #quotient} or {@link #root}. */
  static int lastC1(Cpu c) {
    return c.fpu.context.roundedUp ? C1 : 0;
  }

  // ---- conversions ----------------------------------------------------------------------------------------------------------------

  /** A 64-bit number: a positive number unless normal. */
  static int notNormal(long v) {
    return ((int) (v >>> 52) & 0x7FF) - 1 >>> 31 | 0x7FE - ((int) (v >>> 52) & 0x7FF) >>> 31;
  }

  static int signExponent(long v) {
    return (int) (v >>> 48) & SIGN | ((int) (v >>> 52) & 0x7FF) + REBIAS;
  }

  static long significand(long v) {
    return v << 11 | Long.MIN_VALUE;
  }

  static int integerSignExponent(long v) {
    int e = BIAS + 63 - Long.numberOfLeadingZeros(Math.abs(v));
    return (int) (v >>> 48) & SIGN | e & -(int) notZero(v);
  }

  static long integerSignificand(long v) {
    return Math.abs(v) << Long.numberOfLeadingZeros(Math.abs(v));
  }

  /** A positive number unless a normal value has a normal 64-bit number next to it. */
  static int noDouble(int se) {
    int e = (se & EXPONENT) - REBIAS;
    return e - 1 >>> 31 | 0x7FD - e >>> 31;
  }

  static long toDouble(int se, long s) {
    long sign = (long) (se & SIGN) << 48;
    long e = (se & EXPONENT) - REBIAS;
    // A carry out of the fraction goes to the exponent, as it must.
    long rest = s << 54;
    return (sign | e << 52) + (s >>> 11) + (s << 53 >>> 63 & ((rest | -rest) >>> 63 | s >>> 11)) - (1L << 52);
  }

  static int doubleC1(long s) {
    return c1(s >>> 11, rounded(s >>> 11, s << 53));
  }

  // ---- comparison -----------------------------------------------------------------------------------------------------------------

  /** A positive number where neither normal nor zero. */
  static int notOrdered(int se, long s) {
    int e = se & EXPONENT;
    return ((e - 1 | EXPONENT - 1 - e) >>> 31 | (int) (~s >>> 63)) & (int) notZero(s | e);
  }

  /** {@link FpContext#LESS}, EQUAL or GREATER. */
  static int order(int ae, long as, int be, long bs) {
    if ((as | bs) == 0) {
      return FpContext.EQUAL;
    }
    boolean negative = (ae & SIGN) != 0;
    if (((ae ^ be) & SIGN) != 0) {
      return negative ? FpContext.LESS : FpContext.GREATER;
    }
    int order = ae != be ? ae - be : Long.compareUnsigned(as, bs);
    return Integer.signum(negative ? -order : order);
  }
}
