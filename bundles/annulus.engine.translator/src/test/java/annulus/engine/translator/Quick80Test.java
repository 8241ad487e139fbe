package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.cpu.block.LeaveRegion;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Arithmetic on x87 registers in locals against the value functions: either the same in all bits, or it leaves the region. */
class Quick80Test {
  private static final int ROUNDS = 2_000_000;
  private static final int C1 = 0x200;
  private static final String LEAVES = "leaves";

  private final Random random = new Random(80);
  private final FpContext context = new FpContext();
  private final Cpu cpu = new TestMachine(1, false).cpu();
  private int done;

  private interface Value {
    long of(int ae, long as, int be, long bs, FpContext c);
  }

  /** Often near to the other's, of few bits, or at the border of what there is. */
  private int signExponent(int near) {
    int e = switch (random.nextInt(24)) {
      case 0 -> random.nextInt(0x8000);
      case 1 -> random.nextInt(4);
      case 2 -> 0x7FFF - random.nextInt(4);
      case 3 -> random.nextBoolean() ? Quick80.LEAST + 2 - random.nextInt(4) : Quick80.LEAST + 0x2001 - random.nextInt(4);
      case 4 -> near;
      default -> near + random.nextInt(140) - 70 & 0x7FFF;
    };
    return e & 0x7FFF | random.nextInt(2) << 15;
  }

  private long significand() {
    long s = switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> -1L << random.nextInt(64);
      case 2 -> -1L >>> random.nextInt(64);
      case 3 -> random.nextLong() << random.nextInt(64);
      default -> random.nextLong();
    };
    return random.nextInt(50) == 0 ? s : s | Long.MIN_VALUE;
  }

  private String expected(Value value, int ae, long as, int be, long bs) {
    context.flags = 0;
    context.roundedUp = false;
    long s = value.of(ae, as, be, bs, context);
    return Integer.toHexString(context.signExponent) + " " + Long.toHexString(s) + (context.roundedUp ? " up" : "")
        + ((context.flags & ~FpContext.PE) != 0 ? " reports" : "");
  }

  private static String text(int end, long high, long rounded) {
    int c1 = (int) (high ^ rounded) & 1;
    return Integer.toHexString(end) + " " + Long.toHexString(rounded) + (c1 != 0 ? " up" : "");
  }

  private static String sum(int xe, long xs, int ye, long ys) {
    try {
      Quick80.require(xe - Quick80.LEAST, xs);
      Quick80.require(ye - Quick80.LEAST, ys);
      long high = Quick80.sumHigh(xe, xs, ye, ys);
      long rounded = Quick80.rounded(high, Quick80.sumLow(xe, xs, ye, ys));
      int end = Quick80.sumEnd(xe, xs, ye, ys, high, rounded);
      Quick80.require(end - Quick80.LEAST, rounded);
      return text(end, high, rounded);
    } catch (LeaveRegion e) {
      return LEAVES;
    }
  }

  private static String product(int ae, long as, int be, long bs) {
    try {
      Quick80.require(ae - Quick80.LEAST, as);
      Quick80.require(be - Quick80.LEAST, bs);
      long high = Quick80.productHigh(ae, as, be, bs);
      long rounded = Quick80.rounded(high, Quick80.productLow(ae, as, be, bs));
      int end = Quick80.productEnd(ae, as, be, bs, high, rounded);
      Quick80.require(end - Quick80.LEAST, rounded);
      return text(end, high, rounded);
    } catch (LeaveRegion e) {
      return LEAVES;
    }
  }

  private String quotient(int ae, long as, int be, long bs) {
    try {
      Quick80.require(ae - Quick80.LEAST, as);
      Quick80.require(be - Quick80.LEAST, bs);
      return last(Quick80.quotientEnd(ae, as, be, bs), Quick80.quotient(cpu, as, bs));
    } catch (LeaveRegion e) {
      return LEAVES;
    }
  }

  private String root(int se, long s) {
    try {
      Quick80.require(se - Quick80.LEAST, s);
      return last(Quick80.rootEnd(se), Quick80.root(cpu, se, s));
    } catch (LeaveRegion e) {
      return LEAVES;
    }
  }

  private String last(int end, long s) {
    Quick80.require(end - Quick80.LEAST, s);
    return Integer.toHexString(end) + " " + Long.toHexString(s) + (Quick80.lastC1(cpu) == C1 ? " up" : "");
  }

  private void same(String name, Value value, Operation operation) {
    for (int n = 0; n < ROUNDS; n++) {
      int near = random.nextInt(8) == 0 ? random.nextInt(0x8000) : Quick80.LEAST + random.nextInt(0x2000);
      int ae = signExponent(near);
      int be = signExponent(ae & 0x7FFF);
      long as = significand();
      long bs = random.nextInt(8) == 0 ? as : significand();
      String found = operation.of(ae, as, be, bs);
      if (!found.equals(LEAVES)) {
        done++;
        assertEquals(expected(value, ae, as, be, bs), found, () -> name + " " + Integer.toHexString(ae) + ":" + Long.toHexString(as) + " "
            + Integer.toHexString(be) + ":" + Long.toHexString(bs));
      }
    }
    assertTrue(done > ROUNDS / 4, name + ": " + done + " in place");
  }

  private interface Operation {
    String of(int ae, long as, int be, long bs);
  }

  @Test void sumsAreThoseOfTheValueFunctions() {
    same("sum", F80::add, Quick80Test::sum);
  }

  @Test void productsAreThoseOfTheValueFunctions() {
    same("product", F80::mul, Quick80Test::product);
  }

  @Test void quotientsAreThoseOfTheValueFunctions() {
    same("quotient", F80::div, this::quotient);
  }

  @Test void rootsAreThoseOfTheValueFunctions() {
    same("root", (ae, as, be, bs, c) -> F80.sqrt(ae, as, c), (ae, as, be, bs) -> root(ae, as));
  }

  @Test void ordinaryNumbersNeverLeave() {
    for (int n = 0; n < ROUNDS / 10; n++) {
      double a = (random.nextDouble() + 1) * (random.nextBoolean() ? 1 : -1);
      double b = random.nextDouble() + 3;
      long x = Double.doubleToRawLongBits(a);
      long y = Double.doubleToRawLongBits(b);
      assertEquals(0, Quick80.notNormal(x));
      int xe = Quick80.signExponent(x);
      int ye = Quick80.signExponent(y);
      assertTrue(!sum(xe, Quick80.significand(x), ye, Quick80.significand(y)).equals(LEAVES));
      assertTrue(!product(xe, Quick80.significand(x), ye, Quick80.significand(y)).equals(LEAVES));
      assertTrue(!quotient(xe, Quick80.significand(x), ye, Quick80.significand(y)).equals(LEAVES));
      assertTrue(!root(ye, Quick80.significand(y)).equals(LEAVES));
    }
  }

  @Test void doublesAndIntegersAreThoseOfTheHost() {
    for (int n = 0; n < ROUNDS / 10; n++) {
      long v = random.nextLong() >> random.nextInt(64);
      int se = Quick80.integerSignExponent(v);
      long s = Quick80.integerSignificand(v);
      if (v != 0) {
        assertEquals(0, Quick80.noDouble(se));
        assertEquals(Double.doubleToRawLongBits((double) v), Quick80.toDouble(se, s), Long.toString(v));
        if (Math.abs(v) < 1L << 62) {
          boolean up = Math.abs((long) (double) v) > Math.abs(v);
          assertEquals(up ? C1 : 0, Quick80.doubleC1(s), Long.toString(v));
        }
      } else {
        assertEquals(0, se | s);
      }
    }
    assertTrue(Quick80.noDouble(0) > 0);
    assertTrue(Quick80.noDouble(0x7FFF) > 0);
    assertTrue(Quick80.noDouble(16383 + 1023) > 0, "a carry would make it infinite");
    assertTrue(Quick80.notNormal(0L) > 0);
    assertTrue(Quick80.notNormal(Double.doubleToRawLongBits(Double.POSITIVE_INFINITY)) > 0);
    assertTrue(Quick80.notNormal(Double.doubleToRawLongBits(Double.MIN_VALUE)) > 0);
  }

  @Test void ordersAreThoseOfTheValueFunctions() {
    for (int n = 0; n < ROUNDS / 4; n++) {
      int ae = signExponent(random.nextInt(0x8000));
      int be = signExponent(ae & 0x7FFF);
      long as = significand();
      long bs = random.nextBoolean() ? as : significand();
      if ((Quick80.notOrdered(ae, as) | Quick80.notOrdered(be, bs)) == 0) {
        assertEquals(F80.compare(ae, as, be, bs, true, context), Quick80.order(ae, as, be, bs),
            () -> Integer.toHexString(ae) + ":" + Long.toHexString(as) + " " + Integer.toHexString(be) + ":" + Long.toHexString(bs));
        done++;
      }
    }
    assertTrue(done > ROUNDS / 10, done + " in place");
    assertEquals(FpContext.EQUAL, Quick80.order(0x8000, 0, 0, 0), "zeros are equal");
  }
}
