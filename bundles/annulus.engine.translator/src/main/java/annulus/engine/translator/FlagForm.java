package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.fp.FpContext;

/**
 * Status flags not yet worked out. Generated code keeps, for the last instruction that set them, its operands {@code a} and
 * {@code b}, the result {@code r} (sign-extended: always {@link annulus.cpu.Cpu#flagResult}) and the form below; {@code c} is the
 * carries word of {@link Flags} in form {@link #WORDS}, and in {@link #INC} and {@link #DEC} a word whose bit 63 is the carry that
 * stays. Within a block the form is known when code is generated, and a condition is one comparison of {@code a} and {@code b}; whoever
 * leaves it in between is told the form by a number, {@code form | size << 4}.
 */
final class FlagForm {
  static final int WORDS = 0;
  /** All but SF, ZF and PF clear. */
  static final int LOGIC = 1;
  static final int ADD = 2;
  static final int SUB = 3;
  /** Addition and subtraction with a carry in. */
  static final int ADC = 4;
  static final int SBB = 5;
  static final int INC = 6;
  static final int DEC = 7;
  /** Shifts of {@code a} by {@code b}, which is masked and not 0. */
  static final int SHL = 8;
  static final int SHR = 9;
  static final int SAR = 10;

  private static final long AF = 8;
  private static final long CF_AND_OF = 0xC000_0000_0000_0000L;

  private FlagForm() {}

  static int code(int form, int size) {
    return form | size << 4;
  }

  /** Whether {@link #store} can do it. */
  static boolean followsFromTwo(int form) {
    return form != WORDS && form != ADC && form != SBB;
  }

  /** Whether {@link #store} wants the result word in the place of {@code a}. */
  static boolean keepsResult(int form) {
    return form == LOGIC || form == INC || form == DEC;
  }

  /**
   * Gives the processor flags that follow from two operands.
   *
   * @param a the result word after LOGIC, INC and DEC
   * @param b what held the carry that stays after INC and DEC
   */
  static void store(Cpu c, int code, long a, long b) {
    int above = 64 - (code >>> 4 << 3);
    long result = switch (code & 15) {
      case ADD -> a + b << above >> above;
      case SUB -> a - b << above >> above;
      case SHL -> a << b << above >> above;
      case SHR -> a >>> b << above >> above;
      case SAR -> a << above >> above >> b;
      default -> a;
    };
    c.flagResult = result;
    c.flagCarries = carries(code, a, b, result, b);
  }

  /** {@link #store} after {@link #ADD} of {@code bits} bits. @return the result word */
  static long storeSum(Cpu c, long a, long b, int bits) {
    long sum = a + b;
    long result = sum << 64 - bits >> 64 - bits;
    c.flagResult = result;
    c.flagCarries = Flags.add(a, b, sum, bits);
    return result;
  }

  /** {@link #store} after {@link #SUB} of {@code bits} bits. @return the result word */
  static long storeDifference(Cpu c, long a, long b, int bits) {
    long difference = a - b;
    long result = difference << 64 - bits >> 64 - bits;
    c.flagResult = result;
    c.flagCarries = Flags.subtract(a, b, difference, bits);
    return result;
  }

  /** {@link #store}, unless {@code code} is 0: then the processor has them. */
  static void storePending(Cpu c, int code, long a, long b) {
    if (code != 0) {
      store(c, code, a, b);
    }
  }

  /** The carries word. */
  static long carries(int code, long a, long b, long r, long c) {
    int bits = code >>> 4 << 3;
    return switch (code & 15) {
      case WORDS -> c;
      case LOGIC -> 0;
      case ADD, ADC -> Flags.add(a, b, r, bits);
      case SUB, SBB -> Flags.subtract(a, b, r, bits);
      case INC -> keepCarry(c, Flags.add(r - 1, 1, r, bits));
      case DEC -> keepCarry(c, Flags.subtract(r + 1, 1, r, bits));
      case SHL -> shl(a, (int) b, r, bits);
      case SHR -> shr(a, (int) b, bits);
      default -> sar(a, (int) b, bits);
    };
  }

  private static long keepCarry(long c, long carries) {
    long overflow = (carries ^ carries << 1) >>> 1 & 1L << 62;
    return c >> 63 & CF_AND_OF ^ overflow | carries & AF;
  }

  private static long shl(long a, int n, long r, int bits) {
    long carry = n <= bits ? a >>> bits - n & 1 : 0;
    return carry << 63 | r >>> 63 << 62 | AF;
  }

  private static long shr(long a, int n, int bits) {
    long u = a << 64 - bits >>> 64 - bits;
    return Flags.of((int) (u >>> n - 1) & 1, (int) (u >>> n >>> bits - 2) & 1) | AF;
  }

  private static long sar(long a, int n, int bits) {
    long s = a << 64 - bits >> 64 - bits;
    return Flags.of((int) (s >> n - 1) & 1, 0) | AF;
  }

  /** The carries word after a shift by a count that may be 0: then {@code c} stays. */
  static long afterShift(int code, long a, int n, long r, long c) {
    return n == 0 ? c : carries(code, a, n, r, 0);
  }

  /** The carries word after ROL: CF is the lowest bit, OF is CF ^ sign. */
  static long afterRol(long result, int n, int size, long c) {
    if (n == 0) {
      return c;
    }
    long sign = result >>> 8 * size - 1 & 1;
    return c & ~CF_AND_OF | (result & 1) << 63 | sign << 62;
  }

  /** After ROR: CF is the highest bit, OF the xor of the two highest. */
  static long afterRor(long result, int n, int size, long c) {
    if (n == 0) {
      return c;
    }
    long carry = result >>> 8 * size - 1 & 1;
    long below = result >>> 8 * size - 2 & 1;
    return c & ~CF_AND_OF | carry << 63 | below << 62;
  }

  /** After IMUL and MUL: CF and OF tell that the upper half matters. */
  static long afterMultiplication(boolean overflow, long c) {
    return c & ~CF_AND_OF | (overflow ? 1L << 63 : 0);
  }

  /** CF set to {@code carry}, the rest as it was. */
  static long withCarry(long c, long carry) {
    return c ^ -(c >>> 63 ^ carry) & CF_AND_OF;
  }

  /** The result word after COMISD and its like: ZF for equal and unordered. */
  static long comparedResult(int order) {
    return order == FpContext.EQUAL || order == FpContext.UNORDERED ? 0 : 1L << 8;
  }

  /** The carries word: CF for less and unordered, PF for unordered. */
  static long comparedCarries(int order) {
    return order == FpContext.UNORDERED ? Flags.of(1, 0) : (order == FpContext.LESS ? Flags.of(1, 0) : 0) | 1L << 8;
  }

  static boolean parity(long r, long c) {
    return (Integer.bitCount((int) (r ^ c >>> 8) & 0xFF) & 1) == 0;
  }
}
