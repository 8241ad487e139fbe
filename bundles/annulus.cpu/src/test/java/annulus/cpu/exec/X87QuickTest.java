package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Fpu;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The common case of x87 arithmetic against the general one, on random and on edge operands, in every precision. */
class X87QuickTest {
  private static final int PAIRS = 400_000;
  private static final int[] CONTROLS = {0x37F, 0x37F, 0x37F, 0x27F, 0x7F, 0x17F, 0xF7F, 0x35F};
  private static final int[] PRECISIONS = {24, 64, 53, 64};
  private static final int[] EDGES = {0, 1, 2, 3, 0x3FFF, 0x7FFD, 0x7FFE, 0x7FFF};
  private static final int OTHER = 3;

  private final Random random = new Random(5);
  private final Fpu f = new Fpu();
  private final FpContext x = new FpContext();
  private int ae;
  private int be;
  private long as;
  private long bs;

  private void operands() {
    f.control = CONTROLS[random.nextInt(CONTROLS.length)];
    f.status = random.nextBoolean() ? X87.C1 : 0;
    f.valid = 0xFF;
    f.top = random.nextInt(8);
    ae = signExponent();
    be = random.nextBoolean() ? ae + random.nextInt(140) - 70 & F80.EXPONENT | random.nextInt(2) << 15 : signExponent();
    as = significand();
    bs = random.nextInt(8) == 0 ? as + random.nextInt(3) - 1 : significand();
    f.signExponent[f.top] = ae;
    f.significand[f.top] = as;
    f.signExponent[f.physical(OTHER)] = be;
    f.significand[f.physical(OTHER)] = bs;
    x.flags = 0;
    x.roundedUp = false;
    x.rounding = f.control >>> 10 & 3;
    x.precision = PRECISIONS[f.control >>> 8 & 3];
  }

  private int signExponent() {
    int exponent = switch (random.nextInt(6)) {
      case 0 -> EDGES[random.nextInt(EDGES.length)];
      case 1 -> random.nextInt(0x8000);
      default -> 0x3FFF + random.nextInt(80) - 40;
    };
    return exponent | random.nextInt(2) << 15;
  }

  private long significand() {
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> Long.MIN_VALUE;
      case 2 -> -1L;
      case 3 -> -1L << random.nextInt(64);
      case 4 -> random.nextLong();
      case 5 -> random.nextLong() & -1L << random.nextInt(60) | Long.MIN_VALUE;
      default -> random.nextLong() | Long.MIN_VALUE;
    };
  }

  private boolean quick(int operation) {
    return switch (operation) {
      case 0 -> X87Quick.add(f, 0, OTHER);
      case 1 -> X87Quick.sub(f, 0, OTHER);
      case 2 -> X87Quick.subr(f, 0, OTHER);
      case 3 -> X87Quick.mul(f, 0, OTHER);
      case 4 -> X87Quick.div(f, 0, OTHER);
      case 5 -> X87Quick.divr(f, 0, OTHER);
      default -> X87Quick.sqrt(f);
    };
  }

  private long general(int operation) {
    return switch (operation) {
      case 0 -> F80.add(ae, as, be, bs, x);
      case 1 -> F80.sub(ae, as, be, bs, x);
      case 2 -> F80.sub(be, bs, ae, as, x);
      case 3 -> F80.mul(ae, as, be, bs, x);
      case 4 -> F80.div(ae, as, be, bs, x);
      case 5 -> F80.div(be, bs, ae, as, x);
      default -> F80.sqrt(ae, as, x);
    };
  }

  private String state() {
    return Integer.toHexString(f.signExponent[f.top]) + ":" + Long.toHexString(f.significand[f.top]) + " status "
        + Integer.toHexString(f.status);
  }

  @Test void arithmeticIsTheGeneralOneOrChangesNothing() {
    int done = 0;
    for (int n = 0; n < PAIRS; n++) {
      operands();
      int operation = n % 7;
      String before = state();
      int status = f.status;
      boolean quick = quick(operation);
      String found = state();
      String expected = before;
      if (quick) {
        done++;
        f.significand[f.top] = general(operation);
        f.signExponent[f.top] = x.signExponent;
        f.status = status & ~X87.C1 | x.flags | (x.flags != 0 && x.roundedUp ? X87.C1 : 0);
        expected = state();
      }
      assertEquals(expected, found, () -> "operation " + operation + " control " + Integer.toHexString(f.control) + " of "
          + before + " and " + Integer.toHexString(be) + ":" + Long.toHexString(bs));
    }
    assertTrue(done > PAIRS / 3, done + " of " + PAIRS + " operations were of the common case");
  }

  @Test void narrowerStoresRoundAsTheGeneralConversions() {
    int done = 0;
    for (int n = 0; n < PAIRS; n++) {
      operands();
      boolean single = random.nextBoolean();
      long value = single ? X87Quick.asSingle(f) : X87Quick.asDouble(f);
      if (value != X87Quick.NONE) {
        done++;
        X87Quick.stored(f);
        assertEquals(single ? F80.toF32(ae, as, x) & 0xFFFF_FFFFL : F80.toF64(ae, as, x), value);
        assertEquals(x.flags | (x.flags != 0 && x.roundedUp ? X87.C1 : 0), f.status, this::state);
      }
    }
    assertTrue(done > PAIRS / 4, done + " of " + PAIRS + " conversions were of the common case");
  }
}
