package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** Shuffles, blends and alignment of packed elements (SDM 2B PSHUFB, PSHUFD, SHUFPS, PALIGNR, PBLENDW ...). */
public final class PackedShuffle implements Family {
  @Override public void define(Definitions d) {
    d.define(PSHUFB, PackedShuffle::pshufb);
    d.define(PSHUFW, (c, i) -> SimdOperands.mmxImmediate(c, i, (a, b, n) -> words(b, n)));
    d.define(PSHUFLW, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> words(bl, n), (al, ah, bl, bh, n) -> bh));
    d.define(PSHUFHW, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> bl, (al, ah, bl, bh, n) -> words(bh, n)));
    d.define(PSHUFD, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> doublewords(bl, bh, n), (al, ah, bl, bh, n) -> doublewords(bl, bh, n >>> 4)));
    d.define(SHUFPS, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> doublewords(al, ah, n), (al, ah, bl, bh, n) -> doublewords(bl, bh, n >>> 4)));
    d.define(SHUFPD, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> (n & 1) == 0 ? al : ah, (al, ah, bl, bh, n) -> (n & 2) == 0 ? bl : bh));
    d.define(PALIGNR, PackedShuffle::palignr);
    d.define(PBLENDW, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> blend(al, bl, n, 16), (al, ah, bl, bh, n) -> blend(ah, bh, n >>> 4, 16)));
    d.define(BLENDPS, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> blend(al, bl, n, 32), (al, ah, bl, bh, n) -> blend(ah, bh, n >>> 2, 32)));
    d.define(BLENDPD, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> (n & 1) == 0 ? al : bl, (al, ah, bl, bh, n) -> (n & 2) == 0 ? ah : bh));
    d.define(PBLENDVB, (c, i) -> blendBySigns(c, i, PackedAdd.H8, 8));
    d.define(BLENDVPS, (c, i) -> blendBySigns(c, i, PackedAdd.H32, 32));
    d.define(BLENDVPD, (c, i) -> blendBySigns(c, i, Long.MIN_VALUE, 64));
  }

  private static void pshufb(Cpu c, Instruction i) {
    if (i.kind0 == Instruction.XMM) {
      SimdOperands.wide(c, i,
          (al, ah, bl, bh) -> pshufb(al, ah, bl), (al, ah, bl, bh) -> pshufb(al, ah, bh));
    } else {
      SimdOperands.mmx(c, i, (a, b) -> pshufb(a, a, b));
    }
  }

  private static void palignr(Cpu c, Instruction i) {
    if (i.kind0 == Instruction.XMM) {
      SimdOperands.wideImmediate(c, i,
          (al, ah, bl, bh, n) -> palignr(al, ah, bl, bh, n), (al, ah, bl, bh, n) -> palignr(al, ah, bl, bh, n + 8));
    } else {
      SimdOperands.mmxImmediate(c, i, (a, b, n) -> palignr(0, 0, b, a, n));
    }
  }

  /** Takes source lanes where the highest bit of the lane in XMM0, an implicit operand, is set. */
  private static void blendBySigns(Cpu c, Instruction i, long signs, int bits) {
    SimdState.requireSse(c);
    long at = SimdOperands.source(c, i);
    long low = SimdOperands.half(c, i, at, 0);
    long high = SimdOperands.half(c, i, at, 1);
    long lowMask = PackedAdd.fill(c.xmm[0] & signs, bits);
    long highMask = PackedAdd.fill(c.xmm[1] & signs, bits);
    int d = 2 * i.reg0;
    c.xmm[d] = PackedCompare.select(lowMask, low, c.xmm[d]);
    c.xmm[d + 1] = PackedCompare.select(highMask, high, c.xmm[d + 1]);
  }

  /** Bytes of {@code high:low} by the indexes in {@code control}; zero where the index's highest bit is set. */
  public static long pshufb(long low, long high, long control) {
    long result = 0;
    for (int shift = 0; shift < 64; shift += 8) {
      int index = (int) (control >>> shift);
      if ((index & 0x80) == 0) {
        result |= (((index & 8) == 0 ? low : high) >>> 8 * (index & 7) & 0xFF) << shift;
      }
    }
    return result;
  }

  /** Four words of {@code a}, each chosen by two bits of {@code order}. */
  public static long words(long a, int order) {
    long result = 0;
    for (int n = 0; n < 4; n++) {
      result |= (a >>> 16 * (order >>> 2 * n & 3) & 0xFFFF) << 16 * n;
    }
    return result;
  }

  private static long doubleword(long low, long high, int n) {
    return ((n & 2) == 0 ? low : high) >>> 32 * (n & 1) & 0xFFFF_FFFFL;
  }

  /** Two doublewords of {@code high:low}, chosen by bits 1-0 and 3-2 of {@code order}. */
  public static long doublewords(long low, long high, int order) {
    return doubleword(low, high, order) | doubleword(low, high, order >>> 2) << 32;
  }

  /** Eight bytes of the 256-bit value {@code ah:al:bh:bl} from byte {@code n} on, zeros beyond it. */
  public static long palignr(long al, long ah, long bl, long bh, int n) {
    long low = quadword(al, ah, bl, bh, n >>> 3);
    int shift = 8 * (n & 7);
    return shift == 0 ? low : low >>> shift | quadword(al, ah, bl, bh, (n >>> 3) + 1) << 64 - shift;
  }

  private static long quadword(long al, long ah, long bl, long bh, int n) {
    return switch (n) {
      case 0 -> bl;
      case 1 -> bh;
      case 2 -> al;
      case 3 -> ah;
      default -> 0;
    };
  }

  /** Lanes of {@code bits} bits of {@code b} where the selector has a one, of {@code a} elsewhere. */
  public static long blend(long a, long b, int selector, int bits) {
    long mask = 0;
    for (int n = 0; n * bits < 64; n++) {
      mask |= (selector >>> n & 1) * (-1L >>> 64 - bits) << n * bits;
    }
    return PackedCompare.select(mask, b, a);
  }
}
