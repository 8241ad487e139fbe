package annulus.engine.translator;

/** Runs what compiles; belongs to the provider, so that nothing waits in it when the provider has gone. */
interface Compilers {
  void execute(Runnable task);

  /** Runs what waits for C2. */
  void executeHot(Runnable task);

  /** Runs {@code task} after {@code milliseconds}. */
  void later(Runnable task, long milliseconds);

  /** Whether this process leaves processors of the host idle. */
  boolean haveTime();

  /** Whether HotSpot is made to compile a region before the guest runs it. */
  boolean ahead();
}
