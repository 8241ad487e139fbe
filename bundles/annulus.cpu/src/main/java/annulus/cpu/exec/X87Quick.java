package annulus.cpu.exec;

import static annulus.cpu.fp.Exact.notZero;
import static java.lang.Long.MIN_VALUE;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;
import annulus.vendor.VendorTrait;

/**
 * The common case of x87 instructions for generated code: no pending exception, registers that are not empty, normal operands, a
 * normal result, rounding to nearest, "inexact" masked; every precision. A method either does the whole of an instruction but its
 * last-instruction pointers and pops, or returns false (a conversion {@link #NONE}) and has changed nothing that can be seen: then
 * the instruction runs by its general meaning, which knows the rest. {@code st} numbers are relative to TOP.
 */
public final class X87Quick {
  /** No value; a NaN, which nothing here gives. */
  public static final long NONE = -1L;
  /** No order, see {@link #compare}. */
  public static final int NO_ORDER = -2;
  /** Control word: RC and PM, and what they are in the common case; PC (SDM 1 8.1.5). */
  private static final int MODES = 3 << 10 | FpContext.PE;
  private static final int COMMON = FpContext.PE;
  private static final int EXTENDED = 1 << 8;
  private static final int DOUBLE = 2 << 8;
  private static final int REBIAS = 16383 - 1023;
  private static final int REBIAS_SINGLE = 16383 - 127;

  private X87Quick() {}

  // ---- around instructions ------------------------------------------------------------------------------------------------------

  /** Raises #NM where the unit is emulated or belongs to another task. What changes that ends blocks. */
  public static void available(Cpu c) {
    X87.available(c);
  }

  /** Pointers of an instruction that has been done. */
  public static void done(Cpu c, Instruction i, long next) {
    Fpu f = c.fpu;
    f.opcode = (int) i.immediate;
    f.instructionPointer = next - i.length & c.ipMask;
    f.instructionSelector = c.seg[Seg.CS].selector;
  }

  /** The same for one with a memory operand at {@code offset}. */
  public static void done(Cpu c, Instruction i, long next, long offset) {
    Fpu f = c.fpu;
    f.dataPointer = offset;
    f.dataSelector = c.seg[i.segment].selector;
    done(c, i, next);
  }

  /** Whether an exception waits, so that the next instruction reports it. */
  public static boolean pending(Fpu f) {
    return (f.status & X87.ES) != 0;
  }

  /** The general meaning of an instruction without a memory operand. */
  public static void generally(Cpu c, Instruction i, long next) {
    c.rip = next;
    i.semantics.execute(c, i);
  }

  /** What arithmetic with the loaded operand {@code raw} does in the general case, when nothing is pending. */
  public static void arithmetic(Cpu c, Instruction i, long next, long offset, long raw) {
    done(c, i, next, offset);
    X87.modes(c.fpu);
    X87Arithmetic.loaded(c.fpu, i, raw);
  }

  /** The same for FLD. */
  public static void load(Cpu c, Instruction i, long next, long offset, long raw, int se) {
    done(c, i, next, offset);
    X87.modes(c.fpu);
    X87LoadStore.loaded(c.fpu, i.size0, raw, se);
  }

  /** The same for FILD. */
  public static void loadInteger(Cpu c, Instruction i, long next, long offset, long v) {
    done(c, i, next, offset);
    X87.modes(c.fpu);
    X87LoadStore.loadedInteger(c.fpu, v);
  }

  public static void pop(Fpu f) {
    X87.pop(f);
  }

  // ---- what is common -----------------------------------------------------------------------------------------------------------

  /** Exponent neither 0 nor all ones, integer bit set. */
  private static boolean normal(int se, long s) {
    return s < 0 && (se + 1 & F80.EXPONENT) > 1;
  }

  /** Whether comparisons find it neither a NaN nor denormal. */
  private static boolean ordered(int se, long s) {
    return normal(se, s) || s << 1 == 0 && F80.isZero(se, s) | F80.isInfinite(se, s);
  }

  private static boolean computes(Fpu f) {
    return (f.control & MODES) == COMMON && !pending(f);
  }

  private static boolean computes(Fpu f, int a, int b) {
    return computes(f) && (f.valid >>> a & f.valid >>> b & 1) != 0;
  }

  private static boolean pushes(Fpu f) {
    return !pending(f) && !X87.full(f);
  }

  private static boolean push(Fpu f, int se, long s) {
    f.status &= ~X87.C1;
    X87.push(f, se, s);
    return true;
  }

  // ---- arithmetic between registers: the first becomes the result --------------------------------------------------------------

  public static boolean add(Fpu f, int d, int r) {
    int a = f.top + d & 7;
    int b = f.top + r & 7;
    return computes(f, a, b) && sum(f, a, f.signExponent[a], f.significand[a], f.signExponent[b], f.significand[b]);
  }

  public static boolean sub(Fpu f, int d, int r) {
    int a = f.top + d & 7;
    int b = f.top + r & 7;
    return computes(f, a, b) && sum(f, a, f.signExponent[a], f.significand[a], f.signExponent[b] ^ F80.SIGN, f.significand[b]);
  }

  public static boolean subr(Fpu f, int d, int r) {
    int a = f.top + d & 7;
    int b = f.top + r & 7;
    return computes(f, a, b) && sum(f, a, f.signExponent[a] ^ F80.SIGN, f.significand[a], f.signExponent[b], f.significand[b]);
  }

  public static boolean mul(Fpu f, int d, int r) {
    int a = f.top + d & 7;
    int b = f.top + r & 7;
    return computes(f, a, b) && product(f, a, f.signExponent[a], f.significand[a], f.signExponent[b], f.significand[b]);
  }

  public static boolean div(Fpu f, int d, int r) {
    int a = f.top + d & 7;
    int b = f.top + r & 7;
    return computes(f, a, b) && quotient(f, a, f.signExponent[a], f.significand[a], f.signExponent[b], f.significand[b]);
  }

  public static boolean divr(Fpu f, int d, int r) {
    int a = f.top + d & 7;
    int b = f.top + r & 7;
    return computes(f, a, b) && quotient(f, a, f.signExponent[b], f.significand[b], f.signExponent[a], f.significand[a]);
  }

  // ---- arithmetic on ST0 with an operand from memory, as a 64-bit number ------------------------------------------------------------

  /** A 32-bit number as a 64-bit one, {@link #NONE} unless it is normal or zero. */
  public static long single(long raw) {
    int exponent = (int) (raw >>> 23) & 0xFF;
    return exponent != 0 && exponent != 0xFF || (raw & 0x7FFF_FFFF) == 0
        ? Double.doubleToRawLongBits(Float.intBitsToFloat((int) raw)) : NONE;
  }

  /** A 16- or 32-bit integer as a 64-bit number. */
  public static long integer(long v) {
    return Double.doubleToRawLongBits((double) v);
  }

  private static boolean normal(long v) {
    return ((v >>> 52) + 1 & 0x7FF) > 1;
  }

  private static int signExponent(long v) {
    return (int) (v >>> 48) & F80.SIGN | ((int) (v >>> 52) & 0x7FF) + REBIAS;
  }

  private static long significand(long v) {
    return v << 11 | MIN_VALUE;
  }

  private static boolean computes(Fpu f, long v) {
    return computes(f) && (f.valid >>> f.top & 1) != 0 && normal(v);
  }

  public static boolean add(Fpu f, long v) {
    int a = f.top;
    return computes(f, v) && sum(f, a, f.signExponent[a], f.significand[a], signExponent(v), significand(v));
  }

  public static boolean sub(Fpu f, long v) {
    int a = f.top;
    return computes(f, v) && sum(f, a, f.signExponent[a], f.significand[a], signExponent(v) ^ F80.SIGN, significand(v));
  }

  public static boolean subr(Fpu f, long v) {
    int a = f.top;
    return computes(f, v) && sum(f, a, f.signExponent[a] ^ F80.SIGN, f.significand[a], signExponent(v), significand(v));
  }

  public static boolean mul(Fpu f, long v) {
    int a = f.top;
    return computes(f, v) && product(f, a, f.signExponent[a], f.significand[a], signExponent(v), significand(v));
  }

  public static boolean div(Fpu f, long v) {
    int a = f.top;
    return computes(f, v) && quotient(f, a, f.signExponent[a], f.significand[a], signExponent(v), significand(v));
  }

  public static boolean divr(Fpu f, long v) {
    int a = f.top;
    return computes(f, v) && quotient(f, a, signExponent(v), significand(v), f.signExponent[a], f.significand[a]);
  }

  // ---- operations: the result goes to physical register d --------------------------------------------------------------------------

  private static boolean sum(Fpu f, int d, int xe, long xs, int ye, long ys) {
    if (!normal(xe, xs) || !normal(ye, ys)) {
      return false;
    }
    int order = (xe & F80.EXPONENT) - (ye & F80.EXPONENT);
    // All ones where y is the larger magnitude.
    long swap = order != 0 ? order >> 31 : Long.compareUnsigned(xs, ys) >> 31;
    long s = (xs ^ ys) & swap;
    int se = (xe ^ ye) & (int) swap;
    return ordered(f, d, xe ^ se, xs ^ s, ye ^ se, ys ^ s);
  }

  /** {@code a} is not the smaller magnitude. */
  private static boolean ordered(Fpu f, int d, int ae, long as, int be, long bs) {
    int e = ae & F80.EXPONENT;
    int shift = e - (be & F80.EXPONENT);
    long b;
    long low;
    if (shift < 64) {
      b = bs >>> shift;
      low = bs << 1 << 63 - shift;
    } else {
      b = 0;
      low = shift == 64 ? bs : shift < 128 ? bs >>> shift | notZero(bs << -shift) : 1;
    }
    if (((ae ^ be) & F80.SIGN) == 0) {
      long sum = as + b;
      int carry = (int) ((as & b | (as | b) & ~sum) >>> 63);
      low = sum << 63 & -carry | low >>> carry | low & 1;
      return round(f, d, ae & F80.SIGN, e + carry, sum >>> carry | (long) carry << 63, low);
    }
    long hi = as - b - notZero(low);
    low = -low;
    if (hi == 0) {
      if (low == 0) {
        return put(f, d, 0, 0, 0);
      }
      hi = low;
      low = 0;
      e -= 64;
    }
    int zeros = Long.numberOfLeadingZeros(hi);
    return round(f, d, ae & F80.SIGN, e - zeros, hi << zeros | low >>> 1 >>> 63 - zeros, low << zeros);
  }

  private static boolean product(Fpu f, int d, int ae, long as, int be, long bs) {
    if (!normal(ae, as) || !normal(be, bs)) {
      return false;
    }
    long hi = Math.unsignedMultiplyHigh(as, bs);
    long low = as * bs;
    int e = (ae & F80.EXPONENT) + (be & F80.EXPONENT) - 16382;
    int shift = (int) (~hi >>> 63);
    return round(f, d, (ae ^ be) & F80.SIGN, e - shift, hi << shift | low >>> 63 & shift, low << shift);
  }

  private static boolean quotient(Fpu f, int d, int ae, long as, int be, long bs) {
    if (!normal(ae, as) || !normal(be, bs)) {
      return false;
    }
    FpContext x = X87.modes(f);
    return result(f, d, F80.div(ae, as, be, bs, x), x);
  }

  public static boolean sqrt(Fpu f) {
    int d = f.top;
    int se = f.signExponent[d];
    if (!computes(f, d, d) || !normal(se, f.significand[d]) || (se & F80.SIGN) != 0) {
      return false;
    }
    FpContext x = X87.modes(f);
    return result(f, d, F80.sqrt(se, f.significand[d], x), x);
  }

  private static boolean result(Fpu f, int d, long s, FpContext x) {
    return (x.flags & ~FpContext.PE) == 0 && put(f, d, x.signExponent, s, x.flags | (x.roundedUp ? X87.C1 : 0));
  }

  /** Rounds to nearest even, in the precision of the control word. PE is bit 5, C1 bit 9. */
  private static boolean round(Fpu f, int d, int sign, int exponent, long significand, long rest) {
    int e = exponent;
    if (e <= 0 || e >= F80.EXPONENT - 1) {
      return false;
    }
    long hi = significand;
    long low = rest;
    int unit = 0;
    if ((f.control & EXTENDED) == 0) {
      int p = (f.control & DOUBLE) != 0 ? 53 : 24;
      unit = 64 - p;
      low = hi << p | notZero(low);
      hi &= -1L << unit;
    }
    long up = low >>> 63 & (notZero(low << 1) | hi >>> unit);
    hi += up << unit;
    if (hi == 0) {
      hi = MIN_VALUE;
      e++;
    }
    int flags = (int) (notZero(low) << 5 | up << 9);
    return put(f, d, sign | e, hi, flags);
  }

  private static boolean put(Fpu f, int d, int se, long s, int flags) {
    f.signExponent[d] = se;
    f.significand[d] = s;
    f.status = f.status & ~X87.C1 | flags;
    return true;
  }

  // ---- moves --------------------------------------------------------------------------------------------------------------------

  public static boolean exchange(Fpu f, int st) {
    int a = f.top;
    int b = a + st & 7;
    if (pending(f) || (f.valid >>> a & f.valid >>> b & 1) == 0) {
      return false;
    }
    int se = f.signExponent[a];
    long s = f.significand[a];
    f.signExponent[a] = f.signExponent[b];
    f.significand[a] = f.significand[b];
    f.signExponent[b] = se;
    f.significand[b] = s;
    f.status &= ~X87.C1;
    return true;
  }

  /** FLD ST(i). */
  public static boolean copy(Fpu f, int st) {
    int r = f.top + st & 7;
    return pushes(f) && (f.valid >>> r & 1) != 0 && push(f, f.signExponent[r], f.significand[r]);
  }

  /** FST ST(i). */
  public static boolean store(Fpu f, int st) {
    if (!storable(f)) {
      return false;
    }
    X87.write(f, st, f.signExponent[f.top], f.significand[f.top]);
    f.status &= ~X87.C1;
    return true;
  }

  /** FABS and FCHS: the sign is kept by {@code keep} and turned by {@code flip}. */
  public static boolean sign(Fpu f, int keep, int flip) {
    if (!storable(f)) {
      return false;
    }
    f.signExponent[f.top] = f.signExponent[f.top] & keep ^ flip;
    f.status &= ~X87.C1;
    return true;
  }

  // ---- loads --------------------------------------------------------------------------------------------------------------------

  /** FLD m80, FLD1, FLDZ: whatever it is. */
  public static boolean load(Fpu f, long s, int se) {
    return pushes(f) && push(f, se, s);
  }

  /** FLD m64, and m32 by {@link #single}. */
  public static boolean load(Fpu f, long v) {
    if (!pushes(f)) {
      return false;
    }
    if (normal(v)) {
      return push(f, signExponent(v), significand(v));
    }
    return v << 1 == 0 && push(f, (int) (v >>> 48), 0);
  }

  public static boolean loadInteger(Fpu f, long v) {
    if (!pushes(f)) {
      return false;
    }
    if (v == 0) {
      return push(f, 0, 0);
    }
    long magnitude = Math.abs(v);
    int zeros = Long.numberOfLeadingZeros(magnitude);
    return push(f, (v < 0 ? F80.SIGN : 0) | 16383 + 63 - zeros, magnitude << zeros);
  }

  // ---- stores -------------------------------------------------------------------------------------------------------------------

  /** Whether ST0 may be stored as it is. */
  public static boolean storable(Fpu f) {
    return !pending(f) && (f.valid >>> f.top & 1) != 0;
  }

  /** ST0's significand, and sign and exponent. */
  public static long significand(Fpu f) {
    return f.significand[f.top];
  }

  public static int signExponent(Fpu f) {
    return f.signExponent[f.top];
  }

  /** ST0 as a 64-bit number, or {@link #NONE}; its exceptions wait for {@link #stored}, as the store may fault. */
  public static long asDouble(Fpu f) {
    int se = f.signExponent[f.top];
    long s = f.significand[f.top];
    int e = (se & F80.EXPONENT) - REBIAS;
    long sign = (long) (se & F80.SIGN) << 48;
    FpContext x = f.context;
    if (!computes(f) || !storable(f) || s >= 0 || e <= 0 || e >= 0x7FE) {
      return exactZero(f, se, s) ? sign : NONE;
    }
    // A carry out of the fraction goes to the exponent, as it must.
    return (sign | (long) e << 52) + narrow(s, 11, x) - (1L << 52);
  }

  /** ST0 as a 32-bit number, or {@link #NONE}. */
  public static long asSingle(Fpu f) {
    int se = f.signExponent[f.top];
    long s = f.significand[f.top];
    int e = (se & F80.EXPONENT) - REBIAS_SINGLE;
    long sign = (long) (se & F80.SIGN) << 16;
    FpContext x = f.context;
    if (!computes(f) || !storable(f) || s >= 0 || e <= 0 || e >= 0xFE) {
      return exactZero(f, se, s) ? sign : NONE;
    }
    return (sign | (long) e << 23) + narrow(s, 40, x) - (1L << 23);
  }

  private static boolean exactZero(Fpu f, int se, long s) {
    f.context.flags = 0;
    f.context.roundedUp = false;
    return storable(f) && s == 0 && (se & F80.EXPONENT) == 0;
  }

  /** Significand {@code s} without its last {@code bits}, rounded to nearest even. */
  private static long narrow(long s, int bits, FpContext x) {
    long low = s << 64 - bits;
    long kept = s >>> bits;
    long up = low >>> 63 & (notZero(low << 1) | kept);
    x.flags = low != 0 ? FpContext.PE : 0;
    x.roundedUp = up != 0;
    return kept + up;
  }

  /** Exceptions of {@link #asDouble} or {@link #asSingle}, when memory has it. */
  public static void stored(Fpu f) {
    FpContext x = f.context;
    f.status = f.status & ~X87.C1 | x.flags | (x.roundedUp ? X87.C1 : 0);
  }

  /** After a store of ST0 as it is. */
  public static void storedExactly(Fpu f) {
    f.status &= ~X87.C1;
  }

  // ---- comparison ---------------------------------------------------------------------------------------------------------------

  /** FCOMI and FUCOMI: the order as {@link FpContext} names it, or {@link #NO_ORDER}. */
  public static int compare(Cpu c, int st) {
    Fpu f = c.fpu;
    int a = f.top;
    int b = a + st & 7;
    int ae = f.signExponent[a];
    int be = f.signExponent[b];
    long as = f.significand[a];
    long bs = f.significand[b];
    if (pending(f) || (f.valid >>> a & f.valid >>> b & 1) == 0 || !ordered(ae, as) || !ordered(be, bs)) {
      return NO_ORDER;
    }
    if (!c.is(VendorTrait.FCOMI_KEEPS_C1)) {
      f.status &= ~X87.C1;
    }
    if ((as | bs) == 0) {
      return FpContext.EQUAL;
    }
    boolean negative = (ae & F80.SIGN) != 0;
    if (((ae ^ be) & F80.SIGN) != 0) {
      return negative ? FpContext.LESS : FpContext.GREATER;
    }
    int order = ae != be ? ae - be : Long.compareUnsigned(as, bs);
    return Integer.signum(negative ? -order : order);
  }
}
