package annulus.cpu;

import annulus.arch.Rflags;

/**
 * The six status flags, computed only when asked for. An arithmetic instruction leaves two words:
 *
 * <pre>
 * result  the result, sign-extended to 64 bits: gives ZF, SF and PF
 * carries 63: carry out of the highest bit (CF)   62: carry into it (OF = 63 ^ 62)   3: carry out of bit 3 (AF)
 *         0: SF is the inverse of result's sign   15-8: xored into result's low byte before PF is taken
 * </pre>
 *
 * For a 64-bit sum the carry out of each bit is {@code a & b | (a | b) & ~sum}, for a difference the borrow
 * {@code ~a & b | (~a | b) & diff}; narrower operations shift it up to bit 63. Two stores an instruction and no branch; a later
 * instruction that writes all flags makes both dead.
 */
public final class Flags {
  private Flags() {}

  /** Carries of {@code sum = a + b (+ carry)} of {@code bits} bits. */
  public static long add(long a, long b, long sum, int bits) {
    return carries(a & b | (a | b) & ~sum, bits);
  }

  /** Borrows of {@code difference = a - b (- borrow)} of {@code bits} bits. */
  public static long subtract(long a, long b, long difference, int bits) {
    return carries(~a & b | (~a | b) & difference, bits);
  }

  private static long carries(long out, int bits) {
    return out << 64 - bits & 0xC000_0000_0000_0000L | out & 8;
  }

  /** A carries word for CF and OF given as 0 or 1, AF clear. */
  public static long of(int cf, int of) {
    return (long) cf << 63 | (long) (cf ^ of) << 62;
  }

  public static boolean cf(Cpu c) {
    return c.flagCarries < 0;
  }

  public static int cfBit(Cpu c) {
    return (int) (c.flagCarries >>> 63);
  }

  public static boolean of(Cpu c) {
    return (c.flagCarries ^ c.flagCarries << 1) < 0;
  }

  public static boolean zf(Cpu c) {
    return c.flagResult == 0;
  }

  public static boolean sf(Cpu c) {
    return (c.flagResult ^ c.flagCarries << 63) < 0;
  }

  public static boolean pf(Cpu c) {
    return (Integer.bitCount((int) (c.flagResult ^ c.flagCarries >>> 8) & 0xFF) & 1) == 0;
  }

  public static boolean af(Cpu c) {
    return (c.flagCarries & 8) != 0;
  }

  /** The six flags at their places in RFLAGS. */
  public static int status(Cpu c) {
    return cfBit(c) | (pf(c) ? Rflags.PF : 0) | (af(c) ? Rflags.AF : 0) | (zf(c) ? Rflags.ZF : 0) | (sf(c) ? Rflags.SF : 0)
        | (of(c) ? Rflags.OF : 0);
  }

  /** Sets the six flags from their places in RFLAGS. */
  public static void setStatus(Cpu c, int flags) {
    long result = (flags & Rflags.ZF) != 0 ? 0 : 1L << 8;
    int cf = flags & 1;
    int of = flags >>> 11 & 1;
    long carries = of(cf, of) | ((flags & Rflags.AF) != 0 ? 8 : 0);
    if ((flags & Rflags.SF) != 0) {
      carries |= 1;
    }
    if ((flags & Rflags.PF) == 0) {
      carries |= 1 << 8;
    }
    c.flagResult = result;
    c.flagCarries = carries;
  }

  /** Changes some status flags and leaves the others. */
  public static void change(Cpu c, int which, int to) {
    setStatus(c, status(c) & ~which | to & which);
  }

  /** Condition {@code code} of Jcc, SETcc, CMOVcc: the low four bits of the opcode (SDM 1 appendix B). */
  public static boolean condition(Cpu c, int code) {
    boolean holds = switch (code >>> 1) {
      case 0 -> of(c);
      case 1 -> cf(c);
      case 2 -> zf(c);
      case 3 -> cf(c) || zf(c);
      case 4 -> sf(c);
      case 5 -> pf(c);
      case 6 -> sf(c) != of(c);
      default -> zf(c) || sf(c) != of(c);
    };
    return holds == ((code & 1) == 0);
  }

  /** RFLAGS, complete. */
  public static long rflags(Cpu c) {
    return c.systemFlags | Rflags.FIXED | status(c);
  }

  /** Sets all of RFLAGS; the caller has applied the privilege rules. Contexts of memory accesses follow. */
  public static void setRflags(Cpu c, long value) {
    setStatus(c, (int) value);
    c.systemFlags = (int) value & ~(Rflags.STATUS | Rflags.FIXED) & 0x3F_7FD5;
    c.systemFlagsChanged();
  }
}
