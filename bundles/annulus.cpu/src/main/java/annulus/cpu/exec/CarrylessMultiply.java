package annulus.cpu.exec;

import annulus.cpu.decode.Mnemonic;

/**
 * PCLMULQDQ (SDM 2B): the product of two polynomials over GF(2).
 *
 * <p>Integer multiplication of operands with only every fourth bit set keeps the sums of partial products apart: position 4k
 * collects at most k + 1 ones, so that a carry reaches the next kept position only from the last, where it leaves the word. The
 * high half is the low half of the product of the reversed operands, reversed.
 */
public final class CarrylessMultiply implements Family {
  private static final long M0 = 0x1111_1111_1111_1111L;
  private static final long M1 = M0 << 1;
  private static final long M2 = M0 << 2;
  private static final long M3 = M0 << 3;

  @Override public void define(Definitions d) {
    d.define(Mnemonic.PCLMULQDQ, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> low((n & 1) == 0 ? al : ah, (n & 0x10) == 0 ? bl : bh),
        (al, ah, bl, bh, n) -> high((n & 1) == 0 ? al : ah, (n & 0x10) == 0 ? bl : bh)));
  }

  /** Bits 63-0 of the product. */
  public static long low(long a, long b) {
    long a0 = a & M0;
    long a1 = a & M1;
    long a2 = a & M2;
    long a3 = a & M3;
    long b0 = b & M0;
    long b1 = b & M1;
    long b2 = b & M2;
    long b3 = b & M3;
    return (a0 * b0 ^ a1 * b3 ^ a2 * b2 ^ a3 * b1) & M0
        | (a0 * b1 ^ a1 * b0 ^ a2 * b3 ^ a3 * b2) & M1
        | (a0 * b2 ^ a1 * b1 ^ a2 * b0 ^ a3 * b3) & M2
        | (a0 * b3 ^ a1 * b2 ^ a2 * b1 ^ a3 * b0) & M3;
  }

  /** Bits 127-64 of the product, of which the highest is zero. */
  public static long high(long a, long b) {
    return Long.reverse(low(Long.reverse(a), Long.reverse(b))) >>> 1;
  }
}
