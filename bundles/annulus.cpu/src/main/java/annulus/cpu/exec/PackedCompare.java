package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.arch.Rflags;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.decode.Instruction;

/**
 * Comparisons, minima, maxima, absolute values and signs of packed integers, and PTEST (SDM 2B PCMPEQB ... PTEST). Lanes are
 * computed side by side as in {@link PackedAdd}.
 */
public final class PackedCompare implements Family {
  private static final long H8 = PackedAdd.H8;
  private static final long H16 = PackedAdd.H16;
  private static final long H32 = PackedAdd.H32;

  @Override public void define(Definitions d) {
    d.define(PCMPEQB, (c, i) -> SimdOperands.halves(c, i, PackedCompare::pcmpeqb));
    d.define(PCMPEQW, (c, i) -> SimdOperands.halves(c, i, PackedCompare::pcmpeqw));
    d.define(PCMPEQD, (c, i) -> SimdOperands.halves(c, i, PackedCompare::pcmpeqd));
    d.define(PCMPEQQ, (c, i) -> SimdOperands.halves(c, i, (a, b) -> a == b ? -1 : 0));
    d.define(PCMPGTB, (c, i) -> SimdOperands.halves(c, i, PackedCompare::pcmpgtb));
    d.define(PCMPGTW, (c, i) -> SimdOperands.halves(c, i, PackedCompare::pcmpgtw));
    d.define(PCMPGTD, (c, i) -> SimdOperands.halves(c, i, PackedCompare::pcmpgtd));
    d.define(PCMPGTQ, (c, i) -> SimdOperands.halves(c, i, (a, b) -> a > b ? -1 : 0));
    d.define(PMINSB, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(pcmpgtb(a, b), b, a)));
    d.define(PMINSW, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(pcmpgtw(a, b), b, a)));
    d.define(PMINSD, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(pcmpgtd(a, b), b, a)));
    d.define(PMAXSB, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(pcmpgtb(a, b), a, b)));
    d.define(PMAXSW, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(pcmpgtw(a, b), a, b)));
    d.define(PMAXSD, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(pcmpgtd(a, b), a, b)));
    d.define(PMINUB, (c, i) -> SimdOperands.halves(c, i, PackedCompare::pminub));
    d.define(PMINUW, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(below(a, b, H16, 16), a, b)));
    d.define(PMINUD, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(below(a, b, H32, 32), a, b)));
    d.define(PMAXUB, (c, i) -> SimdOperands.halves(c, i, PackedCompare::pmaxub));
    d.define(PMAXUW, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(below(a, b, H16, 16), b, a)));
    d.define(PMAXUD, (c, i) -> SimdOperands.halves(c, i, (a, b) -> select(below(a, b, H32, 32), b, a)));
    d.define(PABSB, (c, i) -> SimdOperands.halves(c, i, (a, b) -> pabsb(b)));
    d.define(PABSW, (c, i) -> SimdOperands.halves(c, i, (a, b) -> pabsw(b)));
    d.define(PABSD, (c, i) -> SimdOperands.halves(c, i, (a, b) -> pabsd(b)));
    d.define(PSIGNB, (c, i) -> SimdOperands.halves(c, i, PackedCompare::psignb));
    d.define(PSIGNW, (c, i) -> SimdOperands.halves(c, i, PackedCompare::psignw));
    d.define(PSIGND, (c, i) -> SimdOperands.halves(c, i, PackedCompare::psignd));
    d.define(PHMINPOSUW, (c, i) -> SimdOperands.wide(c, i, (al, ah, bl, bh) -> phminposuw(bl, bh), (al, ah, bl, bh) -> 0));
    d.define(PTEST, PackedCompare::ptest);
  }

  /** ZF: the source AND the destination is zero; CF: the source AND NOT the destination is; the others are cleared. */
  private static void ptest(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    long at = SimdOperands.source(c, i);
    long low = SimdOperands.half(c, i, at, 0);
    long high = SimdOperands.half(c, i, at, 1);
    long a = c.xmm[2 * i.reg0];
    long b = c.xmm[2 * i.reg0 + 1];
    int zero = (a & low | b & high) == 0 ? Rflags.ZF : 0;
    int carry = (~a & low | ~b & high) == 0 ? Rflags.CF : 0;
    Flags.setStatus(c, zero | carry);
  }

  /** Lanes of {@code a} where {@code mask} is all ones, of {@code b} where it is zero. */
  static long select(long mask, long a, long b) {
    return b ^ (a ^ b) & mask;
  }

  /** All ones where the lanes are equal: a lane of the difference is zero if neither its rest nor its highest bit is set. */
  private static long equal(long a, long b, long h, int bits) {
    long x = a ^ b;
    return PackedAdd.fill(~((x & ~h) + ~h | x) & h, bits);
  }

  /** All ones where {@code a > b}, signed: {@code b} is negative alone, or the difference of equal signs is. */
  private static long greater(long a, long b, long h, int bits) {
    long difference = (b | h) - (a & ~h) ^ (a ^ ~b) & h;
    return PackedAdd.fill((b & ~a | ~(a ^ b) & difference) & h, bits);
  }

  /** All ones where {@code a < b}, unsigned. */
  private static long below(long a, long b, long h, int bits) {
    return PackedAdd.fill(PackedAdd.borrows(a, b, h), bits);
  }

  public static long pcmpeqb(long a, long b) {
    return equal(a, b, H8, 8);
  }

  public static long pcmpeqw(long a, long b) {
    return equal(a, b, H16, 16);
  }

  public static long pcmpeqd(long a, long b) {
    return equal(a, b, H32, 32);
  }

  public static long pcmpgtb(long a, long b) {
    return greater(a, b, H8, 8);
  }

  public static long pcmpgtw(long a, long b) {
    return greater(a, b, H16, 16);
  }

  public static long pcmpgtd(long a, long b) {
    return greater(a, b, H32, 32);
  }

  public static long pminub(long a, long b) {
    return select(below(a, b, H8, 8), a, b);
  }

  public static long pmaxub(long a, long b) {
    return select(below(a, b, H8, 8), b, a);
  }

  public static long pabsb(long a) {
    long negative = PackedAdd.fill(a & H8, 8);
    return PackedAdd.psubb(a ^ negative, negative);
  }

  public static long pabsw(long a) {
    long negative = PackedAdd.fill(a & H16, 16);
    return PackedAdd.psubw(a ^ negative, negative);
  }

  public static long pabsd(long a) {
    long negative = PackedAdd.fill(a & H32, 32);
    return PackedAdd.psubd(a ^ negative, negative);
  }

  /** Lanes of {@code a} negated where {@code b} is negative, zero where it is zero. */
  public static long psignb(long a, long b) {
    long negative = PackedAdd.fill(b & H8, 8);
    return PackedAdd.psubb(a ^ negative, negative) & ~pcmpeqb(b, 0);
  }

  public static long psignw(long a, long b) {
    long negative = PackedAdd.fill(b & H16, 16);
    return PackedAdd.psubw(a ^ negative, negative) & ~pcmpeqw(b, 0);
  }

  public static long psignd(long a, long b) {
    long negative = PackedAdd.fill(b & H32, 32);
    return PackedAdd.psubd(a ^ negative, negative) & ~pcmpeqd(b, 0);
  }

  /** The smallest of eight unsigned words in bits 15-0, its first position in bits 18-16. */
  public static long phminposuw(long low, long high) {
    long best = low & 0xFFFF;
    for (int n = 1; n < 8; n++) {
      long word = (n < 4 ? low : high) >>> 16 * (n & 3) & 0xFFFF;
      if (word < (best & 0xFFFF)) {
        best = (long) n << 16 | word;
      }
    }
    return best;
  }
}
