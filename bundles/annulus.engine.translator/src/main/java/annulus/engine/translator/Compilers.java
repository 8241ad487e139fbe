package annulus.engine.translator;

import org.jspecify.annotations.Nullable;

/** Runs what compiles; belongs to the provider, so that nothing waits in it when the provider has gone. */
interface Compilers {
  void execute(Runnable task);

  /** Runs what waits for C2. */
  void executeHot(Runnable task);

  /** Runs {@code task} after {@code milliseconds}. */
  void later(Runnable task, long milliseconds);

  /** Whether this process leaves processors of the host idle. */
  boolean haveTime();

  /** Regions of other runs, if any are kept. */
  @Nullable RegionStore store();

  /** Whether HotSpot is made to compile a region before the guest runs it. */
  boolean ahead();
}
