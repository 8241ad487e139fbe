package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** The SHA extensions (SDM 2B SHA1RNDS4 ... SHA256MSG2, FIPS 180-4): four rounds or schedule words at a time. */
public final class Sha implements Family {
  private static final int[] ROUND_CONSTANT = {0x5A82_7999, 0x6ED9_EBA1, 0x8F1B_BCDC, 0xCA62_C1D6};

  @Override public void define(Definitions d) {
    d.define(SHA1RNDS4, Sha::sha1rnds4);
    d.define(SHA1NEXTE, (c, i) -> SimdOperands.wide(c, i, (al, ah, bl, bh) -> bl,
        (al, ah, bl, bh) -> bh + ((long) Integer.rotateLeft(high(ah), 30) << 32)));
    d.define(SHA1MSG1, (c, i) -> SimdOperands.wide(c, i, (al, ah, bl, bh) -> bh ^ al, (al, ah, bl, bh) -> al ^ ah));
    d.define(SHA1MSG2, Sha::sha1msg2);
    d.define(SHA256RNDS2, Sha::sha256rnds2);
    d.define(SHA256MSG1, (c, i) -> SimdOperands.wide(c, i,
        (al, ah, bl, bh) -> join((int) al + small0(high(al)), high(al) + small0((int) ah)),
        (al, ah, bl, bh) -> join((int) ah + small0(high(ah)), high(ah) + small0((int) bl))));
    d.define(SHA256MSG2, Sha::sha256msg2);
  }

  private static int high(long a) {
    return (int) (a >>> 32);
  }

  private static long join(int low, int high) {
    return low & 0xFFFF_FFFFL | (long) high << 32;
  }

  private static int small0(int w) {
    return Integer.rotateRight(w, 7) ^ Integer.rotateRight(w, 18) ^ w >>> 3;
  }

  private static int small1(int w) {
    return Integer.rotateRight(w, 17) ^ Integer.rotateRight(w, 19) ^ w >>> 10;
  }

  /** The destination holds A (highest), B, C, D; the source the schedule words, the highest first and with E added. */
  private static void sha1rnds4(Cpu cpu, Instruction i) {
    SimdState.requireSse(cpu);
    long at = SimdOperands.source(cpu, i);
    long wl = SimdOperands.half(cpu, i, at, 0);
    long wh = SimdOperands.half(cpu, i, at, 1);
    int x = 2 * i.reg0;
    int a = high(cpu.xmm[x + 1]);
    int b = (int) cpu.xmm[x + 1];
    int c = high(cpu.xmm[x]);
    int d = (int) cpu.xmm[x];
    int e = 0;
    int kind = SimdOperands.immediate(i) & 3;
    for (int n = 0; n < 4; n++) {
      int w = (int) ((n < 2 ? wh : wl) >>> 32 * (~n & 1));
      int f = kind == 0 ? b & c ^ ~b & d : kind == 2 ? b & c ^ b & d ^ c & d : b ^ c ^ d;
      int next = f + Integer.rotateLeft(a, 5) + w + e + ROUND_CONSTANT[kind];
      e = d;
      d = c;
      c = Integer.rotateLeft(b, 30);
      b = a;
      a = next;
    }
    cpu.xmm[x] = join(d, c);
    cpu.xmm[x + 1] = join(b, a);
  }

  private static void sha1msg2(Cpu cpu, Instruction i) {
    SimdState.requireSse(cpu);
    long at = SimdOperands.source(cpu, i);
    long low = SimdOperands.half(cpu, i, at, 0);
    long high = SimdOperands.half(cpu, i, at, 1);
    int x = 2 * i.reg0;
    int w16 = Integer.rotateLeft(high(cpu.xmm[x + 1]) ^ (int) high, 1);
    int w17 = Integer.rotateLeft((int) cpu.xmm[x + 1] ^ high(low), 1);
    int w18 = Integer.rotateLeft(high(cpu.xmm[x]) ^ (int) low, 1);
    int w19 = Integer.rotateLeft((int) cpu.xmm[x] ^ w16, 1);
    cpu.xmm[x] = join(w19, w18);
    cpu.xmm[x + 1] = join(w17, w16);
  }

  /** The source holds A (highest), B, E, F; the destination C, D, G, H; XMM0 two words with their constants added. */
  private static void sha256rnds2(Cpu cpu, Instruction i) {
    SimdState.requireSse(cpu);
    long at = SimdOperands.source(cpu, i);
    long ef = SimdOperands.half(cpu, i, at, 0);
    long ab = SimdOperands.half(cpu, i, at, 1);
    int x = 2 * i.reg0;
    int a = high(ab);
    int b = (int) ab;
    int c = high(cpu.xmm[x + 1]);
    int d = (int) cpu.xmm[x + 1];
    int e = high(ef);
    int f = (int) ef;
    int g = high(cpu.xmm[x]);
    int h = (int) cpu.xmm[x];
    for (int n = 0; n < 2; n++) {
      int t = (e & f ^ ~e & g) + (Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25))
          + (int) (cpu.xmm[0] >>> 32 * n) + h;
      int next = t + (a & b ^ a & c ^ b & c)
          + (Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22));
      h = g;
      g = f;
      f = e;
      e = t + d;
      d = c;
      c = b;
      b = a;
      a = next;
    }
    cpu.xmm[x] = join(f, e);
    cpu.xmm[x + 1] = join(b, a);
  }

  private static void sha256msg2(Cpu cpu, Instruction i) {
    SimdState.requireSse(cpu);
    long high = SimdOperands.half(cpu, i, SimdOperands.source(cpu, i), 1);
    int x = 2 * i.reg0;
    int w16 = (int) cpu.xmm[x] + small1((int) high);
    int w17 = high(cpu.xmm[x]) + small1(high(high));
    int w18 = (int) cpu.xmm[x + 1] + small1(w16);
    int w19 = high(cpu.xmm[x + 1]) + small1(w17);
    cpu.xmm[x] = join(w16, w17);
    cpu.xmm[x + 1] = join(w18, w19);
  }
}
