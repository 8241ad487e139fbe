package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

/**
 * AES-NI (SDM 2A AESENC ... AESKEYGENASSIST, FIPS 197). The state is a column-major 4 x 4 matrix: column n is doubleword n. One
 * table gives a byte substituted and multiplied by the MixColumns column (2 1 1 3); the other rows are its rotations.
 */
public final class Aes implements Family {
  private static final int[] SUBSTITUTE = new int[256];
  private static final int[] INVERSE = new int[256];
  /** SubBytes and MixColumns of a byte in row 0. */
  private static final int[] ENCRYPT = new int[256];
  /** InvMixColumns of a byte in row 0. */
  private static final int[] UNMIX = new int[256];

  static {
    // p runs through the powers of 3, a generator of GF(2^8), and q through their inverses.
    int p = 1;
    int q = 1;
    do {
      p = p ^ twice(p);
      q ^= q << 1;
      q ^= q << 2;
      q ^= q << 4;
      q = (q ^ ((q & 0x80) != 0 ? 0x09 : 0)) & 0xFF;
      int turned = q | q << 8;
      SUBSTITUTE[p] = (turned ^ turned >>> 7 ^ turned >>> 6 ^ turned >>> 5 ^ turned >>> 4 ^ 0x63) & 0xFF;
    } while (p != 1);
    SUBSTITUTE[0] = 0x63;
    for (int n = 0; n < 256; n++) {
      int s = SUBSTITUTE[n];
      INVERSE[s] = n;
      ENCRYPT[n] = twice(s) | s << 8 | s << 16 | (twice(s) ^ s) << 24;
      int two = twice(n);
      int four = twice(two);
      int eight = twice(four);
      UNMIX[n] = eight ^ four ^ two | (eight ^ n) << 8 | (eight ^ four ^ n) << 16 | (eight ^ two ^ n) << 24;
    }
  }

  /** Product with x modulo x^8 + x^4 + x^3 + x + 1. */
  private static int twice(int a) {
    return (a << 1 ^ (a & 0x80) / 0x80 * 0x11B) & 0xFF;
  }

  @Override public void define(Definitions d) {
    d.define(AESENC, (c, i) -> SimdOperands.wide(c, i,
        (al, ah, bl, bh) -> bl ^ encrypt(al, ah), (al, ah, bl, bh) -> bh ^ encrypt(ah, al)));
    d.define(AESENCLAST, (c, i) -> SimdOperands.wide(c, i,
        (al, ah, bl, bh) -> bl ^ encryptLast(al, ah), (al, ah, bl, bh) -> bh ^ encryptLast(ah, al)));
    d.define(AESDEC, (c, i) -> SimdOperands.wide(c, i,
        (al, ah, bl, bh) -> bl ^ unmix(decryptLast(al, ah)), (al, ah, bl, bh) -> bh ^ unmix(decryptLast(ah, al))));
    d.define(AESDECLAST, (c, i) -> SimdOperands.wide(c, i,
        (al, ah, bl, bh) -> bl ^ decryptLast(al, ah), (al, ah, bl, bh) -> bh ^ decryptLast(ah, al)));
    d.define(AESIMC, (c, i) -> SimdOperands.wide(c, i, (al, ah, bl, bh) -> unmix(bl), (al, ah, bl, bh) -> unmix(bh)));
    d.define(AESKEYGENASSIST, (c, i) -> SimdOperands.wideImmediate(c, i,
        (al, ah, bl, bh, n) -> keygenassist((int) (bl >>> 32), n), (al, ah, bl, bh, n) -> keygenassist((int) (bh >>> 32), n)));
  }

  private static int at(long a, int n) {
    return (int) (a >>> 8 * n) & 0xFF;
  }

  /** One column after SubBytes, ShiftRows and MixColumns: its rows come from four columns that follow one another. */
  private static long mixed(int r0, int r1, int r2, int r3) {
    return (ENCRYPT[r0] ^ Integer.rotateLeft(ENCRYPT[r1], 8) ^ Integer.rotateLeft(ENCRYPT[r2], 16)
        ^ Integer.rotateLeft(ENCRYPT[r3], 24)) & 0xFFFF_FFFFL;
  }

  /** Two columns of a round before the key is added: {@code near} holds them, {@code far} the other two. */
  public static long encrypt(long near, long far) {
    return mixed(at(near, 0), at(near, 5), at(far, 2), at(far, 7))
        | mixed(at(near, 4), at(far, 1), at(far, 6), at(near, 3)) << 32;
  }

  /** The same of the last round, which does not mix columns. */
  public static long encryptLast(long near, long far) {
    return column(SUBSTITUTE, at(near, 0), at(near, 5), at(far, 2), at(far, 7))
        | column(SUBSTITUTE, at(near, 4), at(far, 1), at(far, 6), at(near, 3)) << 32;
  }

  /** InvShiftRows and InvSubBytes of two columns. */
  public static long decryptLast(long near, long far) {
    return column(INVERSE, at(near, 0), at(far, 5), at(far, 2), at(near, 7))
        | column(INVERSE, at(near, 4), at(near, 1), at(far, 6), at(far, 3)) << 32;
  }

  private static long column(int[] table, int r0, int r1, int r2, int r3) {
    return table[r0] | table[r1] << 8 | table[r2] << 16 | (long) table[r3] << 24;
  }

  /** InvMixColumns of two columns. */
  public static long unmix(long a) {
    return unmixColumn(a) | unmixColumn(a >>> 32) << 32;
  }

  private static long unmixColumn(long a) {
    return (UNMIX[at(a, 0)] ^ Integer.rotateLeft(UNMIX[at(a, 1)], 8) ^ Integer.rotateLeft(UNMIX[at(a, 2)], 16)
        ^ Integer.rotateLeft(UNMIX[at(a, 3)], 24)) & 0xFFFF_FFFFL;
  }

  /** SubWord(x), and above it RotWord(SubWord(x)) with the round constant. */
  public static long keygenassist(int x, int constant) {
    int s = (int) column(SUBSTITUTE, x & 0xFF, x >>> 8 & 0xFF, x >>> 16 & 0xFF, x >>> 24);
    return s & 0xFFFF_FFFFL | (long) (Integer.rotateRight(s, 8) ^ constant) << 32;
  }
}
