package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;

/**
 * Integer arithmetic as functions of values that leave the flags in the processor: what the instruction families, an
 * interpreter's specialised operations and generated code share. {@code size} is the operand size in bytes, a constant to most
 * callers. Of operands and results the low {@code size} bytes count; what is above them is arbitrary.
 *
 * <p>Flags that the manuals leave undefined are as AMD's processors since Zen set them: AF is 1 after a shift, multiplication keeps all
 * but CF and OF, OF of a shift or rotation by more than one follows the rule for one.
 */
public final class Alu {
  /** CF and CF ^ OF in {@link Cpu#flagCarries}: set both to set CF alone. */
  private static final long CF_AND_OF = 0xC000_0000_0000_0000L;
  private static final long AF = 8;

  private Alu() {}

  public static long add(Cpu c, long a, long b, int size) {
    long sum = a + b;
    c.flagResult = Operands.signExtend(sum, size);
    c.flagCarries = Flags.add(a, b, sum, 8 * size);
    return sum;
  }

  public static long adc(Cpu c, long a, long b, int size) {
    long sum = a + b + Flags.cfBit(c);
    c.flagResult = Operands.signExtend(sum, size);
    c.flagCarries = Flags.add(a, b, sum, 8 * size);
    return sum;
  }

  public static long sub(Cpu c, long a, long b, int size) {
    long difference = a - b;
    c.flagResult = Operands.signExtend(difference, size);
    c.flagCarries = Flags.subtract(a, b, difference, 8 * size);
    return difference;
  }

  public static long sbb(Cpu c, long a, long b, int size) {
    long difference = a - b - Flags.cfBit(c);
    c.flagResult = Operands.signExtend(difference, size);
    c.flagCarries = Flags.subtract(a, b, difference, 8 * size);
    return difference;
  }

  public static void cmp(Cpu c, long a, long b, int size) {
    sub(c, a, b, size);
  }

  public static long neg(Cpu c, long a, int size) {
    return sub(c, 0, a, size);
  }

  public static long inc(Cpu c, long a, int size) {
    long sum = a + 1;
    keepCarry(c, sum, Flags.add(a, 1, sum, 8 * size), size);
    return sum;
  }

  public static long dec(Cpu c, long a, int size) {
    long difference = a - 1;
    keepCarry(c, difference, Flags.subtract(a, 1, difference, 8 * size), size);
    return difference;
  }

  /** Flags of an addition or subtraction of one: CF stays, OF and AF come from {@code carries}. */
  private static void keepCarry(Cpu c, long result, long carries, int size) {
    long overflow = (carries ^ carries << 1) >>> 1 & 1L << 62;
    c.flagCarries = c.flagCarries >> 63 & CF_AND_OF ^ overflow | carries & AF;
    c.flagResult = Operands.signExtend(result, size);
  }

  public static long and(Cpu c, long a, long b, int size) {
    return logic(c, a & b, size);
  }

  public static long or(Cpu c, long a, long b, int size) {
    return logic(c, a | b, size);
  }

  public static long xor(Cpu c, long a, long b, int size) {
    return logic(c, a ^ b, size);
  }

  public static void test(Cpu c, long a, long b, int size) {
    logic(c, a & b, size);
  }

  /** Flags of a logical operation: SF, ZF, PF from the result, the others clear. */
  static long logic(Cpu c, long result, int size) {
    c.flagResult = Operands.signExtend(result, size);
    c.flagCarries = 0;
    return result;
  }

  /** Shift counts are taken modulo 32, or 64 for 8-byte operands (SDM 2B SAL/SAR/SHL/SHR). */
  private static int count(int count, int size) {
    return count & (size == 8 ? 63 : 31);
  }

  public static long shl(Cpu c, long a, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    int bits = 8 * size;
    long result = Operands.signExtend(a << n, size);
    long carry = n <= bits ? a >>> bits - n & 1 : 0;
    // OF is CF ^ sign, so CF ^ OF is the sign.
    c.flagCarries = carry << 63 | result >>> 63 << 62 | AF;
    c.flagResult = result;
    return result;
  }

  public static long shr(Cpu c, long a, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    long u = Operands.zeroExtend(a, size);
    long result = u >>> n;
    // OF is the result's second highest bit: the operand's sign when the count is one.
    c.flagCarries = Flags.of((int) (u >>> n - 1) & 1, (int) (result >>> 8 * size - 2) & 1) | AF;
    c.flagResult = result;
    return result;
  }

  public static long sar(Cpu c, long a, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    long s = Operands.signExtend(a, size);
    c.flagCarries = Flags.of((int) (s >> n - 1) & 1, 0) | AF;
    c.flagResult = s >> n;
    return s >> n;
  }

  public static long rol(Cpu c, long a, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    long result = rotateLeft(a, n, size);
    rotated(c, result & 1, result, size);
    return result;
  }

  public static long ror(Cpu c, long a, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    long result = rotateLeft(a, -n, size);
    rotatedRight(c, result >>> 8 * size - 1 & 1, result, size);
    return result;
  }

  private static long rotateLeft(long a, int n, int size) {
    int bits = 8 * size;
    if (bits == 64) {
      return Long.rotateLeft(a, n);
    }
    long u = Operands.zeroExtend(a, size);
    int k = n & bits - 1;
    return u << k | u >>> bits - k;
  }

  public static long rcl(Cpu c, long a, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    int bits = 8 * size;
    int k = n % (bits + 1);
    long u = Operands.zeroExtend(a, size);
    long carry = Flags.cfBit(c);
    long result = u;
    if (k != 0) {
      result = u << k | carry << k - 1 | (k == 1 ? 0 : u >>> bits + 1 - k);
      carry = u >>> bits - k & 1;
    }
    rotated(c, carry, result, size);
    return result;
  }

  public static long rcr(Cpu c, long a, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    int bits = 8 * size;
    int k = n % (bits + 1);
    long u = Operands.zeroExtend(a, size);
    long carry = Flags.cfBit(c);
    long result = u;
    if (k != 0) {
      result = u >>> k | carry << bits - k | (k == 1 ? 0 : u << bits + 1 - k);
      carry = u >>> k - 1 & 1;
    }
    rotatedRight(c, carry, result, size);
    return result;
  }

  /** After ROL, RCL: OF is CF xor the sign; SF, ZF, AF and PF stay. */
  private static void rotated(Cpu c, long carry, long result, int size) {
    long sign = result >>> 8 * size - 1 & 1;
    c.flagCarries = c.flagCarries & ~CF_AND_OF | carry << 63 | sign << 62;
  }

  /** After ROR, RCR: OF is the xor of the two highest bits. */
  private static void rotatedRight(Cpu c, long carry, long result, int size) {
    long overflow = (result >>> 8 * size - 1 ^ result >>> 8 * size - 2) & 1;
    c.flagCarries = c.flagCarries & ~CF_AND_OF | carry << 63 | (carry ^ overflow) << 62;
  }

  /**
   * Shifts {@code a} left and bits of {@code b} in. A 2-byte count above 16, undefined, takes {@code b} a second time and shifts
   * zeros into CF; from 16 on OF is CF.
   */
  public static long shld(Cpu c, long a, long b, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    int bits = 8 * size;
    if (n >= bits) {
      long repeated = rotateLeft(b, n, size);
      c.flagResult = Operands.signExtend(repeated, size);
      c.flagCarries = (n == bits ? a & 1 : 0) << 63 | AF;
      return repeated;
    }
    long fill = Operands.zeroExtend(b, size) >>> bits - n;
    long result = Operands.signExtend(a << n | fill, size);
    c.flagCarries = (a >>> bits - n & 1) << 63 | result >>> 63 << 62 | AF;
    c.flagResult = result;
    return result;
  }

  /** Shifts {@code a} right and bits of {@code b} in. A 2-byte count above 16 takes {@code b} a second time and clears CF. */
  public static long shrd(Cpu c, long a, long b, int count, int size) {
    int n = count(count, size);
    if (n == 0) {
      return a;
    }
    int bits = 8 * size;
    long u = Operands.zeroExtend(a, size);
    long result = Operands.signExtend(n > bits ? rotateLeft(b, -n, size) : u >>> n | b << bits - n, size);
    int carry = n > bits ? 0 : (int) (u >>> n - 1) & 1;
    c.flagCarries = Flags.of(carry, (int) (result >>> bits - 1 ^ result >>> bits - 2) & 1) | AF;
    c.flagResult = result;
    return result;
  }

  /** The low half of a signed product. */
  public static long imul(Cpu c, long a, long b, int size) {
    long x = Operands.signExtend(a, size);
    long y = Operands.signExtend(b, size);
    long product = x * y;
    boolean fits = size == 8 ? Math.multiplyHigh(x, y) == product >> 63 : Operands.signExtend(product, size) == product;
    multiplied(c, !fits);
    return product;
  }

  /** CF and OF tell that the upper half of a product matters; the other flags stay. */
  static void multiplied(Cpu c, boolean overflow) {
    c.flagCarries = c.flagCarries & ~CF_AND_OF | (overflow ? 1L << 63 : 0);
  }

  /** Sets CF to 0 or 1; the other flags stay. */
  public static void setCarry(Cpu c, int carry) {
    c.flagCarries ^= -(c.flagCarries >>> 63 ^ carry) & CF_AND_OF;
  }

  /** Sets OF to 0 or 1; the other flags stay. */
  static void setOverflow(Cpu c, int overflow) {
    c.flagCarries = c.flagCarries & ~(1L << 62) | (c.flagCarries >>> 63 ^ overflow) << 62;
  }
}
