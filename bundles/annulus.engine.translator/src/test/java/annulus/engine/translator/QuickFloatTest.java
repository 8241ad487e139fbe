package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.exec.SseSingle;
import annulus.cpu.fp.FpContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Arithmetic in place against the value functions: results, MXCSR and faults, at all borders and in all modes. */
class QuickFloatTest {
  /** PE not sticky, sticky, rounding upwards, DAZ and FTZ, PM unmasked, nothing masked. */
  private static final int[] MXCSR = {0x1F80, 0x1FA0, 0x5FA0, 0x9FE0, 0x0FA0, 0x0020};

  private final TestMachine machine = new TestMachine(1, false);
  private final Cpu c = machine.cpu();

  @AfterEach void close() {
    machine.close();
  }

  private interface Quick {
    long of(int modes, long a, long b);
  }

  private interface Exact {
    long of(long a, long b);
  }

  private void same(String name, List<Long> values, Quick quick, Exact exact) {
    for (int mxcsr : MXCSR) {
      for (long a : values) {
        for (long b : values) {
          String found = run(mxcsr, () -> quick.of(QuickMode.of(mxcsr), a, b));
          String expected = run(mxcsr, () -> {
            c.sse.flags = 0;
            long r = exact.of(a, b);
            SimdState.endFloat(c);
            return r;
          });
          assertEquals(expected, found, () -> name + " " + Long.toHexString(a) + " " + Long.toHexString(b) + " MXCSR " + mxcsr);
        }
      }
    }
  }

  private String run(int mxcsr, LongSupplier operation) {
    c.mxcsr = mxcsr;
    String result;
    try {
      result = Long.toHexString(operation.getAsLong());
    } catch (GuestFault f) {
      result = "fault " + f.vector;
    }
    return result + " MXCSR " + Integer.toHexString(c.mxcsr);
  }

  private static double d(long a) {
    return Double.longBitsToDouble(a);
  }

  private static long l(double a) {
    return Double.doubleToRawLongBits(a);
  }

  private static float f(long a) {
    return Float.intBitsToFloat((int) a);
  }

  private static long l(float a) {
    return Float.floatToRawIntBits(a);
  }

  private static int i(long a) {
    return (int) a;
  }

  private static List<Long> doubles() {
    List<Long> all = new ArrayList<>();
    for (double x : new double[] {0, Double.MIN_VALUE, 0x1p-1023, Double.MIN_NORMAL, 0x1.8p-1022, 0x1p-1021, 0x1.8p-1021, 0x1p-1020,
        0x1p-540, 0.1, 1, 1.5, 3, 0x1p31, 0x1.fffffffcp30, 0x1p52, 0x1p53, 0x1.8p62, 0x1p63, 0x1p600, Double.MAX_VALUE,
        Double.POSITIVE_INFINITY}) {
      all.add(l(x));
      all.add(l(-x));
    }
    all.add(0x7FF8_0000_0000_0001L);
    all.add(0xFFF0_0000_0000_0001L);
    Random random = new Random(1);
    for (int n = 0; n < 40; n++) {
      all.add(random.nextLong());
    }
    return all;
  }

  private static List<Long> singles() {
    List<Long> all = new ArrayList<>();
    for (float x : new float[] {0, Float.MIN_VALUE, 0x1p-127f, Float.MIN_NORMAL, 0x1.8p-126f, 0x1p-125f, 0x1.8p-125f, 0x1p-124f, 0x1p-70f,
        0.1f, 1, 1.5f, 3, 0x1p31f, 0x1.fffffcp30f, 0x1p23f, 0x1p24f, 0x1.8p62f, 0x1p63f, 0x1p100f, Float.MAX_VALUE,
        Float.POSITIVE_INFINITY}) {
      all.add(l(x));
      all.add(l(-x));
    }
    all.add(0x7FC0_0001L);
    all.add(0xFF80_0001L);
    Random random = new Random(2);
    for (int n = 0; n < 40; n++) {
      all.add((long) random.nextInt());
    }
    return all;
  }

  @Test void doublesAreAsByTheValueFunctions() {
    List<Long> all = doubles();
    same("add", all, (m, a, b) -> l(QuickDouble.add(c, m, d(a), d(b))), (a, b) -> SseDouble.add(c, a, b));
    same("sub", all, (m, a, b) -> l(QuickDouble.sub(c, m, d(a), d(b))), (a, b) -> SseDouble.sub(c, a, b));
    same("mul", all, (m, a, b) -> l(QuickDouble.mul(c, m, d(a), d(b))), (a, b) -> SseDouble.mul(c, a, b));
    same("div", all, (m, a, b) -> l(QuickDouble.div(c, m, d(a), d(b))), (a, b) -> SseDouble.div(c, a, b));
    same("sqrt", all, (m, a, b) -> l(QuickDouble.sqrt(c, m, d(a), d(b))), (a, b) -> SseDouble.sqrt(c, b));
    same("min", all, (m, a, b) -> l(QuickDouble.min(c, m, d(a), d(b))), (a, b) -> SseDouble.min(c, a, b));
    same("max", all, (m, a, b) -> l(QuickDouble.max(c, m, d(a), d(b))), (a, b) -> SseDouble.max(c, a, b));
    same("compare", all, (m, a, b) -> QuickDouble.compare(c, d(a), d(b), false), (a, b) -> SseDouble.compare(c, a, b, false));
    same("compare, signalling", all, (m, a, b) -> QuickDouble.compare(c, d(a), d(b), true), (a, b) -> SseDouble.compare(c, a, b, true));
    same("from integer", all, (m, a, b) -> l(QuickDouble.fromInt64(c, a)), (a, b) -> SseDouble.fromInt64(c, a));
    same("truncate", all, (m, a, b) -> QuickDouble.truncate64(c, m, d(a)), (a, b) -> SseDouble.toInt64(c, a, FpContext.ZERO));
    same("truncate 32", all, (m, a, b) -> QuickDouble.truncate32(c, m, d(a)), (a, b) -> SseDouble.toInt32(c, a, FpContext.ZERO));
    same("to single", all, (m, a, b) -> l(QuickSingle.ofDouble(c, m, d(a))), (a, b) -> SseDouble.toSingle(c, a));
  }

  @Test void singlesAreAsByTheValueFunctions() {
    List<Long> all = singles();
    same("add", all, (m, a, b) -> l(QuickSingle.add(c, m, f(a), f(b))), (a, b) -> SseSingle.add(c, i(a), i(b)));
    same("sub", all, (m, a, b) -> l(QuickSingle.sub(c, m, f(a), f(b))), (a, b) -> SseSingle.sub(c, i(a), i(b)));
    same("mul", all, (m, a, b) -> l(QuickSingle.mul(c, m, f(a), f(b))), (a, b) -> SseSingle.mul(c, i(a), i(b)));
    same("div", all, (m, a, b) -> l(QuickSingle.div(c, m, f(a), f(b))), (a, b) -> SseSingle.div(c, i(a), i(b)));
    same("sqrt", all, (m, a, b) -> l(QuickSingle.sqrt(c, m, f(a), f(b))), (a, b) -> SseSingle.sqrt(c, i(b)));
    same("min", all, (m, a, b) -> l(QuickSingle.min(c, m, f(a), f(b))), (a, b) -> SseSingle.min(c, i(a), i(b)));
    same("max", all, (m, a, b) -> l(QuickSingle.max(c, m, f(a), f(b))), (a, b) -> SseSingle.max(c, i(a), i(b)));
    same("compare", all, (m, a, b) -> QuickSingle.compare(c, f(a), f(b), false), (a, b) -> SseSingle.compare(c, i(a), i(b), false));
    same("compare, signalling", all, (m, a, b) -> QuickSingle.compare(c, f(a), f(b), true),
        (a, b) -> SseSingle.compare(c, i(a), i(b), true));
    same("from integer", all, (m, a, b) -> l(QuickSingle.fromInt64(c, a)), (a, b) -> SseSingle.fromInt64(c, a));
    same("truncate", all, (m, a, b) -> QuickSingle.truncate64(c, m, f(a)), (a, b) -> SseSingle.toInt64(c, i(a), FpContext.ZERO));
    same("truncate 32", all, (m, a, b) -> QuickSingle.truncate32(c, m, f(a)), (a, b) -> SseSingle.toInt32(c, i(a), FpContext.ZERO));
    same("to double", all, (m, a, b) -> l(QuickSingle.toDouble(c, f(a))), (a, b) -> SseSingle.toDouble(c, i(a)));
  }
}
