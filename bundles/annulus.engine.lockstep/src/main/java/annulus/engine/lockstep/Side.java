package annulus.engine.lockstep;

import annulus.arch.StateException;
import annulus.arch.VcpuState;
import annulus.engine.Engine;
import annulus.engine.EngineException;
import annulus.engine.EngineProvider;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.memory.GuestMemory;
import annulus.memory.translation.Translation;
import annulus.vendor.CpuModel;
import java.util.List;

/** One of the two engines, and the processor as it sees it. */
final class Side implements VcpuContext, AutoCloseable {
  final String name;
  final PendingEvents pending = new PendingEvents();
  final WatchedMemory memory;
  final Outside outside;
  private final VcpuContext real;
  private final WatchedTlbs translation;
  private final Engine engine;
  private long start;

  Side(
      String name, EngineProvider provider, VcpuContext real, List<Request> journal, WatchedMemory memory, Translation translation)
      throws EngineException {
    this.name = name;
    this.real = real;
    this.memory = memory;
    this.translation = new WatchedTlbs(translation);
    outside = new Outside(real, journal, pending, memory);
    outside.detach(real.tsc(), 0);
    engine = provider.open(this);
  }

  Engine engine() {
    return engine;
  }

  /** Counts instructions, pages and requests from here. */
  void startStep() {
    start = engine.instructions();
    memory.startStep();
    translation.startStep();
    outside.rewind();
  }

  /** Instructions since the start of the step. */
  long done() {
    return engine.instructions() - start;
  }

  /**
   * Runs for {@code budget} instructions or less, and not to a mere event: the place is one that another engine can be brought to by
   * counting. Behind a fault that was delivered it would not be, since that is not counted.
   *
   * @return {@link Exit#BUDGET}, {@link Exit#HALT} or {@link Exit#SHUTDOWN}
   */
  int lead(long budget) throws EngineException {
    int exit = run(budget);
    while (exit == Exit.PENDING || exit == Exit.YIELD) {
      exit = run(1);
    }
    return exit;
  }

  /** Runs until at least {@code target} instructions are done since the start of the step. @return the last exit */
  int follow(long target) throws EngineException {
    int exit = Exit.BUDGET;
    while (done() < target && exit != Exit.HALT && exit != Exit.SHUTDOWN) {
      long before = done();
      exit = run(target - before);
      if (exit == Exit.BUDGET && done() <= before) {
        throw new Divergence(name + " used up a budget of " + (target - before) + " without completing an instruction");
      }
    }
    return exit;
  }

  private int run(long budget) throws EngineException {
    int exit = engine.run(budget);
    boolean held = pending.clear(PendingEvents.HOLD) != 0;
    Divergence d = outside.divergence();
    if (d != null) {
      throw d;
    }
    if (exit == Exit.PENDING && !held) {
      throw new Divergence(name + " stopped for an event of the monitor's, but there is none");
    }
    return exit;
  }

  /** The state, with time and task priority as {@link #outside} has them. */
  VcpuState export(int groups) {
    return engine.export(groups);
  }

  void restore(VcpuState state) throws StateException {
    engine.restore(state);
  }

  @Override public void close() {
    engine.close();
  }

  // ---- what the engine sees -----------------------------------------------------------------------------------------------------

  @Override public int index() {
    return real.index();
  }

  @Override public int processors() {
    return real.processors();
  }

  @Override public GuestMemory memory() {
    return memory;
  }

  @Override public Translation translation() {
    return translation;
  }

  @Override public CpuModel model() {
    return real.model();
  }

  @Override public PendingEvents pending() {
    return pending;
  }

  @Override public VcpuBus bus() {
    return outside;
  }

  @Override public long tsc() {
    return outside.tsc();
  }

  @Override public long random() {
    return outside.random();
  }
}
