package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.block.Region;

/**
 * Has HotSpot compile a grown region before the guest runs it: in HotSpot's interpreter it would be slower than the smaller regions
 * that it replaces. Calls for no entry, which end at once, count as any others; they look into no branch of the guest's code, so it
 * is compiled whole and need not be given up when the guest takes another way than at first. They end by an exception, because C2
 * leaves out what follows a branch that has always gone the other way, but not what follows a call.
 */
final class Warmup {
  /** Calls after which C1 compiles (HotSpot's Tier3InvocationThreshold is 200), and after which C2 does (5,000). */
  private static final int FIRST = 300;
  private static final int SECOND = 6000;
  private static final long C1_MILLISECONDS = 10;
  /** C2 takes one to three milliseconds for each instruction of the guest. HotSpot does not say when it is done; it need not be. */
  private static final long C2_MILLISECONDS_PER_INSTRUCTION = 4;

  private Warmup() {}

  /** @return milliseconds until the region should be compiled */
  static long compile(Region region, Cpu cpu, int instructions) {
    try {
      call(region, cpu, FIRST);
      Thread.sleep(C1_MILLISECONDS);
      call(region, cpu, SECOND);
    } catch (InterruptedException e) {
      // The provider goes: nobody waits for the region any more.
      Thread.currentThread().interrupt();
    }
    return C2_MILLISECONDS_PER_INSTRUCTION * instructions;
  }

  private static void call(Region region, Cpu cpu, int times) {
    for (int n = 0; n < times; n++) {
      try {
        region.run(cpu, 0, -1, 0, 0);
      } catch (NoEntry e) {
        continue;
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
