package annulus.oracle;

import annulus.cpu.decode.Instruction;

/**
 * Results that the architecture bounds and does not fix, so that processors differ in their last bits: RCPPS and RSQRTPS (SDM 2B: a
 * relative error of at most 1.5 * 2^-12), transcendental x87 functions (SDM 1 8.3.10: below 1 ulp in round-to-nearest, one more in the
 * other modes; both results may be off in opposite directions).
 */
final class Tolerance {
  private static final double APPROXIMATION = 1.5 / 4096 * 1.01;
  /** Units in the last place. */
  private static final long TRANSCENDENTAL = 3;
  private static final int C1_PE = 0x220;

  private Tolerance() {}

  private static boolean transcendental(Instruction i) {
    return switch (i.mnemonic) {
      case FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1 -> true;
      default -> false;
    };
  }

  /** Bits of the status word that follow from the last bits of a result. */
  static int statusBits(Instruction i) {
    return transcendental(i) ? C1_PE : 0;
  }

  /** Whether two x87 registers are as close as they must be. */
  static boolean x87(Instruction i, Bytes a, Bytes b, int at) {
    if (!transcendental(i)) {
      return false;
    }
    int ea = a.u16(at + 8);
    int eb = b.u16(at + 8);
    long sa = a.i64(at);
    long sb = b.i64(at);
    if (ea == eb) {
      return Math.abs(sa - sb) <= TRANSCENDENTAL;
    }
    // Either side of a power of two.
    boolean up = ea == eb + 1;
    long high = up ? sa : sb;
    long low = up ? sb : sa;
    return (up || eb == ea + 1) && high - Long.MIN_VALUE <= TRANSCENDENTAL && ~low <= 2 * TRANSCENDENTAL && low < 0;
  }

  /** Whether two XMM registers are. */
  static boolean vector(Instruction i, Bytes a, Bytes b, int at) {
    boolean approximate = switch (i.mnemonic) {
      case RCPPS, RCPSS, RSQRTPS, RSQRTSS -> true;
      default -> false;
    };
    if (!approximate) {
      return false;
    }
    for (int n = 0; n < 16; n += 4) {
      int x = a.i32(at + n);
      int y = b.i32(at + n);
      if (x != y) {
        double p = Float.intBitsToFloat(x);
        double q = Float.intBitsToFloat(y);
        if (!(Math.abs(p - q) <= Math.abs(q) * APPROXIMATION)) {
          return false;
        }
      }
    }
    return true;
  }

  /** No store has a tolerance. */
  static boolean memory(Instruction i, State in, Outcome silicon, Outcome model) {
    return false;
  }
}
