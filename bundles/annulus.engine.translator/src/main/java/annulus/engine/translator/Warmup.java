package annulus.engine.translator;

import annulus.cpu.block.Region;

/**
 * Has HotSpot compile a region before the guest runs it: in HotSpot's interpreter it would be slower than what it replaces. Calls for
 * no entry, which end at once, count as any others; they look into no branch of the guest's code, so it is compiled whole and need not
 * be given up when the guest takes another way than at first. They end by an exception, because C2 leaves out what follows a branch
 * that has always gone the other way, but not what follows a call.
 */
final class Warmup {
  /** Calls between two looks at what HotSpot does: with the thresholds that the start script sets, C1's turn and then C2's. */
  private static final int CALLS = 400;
  private static final int CALLS_FOR_C1 = 150;
  /** HotSpot's own thresholds are 200 and 5,000 calls. */
  private static final int MOST_ROUNDS = 50;
  private static final long C1_MILLISECONDS = 4;

  private Warmup() {}

  /** Calls {@code region} until C2 is at it; {@code queue} tells when it is done. */
  static void compile(Region region, CompileQueue queue) {
    try {
      for (int round = 0; round < MOST_ROUNDS && !queue.has(region.getClass()); round++) {
        call(region, CALLS);
        Thread.sleep(C1_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      // The provider goes: nobody waits for the region any more.
      Thread.currentThread().interrupt();
    }
  }

  /** Calls {@code region} until HotSpot wants to compile it by C1. */
  static void compile(Region region) {
    call(region, CALLS_FOR_C1);
  }

  private static void call(Region region, int times) {
    int refused = 0;
    while (refused < times) {
      try {
        region.run(0, -1, 0);
      } catch (NoEntry e) {
        refused++;
      }
    }
  }

  /** At the start of each region. */
  static void enter(int entry) {
    if (entry < 0) {
      throw NoEntry.INSTANCE;
    }
  }

  private static final class NoEntry extends RuntimeException {
    private static final long serialVersionUID = 1;
    @SuppressWarnings("StaticAssignmentOfThrowable") // stackless and immutable
    static final NoEntry INSTANCE = new NoEntry();

    private NoEntry() {
      super(null, null, false, false);
    }
  }
}
