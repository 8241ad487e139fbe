package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

/**
 * Sums, differences and averages of packed integers, MMX and SSE2 to SSE4.1 (SDM 2B PADDB ... PHSUBSW, PAVGB, PSADBW).
 *
 * <p>Values are eight bytes, four words or two doublewords in a long, computed side by side: with {@code H} the highest bit of
 * every lane, {@code (a & ~H) + (b & ~H)} carries into the highest bits only, and these add by exclusive or.
 */
public final class PackedAdd implements Family {
  static final long H8 = 0x8080_8080_8080_8080L;
  static final long H16 = 0x8000_8000_8000_8000L;
  static final long H32 = 0x8000_0000_8000_0000L;
  private static final long L32 = 0xFFFF_FFFFL;
  private static final long CARRY32 = 0x1_0000_0000L;

  @Override public void define(Definitions d) {
    d.define(PADDB, (c, i) -> SimdOperands.halves(c, i, PackedAdd::paddb));
    d.define(PADDW, (c, i) -> SimdOperands.halves(c, i, PackedAdd::paddw));
    d.define(PADDD, (c, i) -> SimdOperands.halves(c, i, PackedAdd::paddd));
    d.define(PADDQ, (c, i) -> SimdOperands.halves(c, i, (a, b) -> a + b));
    d.define(PSUBB, (c, i) -> SimdOperands.halves(c, i, PackedAdd::psubb));
    d.define(PSUBW, (c, i) -> SimdOperands.halves(c, i, PackedAdd::psubw));
    d.define(PSUBD, (c, i) -> SimdOperands.halves(c, i, PackedAdd::psubd));
    d.define(PSUBQ, (c, i) -> SimdOperands.halves(c, i, (a, b) -> a - b));
    d.define(PADDSB, (c, i) -> SimdOperands.halves(c, i, PackedAdd::paddsb));
    d.define(PADDSW, (c, i) -> SimdOperands.halves(c, i, PackedAdd::paddsw));
    d.define(PADDUSB, (c, i) -> SimdOperands.halves(c, i, PackedAdd::paddusb));
    d.define(PADDUSW, (c, i) -> SimdOperands.halves(c, i, PackedAdd::paddusw));
    d.define(PSUBSB, (c, i) -> SimdOperands.halves(c, i, PackedAdd::psubsb));
    d.define(PSUBSW, (c, i) -> SimdOperands.halves(c, i, PackedAdd::psubsw));
    d.define(PSUBUSB, (c, i) -> SimdOperands.halves(c, i, PackedAdd::psubusb));
    d.define(PSUBUSW, (c, i) -> SimdOperands.halves(c, i, PackedAdd::psubusw));
    d.define(PAVGB, (c, i) -> SimdOperands.halves(c, i, PackedAdd::pavgb));
    d.define(PAVGW, (c, i) -> SimdOperands.halves(c, i, PackedAdd::pavgw));
    d.define(PSADBW, (c, i) -> SimdOperands.halves(c, i, PackedAdd::psadbw));
    d.define(PHADDW, (c, i) -> SimdOperands.pairs(c, i, PackedAdd::phaddw));
    d.define(PHADDD, (c, i) -> SimdOperands.pairs(c, i, PackedAdd::phaddd));
    d.define(PHADDSW, (c, i) -> SimdOperands.pairs(c, i, PackedAdd::phaddsw));
    d.define(PHSUBW, (c, i) -> SimdOperands.pairs(c, i, PackedAdd::phsubw));
    d.define(PHSUBD, (c, i) -> SimdOperands.pairs(c, i, PackedAdd::phsubd));
    d.define(PHSUBSW, (c, i) -> SimdOperands.pairs(c, i, PackedAdd::phsubsw));
    d.define(MPSADBW, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> mpsadbw(al, ah, bl, bh, n, 0), (al, ah, bl, bh, n) -> mpsadbw(al, ah, bl, bh, n, 4)));
  }

  private static long add(long a, long b, long h) {
    return (a & ~h) + (b & ~h) ^ (a ^ b) & h;
  }

  private static long subtract(long a, long b, long h) {
    return (a | h) - (b & ~h) ^ (a ^ ~b) & h;
  }

  /** All ones in every lane of {@code bits} bits whose highest bit is set in {@code high}, zero elsewhere. */
  static long fill(long high, int bits) {
    long ones = high >>> bits - 1;
    return (ones << bits - 1 << 1) - ones; // for 64 too
  }

  /**
   * Highest bits of the lanes where {@code a < b}, unsigned: the highest bit is set in {@code b} alone, or the same in both and the rest
   * needs a borrow.
   */
  static long borrows(long a, long b, long h) {
    return (~a & b | ~(a ^ b | (a | h) - (b & ~h))) & h;
  }

  private static long addUnsigned(long a, long b, long h, int bits) {
    long sum = add(a, b, h);
    return sum | fill((a & b | (a | b) & ~sum) & h, bits);
  }

  private static long subtractUnsigned(long a, long b, long h, int bits) {
    return subtract(a, b, h) & ~fill(borrows(a, b, h), bits);
  }

  private static long addSigned(long a, long b, long h, int bits) {
    long sum = add(a, b, h);
    return saturate(sum, fill(~(a ^ b) & (a ^ sum) & h, bits), a, h, bits);
  }

  private static long subtractSigned(long a, long b, long h, int bits) {
    long difference = subtract(a, b, h);
    return saturate(difference, fill((a ^ b) & (a ^ difference) & h, bits), a, h, bits);
  }

  /** Where {@code overflow}, the largest value of {@code a}'s sign. */
  private static long saturate(long wrapped, long overflow, long a, long h, int bits) {
    long limit = ~h + ((a & h) >>> bits - 1);
    return wrapped & ~overflow | limit & overflow;
  }

  public static long paddb(long a, long b) {
    return add(a, b, H8);
  }

  public static long paddw(long a, long b) {
    return add(a, b, H16);
  }

  public static long paddd(long a, long b) {
    // Fewer operations than by lanes: of two lanes, only the carry out of the low one is too much
    return a + b - ((a & L32) + (b & L32) & CARRY32);
  }

  public static long psubb(long a, long b) {
    return subtract(a, b, H8);
  }

  public static long psubw(long a, long b) {
    return subtract(a, b, H16);
  }

  public static long psubd(long a, long b) {
    return a - b + ((a & L32) - (b & L32) & CARRY32);
  }

  public static long paddsb(long a, long b) {
    return addSigned(a, b, H8, 8);
  }

  public static long paddsw(long a, long b) {
    return addSigned(a, b, H16, 16);
  }

  public static long paddusb(long a, long b) {
    return addUnsigned(a, b, H8, 8);
  }

  public static long paddusw(long a, long b) {
    return addUnsigned(a, b, H16, 16);
  }

  public static long psubsb(long a, long b) {
    return subtractSigned(a, b, H8, 8);
  }

  public static long psubsw(long a, long b) {
    return subtractSigned(a, b, H16, 16);
  }

  public static long psubusb(long a, long b) {
    return subtractUnsigned(a, b, H8, 8);
  }

  public static long psubusw(long a, long b) {
    return subtractUnsigned(a, b, H16, 16);
  }

  /** {@code (a + b + 1) / 2} without the carry: {@code a | b} less half the difference. */
  public static long pavgb(long a, long b) {
    return subtract(a | b, (a ^ b) >>> 1 & ~H8, H8);
  }

  public static long pavgw(long a, long b) {
    return subtract(a | b, (a ^ b) >>> 1 & ~H16, H16);
  }

  /** Sum of the absolute differences of eight unsigned bytes. */
  public static long psadbw(long a, long b) {
    long difference = psubusb(a, b) | psubusb(b, a);
    long pairs = (difference & 0x00FF_00FF_00FF_00FFL) + (difference >>> 8 & 0x00FF_00FF_00FF_00FFL);
    return pairs * 0x0001_0001_0001_0001L >>> 48;
  }

  /** Even words of {@code b:a}, packed. */
  private static long evenWords(long a, long b) {
    return a & 0xFFFF | a >>> 16 & 0xFFFF_0000L | b << 32 & 0xFFFF_0000_0000L | b << 16 & 0xFFFF_0000_0000_0000L;
  }

  private static long oddWords(long a, long b) {
    return evenWords(a >>> 16, b >>> 16);
  }

  private static long evenDoublewords(long a, long b) {
    return a & 0xFFFF_FFFFL | b << 32;
  }

  private static long oddDoublewords(long a, long b) {
    return a >>> 32 | b & 0xFFFF_FFFF_0000_0000L;
  }

  public static long phaddw(long a, long b) {
    return paddw(evenWords(a, b), oddWords(a, b));
  }

  public static long phaddd(long a, long b) {
    return paddd(evenDoublewords(a, b), oddDoublewords(a, b));
  }

  public static long phaddsw(long a, long b) {
    return paddsw(evenWords(a, b), oddWords(a, b));
  }

  public static long phsubw(long a, long b) {
    return psubw(evenWords(a, b), oddWords(a, b));
  }

  public static long phsubd(long a, long b) {
    return psubd(evenDoublewords(a, b), oddDoublewords(a, b));
  }

  public static long phsubsw(long a, long b) {
    return psubsw(evenWords(a, b), oddWords(a, b));
  }

  /** Four of MPSADBW's eight sums, from offset {@code first}; immediate bit 2 selects a's start, bits 1-0 b's doubleword. */
  public static long mpsadbw(long al, long ah, long bl, long bh, int immediate, int first) {
    long block = ((immediate & 2) == 0 ? bl : bh) >>> 32 * (immediate & 1) & 0xFFFF_FFFFL;
    long result = 0;
    for (int n = 0; n < 4; n++) {
      int start = (immediate & 4) + first + n;
      long window = start >= 8 ? ah >>> 8 * (start - 8) : start == 0 ? al : al >>> 8 * start | ah << 64 - 8 * start;
      result |= psadbw(window & 0xFFFF_FFFFL, block) << 16 * n;
    }
    return result;
  }
}
