package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

/** Side-by-side lane arithmetic equals arithmetic lane by lane. */
class PackedIntegerTest {
  private static final long[] CORNERS = {
    0, -1, PackedAdd.H8, ~PackedAdd.H8, PackedAdd.H16, ~PackedAdd.H16, PackedAdd.H32, ~PackedAdd.H32, 0x0101_0101_0101_0101L,
    0x0001_0001_0001_0001L, 0x00FF_00FF_00FF_00FFL, 0xFF00_FF00_FF00_FF00L, 0x7F80_0180_FF00_8001L};
  private final SplittableRandom random = new SplittableRandom(3);

  /** Checks {@code packed} against {@code lane} on lanes of {@code bits} bits, sign- or zero-extended. */
  private void check(LongBinaryOperator packed, int bits, boolean signed, LongBinaryOperator lane) {
    for (int n = 0; n < 20_000; n++) {
      long a = operand();
      long b = operand();
      long expected = 0;
      for (int at = 0; at < 64; at += bits) {
        long mask = -1L >>> 64 - bits;
        expected |= (lane.applyAsLong(element(a, at, bits, signed), element(b, at, bits, signed)) & mask) << at;
      }
      assertEquals(Long.toHexString(expected), Long.toHexString(packed.applyAsLong(a, b)),
          "of %x and %x".formatted(a, b));
    }
  }

  private long operand() {
    return random.nextInt(3) == 0 ? CORNERS[random.nextInt(CORNERS.length)] : random.nextLong();
  }

  private static long element(long a, int at, int bits, boolean signed) {
    long top = a << 64 - bits - at;
    return signed ? top >> 64 - bits : top >>> 64 - bits;
  }

  @Test void sumsWrapWithinTheirLane() {
    check(PackedAdd::paddb, 8, false, Long::sum);
    check(PackedAdd::paddw, 16, false, Long::sum);
    check(PackedAdd::paddd, 32, false, Long::sum);
    check(PackedAdd::psubb, 8, false, (a, b) -> a - b);
    check(PackedAdd::psubw, 16, false, (a, b) -> a - b);
    check(PackedAdd::psubd, 32, false, (a, b) -> a - b);
  }

  @Test void saturatingSumsStopAtTheLimits() {
    check(PackedAdd::paddsb, 8, true, (a, b) -> Math.clamp(a + b, -128, 127));
    check(PackedAdd::paddsw, 16, true, (a, b) -> Math.clamp(a + b, -32768, 32767));
    check(PackedAdd::psubsb, 8, true, (a, b) -> Math.clamp(a - b, -128, 127));
    check(PackedAdd::psubsw, 16, true, (a, b) -> Math.clamp(a - b, -32768, 32767));
    check(PackedAdd::paddusb, 8, false, (a, b) -> Math.min(a + b, 255));
    check(PackedAdd::paddusw, 16, false, (a, b) -> Math.min(a + b, 65535));
    check(PackedAdd::psubusb, 8, false, (a, b) -> Math.max(a - b, 0));
    check(PackedAdd::psubusw, 16, false, (a, b) -> Math.max(a - b, 0));
  }

  @Test void averagesRoundUp() {
    check(PackedAdd::pavgb, 8, false, (a, b) -> a + b + 1 >> 1);
    check(PackedAdd::pavgw, 16, false, (a, b) -> a + b + 1 >> 1);
  }

  @Test void comparisonsFillTheirLane() {
    check(PackedCompare::pcmpeqb, 8, true, (a, b) -> a == b ? -1 : 0);
    check(PackedCompare::pcmpeqw, 16, true, (a, b) -> a == b ? -1 : 0);
    check(PackedCompare::pcmpeqd, 32, true, (a, b) -> a == b ? -1 : 0);
    check(PackedCompare::pcmpgtb, 8, true, (a, b) -> a > b ? -1 : 0);
    check(PackedCompare::pcmpgtw, 16, true, (a, b) -> a > b ? -1 : 0);
    check(PackedCompare::pcmpgtd, 32, true, (a, b) -> a > b ? -1 : 0);
  }

  @Test void signsAndMagnitudesFollowTheLane() {
    check((a, b) -> PackedCompare.pabsb(b), 8, true, (a, b) -> Math.abs(b));
    check((a, b) -> PackedCompare.pabsw(b), 16, true, (a, b) -> Math.abs(b));
    check((a, b) -> PackedCompare.pabsd(b), 32, true, (a, b) -> Math.abs(b));
    check(PackedCompare::psignb, 8, true, (a, b) -> a * Long.signum(b));
    check(PackedCompare::psignw, 16, true, (a, b) -> a * Long.signum(b));
    check(PackedCompare::psignd, 32, true, (a, b) -> a * Long.signum(b));
  }

  @Test void productsKeepTheirPart() {
    check(PackedMultiply::pmullw, 16, true, (a, b) -> a * b);
    check(PackedMultiply::pmulhw, 16, true, (a, b) -> a * b >> 16);
    check(PackedMultiply::pmulhuw, 16, false, (a, b) -> a * b >>> 16);
    check(PackedMultiply::pmulhrsw, 16, true, (a, b) -> (a * b >> 14) + 1 >> 1);
    check(PackedMultiply::pmulld, 32, true, (a, b) -> a * b);
    check(PackedMultiply::pmaddwd, 32, false,
        (a, b) -> (long) (short) a * (short) b + (long) (short) (a >> 16) * (short) (b >> 16));
    check(PackedMultiply::pmaddubsw, 16, false, (a, b) ->
        Math.clamp((a & 0xFF) * (byte) b + (a >> 8 & 0xFF) * (byte) (b >> 8), -32768, 32767));
  }

  @Test void shiftsByAnyCountStayInTheirLane() {
    for (long count : new long[] {0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 1L << 32, -1}) {
      boolean in16 = count >= 0 && count < 16;
      boolean in32 = count >= 0 && count < 32;
      check((a, b) -> PackedShift.psllw(a, count), 16, false, (a, b) -> in16 ? a << count : 0);
      check((a, b) -> PackedShift.psrlw(a, count), 16, false, (a, b) -> in16 ? a >> count : 0);
      check((a, b) -> PackedShift.psraw(a, count), 16, true, (a, b) -> a >> (in16 ? count : 15));
      check((a, b) -> PackedShift.pslld(a, count), 32, false, (a, b) -> in32 ? a << count : 0);
      check((a, b) -> PackedShift.psrld(a, count), 32, false, (a, b) -> in32 ? a >> count : 0);
      check((a, b) -> PackedShift.psrad(a, count), 32, true, (a, b) -> a >> (in32 ? count : 31));
    }
  }

  @Test void byteMaskTakesTheSigns() {
    for (int n = 0; n < 20_000; n++) {
      long a = operand();
      long expected = 0;
      for (int at = 0; at < 8; at++) {
        expected |= (a >>> 8 * at + 7 & 1) << at;
      }
      assertEquals(expected, SimdElement.pmovmskb(a));
    }
  }

  @Test void shuffledBytesComeFromTheirIndex() {
    for (int n = 0; n < 20_000; n++) {
      long low = random.nextLong();
      long high = random.nextLong();
      long control = random.nextLong();
      long expected = 0;
      for (int at = 0; at < 8; at++) {
        int index = (int) (control >>> 8 * at) & 0xFF;
        if (index < 128) {
          expected |= ((index & 8) == 0 ? low : high) >>> 8 * (index & 7) << 56 >>> 56 - 8 * at;
        }
      }
      assertEquals(expected, PackedShuffle.pshufb(low, high, control));
    }
  }

  @Test void packsClampAndUnpacksInterleave() {
    assertEquals(0x807F_0080_7F01_FF00L, PackedPack.packsswb(0x7FFF_0001_FFFF_0000L, 0x8000_7FFF_0000_8000L));
    assertEquals(0x00FF_0100_FF7F_0000L, PackedPack.packuswb(0x7FFF_007F_FFFF_0000L, 0x8000_7FFF_0001_8000L));
    assertEquals(0x8000_7FFF_FFFF_0001L, PackedPack.packssdw(0xFFFF_FFFF_0000_0001L, 0x8000_0000_7FFF_FFFFL));
    assertEquals(0x1404_1303_1202_1101L, PackedPack.punpcklbw(0x0807_0605_0403_0201L, 0x1817_1615_1413_1211L));
    assertEquals(0x1808_1707_1606_1505L, PackedPack.punpckhbw(0x0807_0605_0403_0201L, 0x1817_1615_1413_1211L));
  }
}
