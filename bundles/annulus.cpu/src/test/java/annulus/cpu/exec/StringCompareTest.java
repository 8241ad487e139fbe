package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.arch.Rflags;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.testing.TestCpu;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StringCompareTest {
  private final SplittableRandom random = new SplittableRandom(5);

  /** SDM 2B 4.1: the matrix of comparisons, the overrides for invalid elements (table 4-7), the aggregation, word for word. */
  private static int reference(int[] a, int aLength, int[] b, int bLength, int control) {
    int last = a.length - 1;
    boolean[][] matrix = new boolean[a.length][a.length];
    int mode = control >> 2 & 3;
    for (int j = 0; j <= last; j++) {
      for (int i = 0; i <= last; i++) {
        boolean compared = mode == 1 ? (i % 2 == 0 ? b[j] >= a[i] : b[j] <= a[i]) : a[i] == b[j];
        boolean aInvalid = i >= aLength;
        boolean bInvalid = j >= bLength;
        if (aInvalid && bInvalid) {
          compared = mode >= 2;
        } else if (aInvalid) {
          compared = mode == 3;
        } else if (bInvalid) {
          compared = false;
        }
        matrix[j][i] = compared;
      }
    }
    int result = 0;
    for (int j = 0; j <= last; j++) {
      boolean hit = mode == 2 ? matrix[j][j] : mode == 3;
      if (mode == 0) {
        for (int i = 0; i <= last; i++) {
          hit |= matrix[j][i];
        }
      } else if (mode == 1) {
        for (int i = 0; i <= last; i += 2) {
          hit |= matrix[j][i] && matrix[j][i + 1];
        }
      } else if (mode == 3) {
        for (int i = 0, k = j; k <= last; i++, k++) {
          hit &= matrix[k][i];
        }
      }
      boolean negate = (control & 0x10) != 0 && ((control & 0x20) == 0 || j < bLength);
      result |= hit != negate ? 1 << j : 0;
    }
    return result;
  }

  private static int[] elements(long low, long high, int control) {
    int[] e = new int[(control & 1) == 0 ? 16 : 8];
    int bits = 128 / e.length;
    for (int n = 0; n < e.length; n++) {
      long v = (n * bits < 64 ? low : high) >>> (n * bits & 63) << 64 - bits;
      e[n] = (int) ((control & 2) != 0 ? v >> 64 - bits : v >>> 64 - bits);
    }
    return e;
  }

  /** Few different characters and some zeros, so that everything matches often. */
  private long text() {
    long text = 0;
    for (int n = 0; n < 8; n++) {
      text |= (long) (random.nextInt(6) == 0 ? 0 : 0x7E + random.nextInt(5)) << 8 * n;
    }
    return text;
  }

  @Test void everyModeEqualsTheDefinition() {
    for (int control = 0; control < 128; control++) {
      for (int n = 0; n < 400; n++) {
        long al = text();
        long ah = text();
        long bl = text();
        long bh = text();
        int elements = (control & 1) == 0 ? 16 : 8;
        int aLength = random.nextInt(elements + 1);
        int bLength = random.nextInt(elements + 1);
        int expected = reference(elements(al, ah, control), aLength, elements(bl, bh, control), bLength, control);
        assertEquals(expected, StringCompare.compare(al, ah, aLength, bl, bh, bLength, control), "control " + control);
      }
    }
  }

  private static void load(Cpu c, int register, String text) {
    byte[] bytes = Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), 16);
    for (int half = 0; half < 2; half++) {
      long v = 0;
      for (int n = 7; n >= 0; n--) {
        v = v << 8 | bytes[8 * half + n] & 0xFF;
      }
      c.xmm[2 * register + half] = v;
    }
  }

  @Test void implicitLengthFindsASubstringAndReportsTheEnds() {
    TestCpu t = TestCpu.longMode(3);
    load(t.cpu, 1, "lo w");
    load(t.cpu, 2, "hello world");
    t.run(0x66, 0x0F, 0x3A, 0x63, 0xCA, 0x0C);
    assertEquals(3, t.cpu.gpr[Cpu.RCX]);
    assertEquals(Rflags.CF | Rflags.ZF | Rflags.SF, Flags.status(t.cpu));
  }

  @Test void noMatchGivesTheNumberOfElements() {
    TestCpu t = TestCpu.longMode(3);
    load(t.cpu, 1, "xyz");
    load(t.cpu, 2, "0123456789abcdef");
    t.run(0x66, 0x0F, 0x3A, 0x63, 0xCA, 0x00);
    assertEquals(16, t.cpu.gpr[Cpu.RCX]);
    assertEquals(Rflags.SF, Flags.status(t.cpu));
  }

  @Test void explicitLengthsSaturateAndTheMaskExpandsElements() {
    TestCpu t = TestCpu.longMode(3);
    load(t.cpu, 1, "az");
    load(t.cpu, 2, "AbCdEfGhIjKlMnOp");
    t.cpu.gpr[Cpu.RAX] = -2;
    t.cpu.gpr[Cpu.RDX] = 1L << 32 | 100;
    t.run(0x66, 0x0F, 0x3A, 0x60, 0xCA, 0x44);
    assertEquals(0xFF00_FF00_FF00_FF00L, t.cpu.xmm[0]);
    assertEquals(0xFF00_FF00_FF00_FF00L, t.cpu.xmm[1]);
  }

  @Test void memoryOperandNeedNotBeAligned() {
    TestCpu t = TestCpu.longMode(3);
    load(t.cpu, 1, "b");
    t.poke(0x2003, 'a', 'b', 0);
    t.cpu.gpr[Cpu.RSI] = 0x2003;
    t.run(0x66, 0x0F, 0x3A, 0x63, 0x0E, 0x00);
    assertEquals(1, t.cpu.gpr[Cpu.RCX]);
  }
}
