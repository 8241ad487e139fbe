package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.block.Region;

/**
 * Has HotSpot compile a region before the guest runs it: until then the guest is better off in the cold tier than in HotSpot's
 * interpreter. The start script sets HotSpot's thresholds for regions so low that a few calls are enough, and has the calling
 * thread wait for the compiler ({@code -XX:CompileCommand=CompileThresholdScaling} and {@code BackgroundCompilation}). Calls for no
 * entry return at once. No branch is seen often enough (40 times) to count as one that always goes the same way, so the code is
 * compiled whole, and need not be given up when the guest takes another way than at first.
 */
final class Warmup {
  /** System property: calls before a region is installed; without the thresholds that go with it, they have no use. */
  static final String CALLS = "annulus.translator.calls";
  private static final int COUNT = Integer.getInteger(CALLS, 0);

  private Warmup() {}

  static void compile(Region region, Cpu cpu) {
    for (int n = 0; n < COUNT; n++) {
      region.run(cpu, 0, -1, 0, 0);
    }
  }
}
