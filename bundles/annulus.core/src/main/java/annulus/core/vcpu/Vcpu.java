package annulus.core.vcpu;

import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Activity;
import annulus.core.board.Board;
import annulus.core.board.MachineClock;
import annulus.core.board.VcpuPort;
import annulus.engine.Engine;
import annulus.engine.EngineException;
import annulus.engine.EngineProvider;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.memory.GuestMemory;
import annulus.memory.translation.Translation;
import annulus.memory.translation.TranslationProvider;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A virtual processor: a platform thread that runs an engine and serves its exits. The thread is either running guest code, waiting
 * for an event (halted), or held; while held it carries out tasks, which is how everybody else reaches the engine. A processor
 * starts held and without a binding.
 */
public final class Vcpu {
  /** Guest instructions between two looks at anything but pending events. */
  private static final long BUDGET = 10_000_000;
  private static final int WAKE_HALTED = PendingEvents.INTERRUPT | PendingEvents.NMI | PendingEvents.INIT | PendingEvents.HOLD
      | PendingEvents.FLUSH | PendingEvents.ENGINE;
  private static final int WAKE_WAITING = PendingEvents.INIT | PendingEvents.STARTUP | PendingEvents.HOLD;

  private final int index;
  private final int processors;
  private final GuestMemory memory;
  private final CpuModel model;
  private final Board board;
  private final VcpuBus bus;
  private final MachineClock clock;
  private final VcpuEvents events;
  private final PendingEvents pending = new PendingEvents();
  private final ConcurrentLinkedQueue<CompletableFuture<?>> waiting = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final long[] exits = new long[8];
  private final Thread thread;
  private volatile @Nullable Binding binding;
  /** Opened beside the present binding during a swap; own thread only. */
  private @Nullable Binding candidate;
  /** Instructions that engines bound earlier have completed; written by the processor's thread. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private volatile long retired;
  private volatile boolean hold = true;
  private volatile boolean held;
  private volatile boolean stop;
  /** Waits for INIT and start-up; own thread only. */
  private boolean waitForSipi;
  private boolean maskedHalt;
  private volatile boolean halted;

  public Vcpu(
      String machine, int index, int processors, GuestMemory memory, CpuModel model, Board board, MachineClock clock,
      VcpuEvents events) {
    this.index = index;
    this.processors = processors;
    this.memory = memory;
    this.model = model;
    this.board = board;
    this.clock = clock;
    this.events = events;
    bus = new VcpuPort(board, index);
    pending.raise(PendingEvents.HOLD);
    thread = Thread.ofPlatform().name("annulus-" + machine + "-vcpu" + index).daemon().unstarted(this::run);
    thread.start();
  }

  public PendingEvents pending() {
    return pending;
  }

  // ---- from outside -----------------------------------------------------------------------------------------------------------

  /** Asks the processor to hold. */
  public void requestHold() {
    hold = true;
    pending.raise(PendingEvents.HOLD);
  }

  /** Waits until the processor is held. @return false when the time is up */
  public boolean awaitHeld(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    while (!held && thread.isAlive()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.sleep(0, 50_000);
    }
    return true;
  }

  /** Lets a held processor run. */
  public void release() {
    hold = false;
    pending.raise(PendingEvents.HOLD);
  }

  /** Ends the thread and closes what is bound. */
  public void close() {
    stop = true;
    pending.raise(PendingEvents.HOLD);
  }

  /** Waits for the end of the thread. */
  public boolean join(long millis) throws InterruptedException {
    return thread.join(java.time.Duration.ofMillis(millis));
  }

  /**
   * Carries out {@code task} on the processor's thread at an instruction boundary, whether it is held or running.
   *
   * @throws TimeoutException when the processor does not come to a boundary in time
   */
  public <T> T call(Callable<T> task, long seconds) throws Exception {
    if (Thread.currentThread() == thread) {
      return task.call();
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    waiting.add(result);
    tasks.add(() -> {
      try {
        result.complete(task.call());
      } catch (Exception | LinkageError e) {
        result.completeExceptionally(e);
      }
    });
    pending.raise(PendingEvents.HOLD);
    try {
      return result.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception x) {
        throw x;
      }
      throw e;
    } finally {
      waiting.remove(result);
    }
  }

  /** Guest instructions so far. */
  public long instructions() {
    Binding b = binding;
    return retired + (b == null ? 0 : b.engine().instructions());
  }

  /** Figures for people. */
  public Map<String, Long> counters() {
    Map<String, Long> all = new TreeMap<>();
    all.put("instructions", instructions());
    Binding b = binding;
    if (b != null) {
      b.engine().counters().forEach((k, v) -> all.put("engine." + k, v));
      b.translation().counters().forEach((k, v) -> all.put("translation." + k, v));
    }
    for (int i = 0; i <= Exit.SHUTDOWN; i++) {
      all.put("exits." + Exit.name(i), exits[i]);
    }
    return all;
  }

  /** Whether the processor waits for an event. */
  public boolean halted() {
    return halted;
  }

  // ---- on the processor's thread, through call() -----------------------------------------------------------------------------------

  /** Opens an engine over a translation; what was bound before must have been unbound. */
  public void bind(EngineProvider engines, TranslationProvider translations) throws EngineException {
    binding = open(engines, translations);
  }

  private Binding open(EngineProvider engines, TranslationProvider translations) throws EngineException {
    Translation translation = translations.open(memory, model.physicalBits());
    try {
      return new Binding(engines.open(new Context(translation)), translation);
    } catch (EngineException | RuntimeException | LinkageError e) {
      translation.close();
      throw e;
    }
  }

  /**
   * Opens a new binding beside the present one and gives it a state; {@link #adopt} or {@link #abandon} follows.
   *
   * @throws StateException when the new engine refuses the state; nothing has changed then
   */
  public void prepare(EngineProvider engines, TranslationProvider translations, VcpuState state) throws EngineException, StateException {
    abandon();
    Binding made = open(engines, translations);
    try {
      made.engine().restore(state);
      candidate = made;
    } finally {
      if (candidate != made) {
        made.close();
      }
    }
  }

  /** The prepared binding takes over; the old one is closed. */
  public void adopt() {
    Binding made = candidate;
    if (made != null) {
      Binding old = binding;
      candidate = null;
      retired += old == null ? 0 : old.engine().instructions();
      binding = made;
      maskedHalt = false;
      if (old != null) {
        old.close();
      }
    }
  }

  /** Closes what was prepared; the present binding goes on. */
  public void abandon() {
    Binding made = candidate;
    candidate = null;
    if (made != null) {
      made.close();
    }
  }

  /** Closes what is bound. */
  public void unbind() {
    Binding b = binding;
    binding = null;
    abandon();
    if (b != null) {
      retired += b.engine().instructions();
      b.close();
    }
  }

  public VcpuState export(int groups) {
    VcpuState state = engine().export(groups);
    VcpuState.Events e = state.events();
    if (e == null || !waitForSipi) {
      return state;
    }
    return new VcpuState(state.general(), state.segments(), state.control(), state.debug(), state.extended(), state.msrs(),
        new VcpuState.Events(Activity.WAIT_FOR_SIPI, e.stiShadow(), e.movSsShadow(), e.nmiBlocked(), e.nmiPending(),
            e.pendingDebug(), -1));
  }

  public void restore(VcpuState state) throws StateException {
    engine().restore(state);
    VcpuState.Events e = state.events();
    if (e != null) {
      waitForSipi = e.activity() == Activity.WAIT_FOR_SIPI;
      if (e.nmiPending()) {
        pending.raise(PendingEvents.NMI);
      }
      maskedHalt = false;
    }
  }

  /** The state after power-on; all but the boot processor then wait for a start-up IPI. */
  public void reset() throws StateException {
    VcpuState.Control control = Objects.requireNonNull(engine().export(StateGroup.CONTROL.bit()).control());
    engine().restore(InitState.afterInit(control, signature(), Activity.ACTIVE));
    waitForSipi = index > 0;
    maskedHalt = false;
    pending.clear(PendingEvents.NMI | PendingEvents.INIT | PendingEvents.STARTUP);
  }

  public long translate(long linear) {
    return engine().translate(linear);
  }

  public void flush() {
    engine().flush();
  }

  // ---- the run loop -----------------------------------------------------------------------------------------------------------

  private Engine engine() {
    Binding b = binding;
    if (b == null) {
      throw new IllegalStateException("processor " + index + " has no engine");
    }
    return b.engine();
  }

  private void run() {
    try {
      while (!stop) {
        if ((pending.get() & PendingEvents.HOLD) != 0) {
          holdPoint();
        } else {
          step();
        }
      }
    } finally {
      held = true;
      unbind();
      waiting.forEach(f -> f.completeExceptionally(new IllegalStateException("processor " + index + " has ended")));
    }
  }

  /** Carries out tasks and, while asked to, stays. */
  private void holdPoint() {
    for (;;) {
      pending.clear(PendingEvents.HOLD);
      Runnable task;
      while ((task = tasks.poll()) != null) {
        task.run();
      }
      if (stop || !hold) {
        held = false;
        return;
      }
      held = true;
      pending.await(PendingEvents.HOLD);
    }
  }

  private void step() {
    Binding b = binding;
    if (b == null) {
      events.engineFailed(index, new IllegalStateException("no engine is bound"));
      requestHold();
      return;
    }
    try {
      int now = pending.get();
      if ((now & PendingEvents.INIT) != 0) {
        init();
      } else if (waitForSipi) {
        awaitStartup();
      } else {
        if ((now & PendingEvents.FLUSH) != 0) {
          pending.clear(PendingEvents.FLUSH);
          b.engine().flush();
        }
        if ((now & PendingEvents.STARTUP) != 0) {
          pending.clear(PendingEvents.STARTUP);
        }
        serve(b.engine().run(BUDGET));
      }
    } catch (EngineException | StateException | RuntimeException | LinkageError | StackOverflowError | OutOfMemoryError e) {
      events.engineFailed(index, e);
      requestHold();
    }
  }

  private void serve(int exit) {
    exits[exit & 7]++;
    switch (exit) {
      case Exit.HALT -> awaitEvent();
      case Exit.YIELD -> Thread.yield();
      case Exit.SHUTDOWN -> {
        events.tripleFault(index);
        requestHold();
      }
      default -> { }
    }
    if (exit != Exit.HALT) {
      maskedHalt = false;
    }
  }

  /**
   * Waits for what ends HLT. An interrupt that is pending now may have come after the engine looked, so the engine gets another
   * chance; if it halts again, its interrupts are masked and only other events count.
   */
  private void awaitEvent() {
    boolean interrupt = (pending.get() & PendingEvents.INTERRUPT) != 0;
    if (interrupt && !maskedHalt) {
      maskedHalt = true;
      return;
    }
    halted = true;
    pending.await(interrupt ? WAKE_HALTED & ~PendingEvents.INTERRUPT : WAKE_HALTED);
    halted = false;
    maskedHalt = false;
  }

  /** A start-up IPI may have followed INIT before this thread ran: it stays pending. */
  private void init() throws StateException {
    pending.clear(PendingEvents.INIT);
    VcpuState.Control control = Objects.requireNonNull(engine().export(StateGroup.CONTROL.bit()).control());
    engine().restore(InitState.afterInit(control, signature(), Activity.ACTIVE));
    board.initReceived(index);
    waitForSipi = index > 0;
  }

  private void awaitStartup() throws StateException {
    if ((pending.get() & PendingEvents.STARTUP) == 0) {
      halted = true;
      pending.await(WAKE_WAITING);
      halted = false;
      return;
    }
    pending.clear(PendingEvents.STARTUP);
    waitForSipi = false;
    VcpuState.General general = Objects.requireNonNull(engine().export(StateGroup.GENERAL.bit()).general());
    engine().restore(InitState.afterStartup(general, pending.startupVector()));
  }

  /** What EDX holds after reset: the model's family, model and stepping. */
  private int signature() {
    return model.cpuid(1, 0, new CpuidContext(index, processors, 0, 1, true)).eax();
  }

  private final class Context implements VcpuContext {
    private final Translation translation;

    Context(Translation translation) {
      this.translation = translation;
    }

    @Override public int index() {
      return index;
    }

    @Override public int processors() {
      return processors;
    }

    @Override public GuestMemory memory() {
      return memory;
    }

    @Override public Translation translation() {
      return translation;
    }

    @Override public CpuModel model() {
      return model;
    }

    @Override public PendingEvents pending() {
      return pending;
    }

    @Override public VcpuBus bus() {
      return bus;
    }

    @Override public long tsc() {
      return clock.tsc();
    }
  }
}
