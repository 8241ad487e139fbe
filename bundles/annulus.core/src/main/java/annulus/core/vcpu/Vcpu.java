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
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A virtual processor: a platform thread that runs an engine and serves its exits. The thread is either running guest code, waiting
 * for an event (halted), or held; while held it carries out tasks, which is how everybody else reaches the engine. A processor
 * starts held and without a binding.
 */
public final class Vcpu {
  private static final System.Logger LOG = System.getLogger(Vcpu.class.getName());
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
  private final TaskQueue tasks = new TaskQueue();
  private final long[] exits = new long[8];
  private final Thread thread;
  private volatile @Nullable Binding binding;
  /** Opened beside the present binding during a swap; own thread only. */
  private @Nullable Binding candidate;
  /** Instructions that engines bound earlier have completed; written by the processor's thread. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private volatile long retired;
  /** Guards the two that follow: who asks for a hold right after a release must not find the processor still held. */
  private final Object holding = new Object();
  private boolean hold = true;
  private boolean held;
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
    bus = new VcpuPort(board, index, model.physicalBits());
    pending.raise(PendingEvents.HOLD);
    thread = Thread.ofPlatform().name("annulus-" + machine + "-vcpu" + index).daemon().unstarted(this::run);
    thread.start();
  }

  public int index() {
    return index;
  }

  public PendingEvents pending() {
    return pending;
  }

  // ---- from outside -----------------------------------------------------------------------------------------------------------

  /** Asks the processor to hold. */
  public void requestHold() {
    synchronized (holding) {
      hold = true;
    }
    pending.raise(PendingEvents.HOLD);
  }

  /** Waits until the processor is held. @return false when the time is up */
  public boolean awaitHeld(long nanos) throws InterruptedException {
    long end = System.nanoTime() + nanos;
    synchronized (holding) {
      while (!held) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        holding.wait(left / 1_000_000, (int) (left % 1_000_000));
      }
      return true;
    }
  }

  /** Lets a held processor run. */
  public void release() {
    synchronized (holding) {
      hold = false;
      held = false;
    }
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

  /** Has {@code work} carried out on the processor's thread at an instruction boundary, whether it is held or running. */
  public <T> TaskQueue.Task<T> submit(Callable<T> work) {
    TaskQueue.Task<T> task = tasks.add(work);
    if (Thread.currentThread() == thread) {
      tasks.run();
    } else {
      pending.raise(PendingEvents.HOLD);
      if (!thread.isAlive()) {
        tasks.end(ended());
      }
    }
    return task;
  }

  private String ended() {
    return "processor " + index + " has ended";
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
    } catch (EngineException | RuntimeException | Error e) {
      translation.close();
      throw e;
    }
  }

  /**
   * Opens a new binding beside the present one and gives it the state; {@link #adopt} or {@link #abandon} follows.
   *
   * @return how long the export took, in nanoseconds
   * @throws StateException when the new engine refuses the state; nothing has changed then
   */
  public long prepare(EngineProvider engines, TranslationProvider translations) throws EngineException, StateException {
    abandon();
    long start = System.nanoTime();
    VcpuState state = export(StateGroup.ALL);
    long exported = System.nanoTime() - start;
    Binding made = open(engines, translations);
    try {
      made.engine().restore(state);
      candidate = made;
    } finally {
      if (candidate != made) {
        close(made);
      }
    }
    return exported;
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
        close(old);
      }
    }
  }

  /** A provider that fails to close loses nothing but its own resources. */
  private void close(Binding old) {
    try {
      old.close();
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "processor " + index + ": an engine or its translation failed to close", e);
    }
  }

  /** Closes what was prepared; the present binding goes on. */
  public void abandon() {
    Binding made = candidate;
    candidate = null;
    if (made != null) {
      close(made);
    }
  }

  /** Closes what is bound. */
  public void unbind() {
    Binding b = binding;
    binding = null;
    abandon();
    if (b != null) {
      retired += b.engine().instructions();
      close(b);
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
      unbind();
      synchronized (holding) {
        held = true;
        holding.notifyAll();
      }
      tasks.end(ended());
    }
  }

  /** Carries out tasks and, while asked to, stays. */
  private void holdPoint() {
    for (;;) {
      pending.clear(PendingEvents.HOLD);
      tasks.run();
      synchronized (holding) {
        if (stop || !hold) {
          return;
        }
        held = true;
        holding.notifyAll();
      }
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
    } catch (Exception | Error e) {
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
