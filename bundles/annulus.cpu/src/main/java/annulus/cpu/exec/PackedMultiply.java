package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

/** Products of packed integers, MMX and SSE2 to SSE4.1 (SDM 2B PMULLW ... PMADDUBSW). */
public final class PackedMultiply implements Family {
  @Override public void define(Definitions d) {
    d.define(PMULLW, (c, i) -> SimdOperands.halves(c, i, PackedMultiply::pmullw));
    d.define(PMULHW, (c, i) -> SimdOperands.halves(c, i, PackedMultiply::pmulhw));
    d.define(PMULHUW, (c, i) -> SimdOperands.halves(c, i, PackedMultiply::pmulhuw));
    d.define(PMULHRSW, (c, i) -> SimdOperands.halves(c, i, PackedMultiply::pmulhrsw));
    d.define(PMULLD, (c, i) -> SimdOperands.halves(c, i, PackedMultiply::pmulld));
    d.define(PMULDQ, (c, i) -> SimdOperands.halves(c, i, (a, b) -> (long) (int) a * (int) b));
    d.define(PMULUDQ, (c, i) -> SimdOperands.halves(c, i, PackedMultiply::pmuludq));
    d.define(PMADDWD, (c, i) -> SimdOperands.halves(c, i, PackedMultiply::pmaddwd));
    d.define(PMADDUBSW, (c, i) -> SimdOperands.halves(c, i, PackedMultiply::pmaddubsw));
  }

  /** Product of signed words {@code n}. */
  private static int word(long a, long b, int n) {
    return (short) (a >>> 16 * n) * (short) (b >>> 16 * n);
  }

  private static int unsignedWord(long a, long b, int n) {
    return (int) ((a >>> 16 * n & 0xFFFF) * (b >>> 16 * n & 0xFFFF));
  }

  /** Bits 15-0 of four values. */
  private static long words(int w0, int w1, int w2, int w3) {
    return w0 & 0xFFFF | (w1 & 0xFFFFL) << 16 | (w2 & 0xFFFFL) << 32 | (long) w3 << 48;
  }

  private static long doublewords(int low, int high) {
    return low & 0xFFFF_FFFFL | (long) high << 32;
  }

  public static long pmullw(long a, long b) {
    return words(word(a, b, 0), word(a, b, 1), word(a, b, 2), word(a, b, 3));
  }

  public static long pmulhw(long a, long b) {
    return words(word(a, b, 0) >> 16, word(a, b, 1) >> 16, word(a, b, 2) >> 16, word(a, b, 3) >> 16);
  }

  /** PMULLW where the other operand is the lowest word of {@code w} in each place. */
  public static long pmullwByWord(long a, long w) {
    return words(byWord(a, w, 0), byWord(a, w, 1), byWord(a, w, 2), byWord(a, w, 3));
  }

  /** PMULHW where the other operand is the lowest word of {@code w} in each place. */
  public static long pmulhwByWord(long a, long w) {
    return words(byWord(a, w, 0) >> 16, byWord(a, w, 1) >> 16, byWord(a, w, 2) >> 16, byWord(a, w, 3) >> 16);
  }

  private static int byWord(long a, long w, int n) {
    return (short) (a >>> 16 * n) * (short) w;
  }

  /**
   * Products 1-0 of signed words of {@code a} with those of {@code b}, as PUNPCKLWD makes them of {@code low}, which is PMULLW of the two,
   * and {@code high}, which is PMULHW of {@code a} and {@code other}: right away if that is {@code b}.
   */
  public static long lowProducts(long a, long b, long other, long low, long high) {
    return b == other ? doublewords(word(a, b, 0), word(a, b, 1)) : PackedPack.punpcklwd(low, high);
  }

  /** Products 3-2 in the same way, as PUNPCKHWD makes them. */
  public static long highProducts(long a, long b, long other, long low, long high) {
    return b == other ? doublewords(word(a, b, 2), word(a, b, 3)) : PackedPack.punpckhwd(low, high);
  }

  /** {@link #lowProducts} where {@code a} is the lowest word of {@code w} in each place. */
  public static long lowProductsByWord(long w, long b, long other, long low, long high) {
    return b == other ? doublewords(byWord(b, w, 0), byWord(b, w, 1)) : PackedPack.punpcklwd(low, high);
  }

  /** {@link #highProducts} in the same way. */
  public static long highProductsByWord(long w, long b, long other, long low, long high) {
    return b == other ? doublewords(byWord(b, w, 2), byWord(b, w, 3)) : PackedPack.punpckhwd(low, high);
  }

  public static long pmulhuw(long a, long b) {
    return words(unsignedWord(a, b, 0) >>> 16, unsignedWord(a, b, 1) >>> 16, unsignedWord(a, b, 2) >>> 16,
        unsignedWord(a, b, 3) >>> 16);
  }

  /** Product of the low halves. */
  public static long pmuludq(long a, long b) {
    return (a & 0xFFFF_FFFFL) * (b & 0xFFFF_FFFFL);
  }

  /** Bits 30-15 of the products, rounded. */
  public static long pmulhrsw(long a, long b) {
    return words((word(a, b, 0) >> 14) + 1 >> 1, (word(a, b, 1) >> 14) + 1 >> 1, (word(a, b, 2) >> 14) + 1 >> 1,
        (word(a, b, 3) >> 14) + 1 >> 1);
  }

  public static long pmulld(long a, long b) {
    return doublewords((int) a * (int) b, (int) (a >>> 32) * (int) (b >>> 32));
  }

  /** Sums of two adjacent products; four times 8000H gives 80000000H. */
  public static long pmaddwd(long a, long b) {
    return doublewords(word(a, b, 0) + word(a, b, 1), word(a, b, 2) + word(a, b, 3));
  }

  /** Sums of two adjacent products of an unsigned byte of {@code a} and a signed one of {@code b}, saturated to words. */
  public static long pmaddubsw(long a, long b) {
    return words(byteSum(a, b, 0), byteSum(a, b, 16), byteSum(a, b, 32), byteSum(a, b, 48));
  }

  private static int byteSum(long a, long b, int shift) {
    int sum = (int) (a >>> shift & 0xFF) * (byte) (b >>> shift) + (int) (a >>> shift + 8 & 0xFF) * (byte) (b >>> shift + 8);
    return Math.clamp(sum, Short.MIN_VALUE, Short.MAX_VALUE);
  }
}
