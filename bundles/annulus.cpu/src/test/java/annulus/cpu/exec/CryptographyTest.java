package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.cpu.Cpu;
import annulus.cpu.testing.TestCpu;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** AES, PCLMULQDQ and SHA instructions, put together to the algorithms they are made for. */
class CryptographyTest {
  private final TestCpu t = TestCpu.longMode(3);
  private final Cpu c = t.cpu;

  private void load(int register, byte[] bytes) {
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    c.xmm[2 * register] = b.getLong(0);
    c.xmm[2 * register + 1] = b.getLong(8);
  }

  private byte[] store(int register) {
    return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
        .putLong(c.xmm[2 * register]).putLong(c.xmm[2 * register + 1]).array();
  }

  /** FIPS 197 5.2 with AESKEYGENASSIST. */
  private byte[][] expand(byte[] key) {
    byte[][] keys = new byte[11][];
    keys[0] = key;
    int constant = 1;
    for (int round = 1; round <= 10; round++) {
      load(2, keys[round - 1]);
      t.run(0x66, 0x0F, 0x3A, 0xDF, 0xCA, constant);
      byte[] assist = store(1);
      byte[] next = keys[round - 1].clone();
      for (int n = 0; n < 16; n++) {
        next[n] ^= n < 4 ? assist[12 + n] : next[n - 4];
      }
      keys[round] = next;
      constant = constant << 1 ^ (constant >> 7) * 0x11B;
    }
    return keys;
  }

  @Test void aesEncryptsAndDecryptsTheExampleOfFips197() {
    byte[] plain = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
    byte[] cipher = HexFormat.of().parseHex("69c4e0d86a7b0430d8cdb78070b4c55a");
    byte[][] keys = expand(HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f"));
    assertArrayEquals(HexFormat.of().parseHex("13111d7fe3944a17f307a78b4d2b30c5"), keys[10]);

    load(1, plain);
    load(2, keys[0]);
    t.run(0x66, 0x0F, 0xEF, 0xCA);
    for (int round = 1; round <= 10; round++) {
      load(2, keys[round]);
      t.run(0x66, 0x0F, 0x38, round < 10 ? 0xDC : 0xDD, 0xCA);
    }
    assertArrayEquals(cipher, store(1));

    load(2, keys[10]);
    t.run(0x66, 0x0F, 0xEF, 0xCA);
    for (int round = 9; round >= 0; round--) {
      load(3, keys[round]);
      if (round > 0) {
        t.run(0x66, 0x0F, 0x38, 0xDB, 0xD3);
        t.run(0x66, 0x0F, 0x38, 0xDE, 0xCA);
      } else {
        t.run(0x66, 0x0F, 0x38, 0xDF, 0xCB);
      }
    }
    assertArrayEquals(plain, store(1));
  }

  @Test void carrylessProductIsTheSumOfShiftedOperands() {
    SplittableRandom random = new SplittableRandom(9);
    for (int n = 0; n < 10_000; n++) {
      long a = n == 0 ? -1 : random.nextLong();
      long b = n < 2 ? -1 : random.nextLong();
      long low = 0;
      long high = 0;
      for (int bit = 0; bit < 64; bit++) {
        if ((b >>> bit & 1) != 0) {
          low ^= a << bit;
          high ^= bit == 0 ? 0 : a >>> 64 - bit;
        }
      }
      assertEquals(low, CarrylessMultiply.low(a, b));
      assertEquals(high, CarrylessMultiply.high(a, b));
    }
  }

  @Test void pclmulqdqSelectsHalvesByItsImmediate() {
    c.xmm[2] = 3;
    c.xmm[3] = 5;
    c.xmm[4] = 0x11;
    c.xmm[5] = 1L << 63;
    t.run(0x66, 0x0F, 0x3A, 0x44, 0xCA, 0x11);
    assertEquals(1L << 63, c.xmm[2]);
    assertEquals(2, c.xmm[3]);
  }

  /** The padded single block of a short message as 16 big-endian words. */
  private static int[] block(byte[] message) {
    byte[] padded = Arrays.copyOf(message, 64);
    padded[message.length] = (byte) 0x80;
    ByteBuffer b = ByteBuffer.wrap(padded).putInt(60, 8 * message.length);
    int[] words = new int[16];
    b.asIntBuffer().get(words);
    return words;
  }

  /** Word 0 lowest. */
  private void words(int register, int w0, int w1, int w2, int w3) {
    c.xmm[2 * register] = w0 & 0xFFFF_FFFFL | (long) w1 << 32;
    c.xmm[2 * register + 1] = w2 & 0xFFFF_FFFFL | (long) w3 << 32;
  }

  private int word(int register, int n) {
    return (int) (c.xmm[2 * register + n / 2] >>> 32 * (n % 2));
  }

  @Test void sha256OfOneBlockIsTheDigest() throws NoSuchAlgorithmException {
    byte[] message = "Debian's Linux boots to a shell".getBytes(StandardCharsets.US_ASCII);
    int[] w = Arrays.copyOf(block(message), 64);
    for (int n = 16; n < 64; n += 4) {
      words(1, w[n - 16], w[n - 15], w[n - 14], w[n - 13]);
      words(2, w[n - 12], w[n - 11], w[n - 10], w[n - 9]);
      t.run(0x0F, 0x38, 0xCC, 0xCA);
      for (int k = 0; k < 4; k++) {
        w[n + k] = word(1, k) + w[n - 7 + k];
      }
      words(1, w[n], w[n + 1], w[n + 2], w[n + 3]);
      words(2, w[n - 4], w[n - 3], w[n - 2], w[n - 1]);
      t.run(0x0F, 0x38, 0xCD, 0xCA);
      for (int k = 0; k < 4; k++) {
        w[n + k] = word(1, k);
      }
    }
    int[] h = fractions(2, 8);
    int[] k = fractions(3, 64);
    words(1, h[7], h[6], h[3], h[2]);
    words(2, h[5], h[4], h[1], h[0]);
    for (int n = 0; n < 64; n += 2) {
      words(0, w[n] + k[n], w[n + 1] + k[n + 1], 0, 0);
      int other = n % 4 == 0 ? 0xCA : 0xD1;
      t.run(0x0F, 0x38, 0xCB, other);
    }
    int[] result = {word(2, 3), word(2, 2), word(1, 3), word(1, 2), word(2, 1), word(2, 0), word(1, 1), word(1, 0)};
    ByteBuffer digest = ByteBuffer.allocate(32);
    for (int n = 0; n < 8; n++) {
      digest.putInt(h[n] + result[n]);
    }
    assertArrayEquals(MessageDigest.getInstance("SHA-256").digest(message), digest.array());
  }

  /** First 32 bits of the fractional parts of the square (2) or cube (3) roots of the first primes (FIPS 180-4 4.2.2, 5.3.3). */
  private static int[] fractions(int root, int count) {
    int[] values = new int[count];
    int n = 0;
    for (int p = 2; n < count; p++) {
      if (BigInteger.valueOf(p).isProbablePrime(20)) {
        double r = root == 2 ? Math.sqrt(p) : Math.cbrt(p);
        values[n++] = (int) (long) ((r - Math.floor(r)) * 0x1p32);
      }
    }
    return values;
  }

  @Test void sha1OfOneBlockIsTheDigest() throws NoSuchAlgorithmException {
    byte[] message = "inside a Felix container".getBytes(StandardCharsets.US_ASCII);
    int[] w = Arrays.copyOf(block(message), 80);
    for (int n = 16; n < 80; n += 4) {
      words(1, w[n - 13], w[n - 14], w[n - 15], w[n - 16]);
      words(2, w[n - 9], w[n - 10], w[n - 11], w[n - 12]);
      t.run(0x0F, 0x38, 0xC9, 0xCA);
      words(3, w[n - 5], w[n - 6], w[n - 7], w[n - 8]);
      t.run(0x66, 0x0F, 0xEF, 0xCB);
      words(2, w[n - 1], w[n - 2], w[n - 3], w[n - 4]);
      t.run(0x0F, 0x38, 0xCA, 0xCA);
      for (int k = 0; k < 4; k++) {
        w[n + k] = word(1, 3 - k);
      }
    }
    int[] h = {0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0};
    words(1, h[3], h[2], h[1], h[0]);
    words(2, 0, 0, 0, h[4]);
    boolean first = true;
    for (int n = 0; n < 80; n += 4) {
      int a = word(1, 3);
      words(3, w[n + 3], w[n + 2], w[n + 1], w[n]);
      if (first) {
        words(2, w[n + 3], w[n + 2], w[n + 1], w[n] + h[4]);
        first = false;
      } else {
        t.run(0x0F, 0x38, 0xC8, 0xD3);
      }
      t.run(0x0F, 0x3A, 0xCC, 0xCA, n / 20);
      words(2, 0, 0, 0, a);
    }
    words(3, 0, 0, 0, h[4]);
    t.run(0x0F, 0x38, 0xC8, 0xD3);
    ByteBuffer digest = ByteBuffer.allocate(20);
    digest.putInt(h[0] + word(1, 3)).putInt(h[1] + word(1, 2)).putInt(h[2] + word(1, 1)).putInt(h[3] + word(1, 0));
    digest.putInt(word(2, 3));
    assertArrayEquals(MessageDigest.getInstance("SHA-1").digest(message), digest.array());
  }
}
