package annulus.engine.translator;

import annulus.cpu.block.LeaveRegion;

/**
 * Shows HotSpot how seldom regions with registers in locals are left in the middle. Nothing of such a region has run when C2 compiles it,
 * but the functions that decide on that have been run here: once in a thousand times they leave. Never would be wrong too: C2 leaves out
 * what has never happened, and gives the code up when it does.
 */
final class Rarity {
  /** HotSpot begins to count branches after 200 calls and uses the counts after some 1,000 more. */
  private static final int CALLS = 2_000;
  private static final int ROUNDS = 4;
  private static final int ONE_IN = 1_000;
  private static final int FUNCTIONS = 11;
  /** For C1 to compile them so that they count. */
  private static final long MILLISECONDS = 3;
  private static boolean known;

  private Rarity() {}

  /** Does so once in a process; takes some 10 ms. */
  static synchronized void teach() {
    try {
      for (int round = 0; round < ROUNDS && !known; round++) {
        for (int n = 0; n < CALLS; n++) {
          decide(n, n % ONE_IN == ONE_IN / 2);
        }
        Thread.sleep(MILLISECONDS);
      }
      known = true;
    } catch (InterruptedException e) {
      // The provider goes: nobody waits for the region any more.
      Thread.currentThread().interrupt();
    }
  }

  private static void decide(int n, boolean leave) {
    double rare = leave ? Double.MIN_VALUE : 1 + n;
    long mask = QuickDouble.USUAL;
    for (int function = 0; function < FUNCTIONS; function++) {
      try {
        switch (function) {
          case 0 -> GuestAccess.hit(leave ? 1 : 0, n);
          case 1 -> GuestAccess.unless(leave ? 1 : 0);
          case 2 -> QuickDouble.requireOrdinary(rare);
          case 3 -> QuickDouble.lookAtSum(rare, mask);
          case 4 -> QuickDouble.lookAtProduct(1, 1, rare, mask);
          case 5 -> QuickDouble.lookAtQuotient(1, rare, mask);
          case 6 -> QuickDouble.exactly(leave ? Long.MAX_VALUE : n);
          case 7 -> QuickDouble.truncated64(leave ? Double.NaN : n, mask);
          case 8 -> QuickDouble.truncated32(leave ? Double.NaN : n, mask);
          case 9 -> Quick80.require(leave ? -1 : 0, Long.MIN_VALUE);
          default -> QuickDouble.extraordinary(rare);
        }
      } catch (LeaveRegion e) {
        // As it should be, now and then.
      }
    }
  }
}
