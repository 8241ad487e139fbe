package annulus.engine.lockstep;

import annulus.arch.Rflags;
import annulus.arch.StateException;
import annulus.arch.VcpuState;
import annulus.engine.Engine;
import annulus.engine.EngineException;
import annulus.engine.EngineException.Reason;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import annulus.engine.VcpuContext;
import annulus.memory.GuestMemory;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import annulus.memory.WriteObserver;
import annulus.memory.translation.Translation;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs two engines side by side and stops at the first difference between them.
 *
 * <p>The <i>leading</i> engine works on the machine: its memory, bus, time and random numbers. What it asks of the outside goes into a
 * journal, from which the <i>checked</i> engine gets its answers, in the same order. The checked engine has a copy of memory, which
 * follows every write that is not a processor's. Both get interrupts only at the start of a step, so at the same instruction.
 *
 * <pre>
 * step:  pending events -> both | leading engine runs n | checked engine runs as many | registers and written pages compared
 * </pre>
 *
 * <p>DMA that a device does while it serves a request is replayed with that request. When DMA comes by itself in the middle of a step
 * nobody can say at which instruction the leading engine saw it: such a step is not compared, and the checked engine takes over the
 * other's state.
 */
final class LockstepEngine implements Engine, WriteObserver {
  private static final int MONITORS = PendingEvents.HOLD | PendingEvents.INIT | PendingEvents.STARTUP | PendingEvents.FLUSH;
  /** Instructions between two comparisons of all of memory. */
  private static final long SWEEP = 500_000_000;
  private static final int LAST = 12;
  /** Most instructions of a step while an NMI cannot be delivered yet. */
  private static final long NMI_WAITS = 100;
  /** Steps of one instruction after a moment was missed in which an interrupt could have been delivered. */
  private static final int PRECISE = 2000;

  private final VcpuContext real;
  private final Settings settings;
  private final Runnable onClose;
  private final MappedGuestMemory twin;
  private final Translation translation;
  private final Pair pair;
  private final SplittableRandom lengths = new SplittableRandom(1);
  /** Frames of which the copy may be out of date. */
  private final BitSet stale = new BitSet();
  private volatile @Nullable Thread runner;
  /** The leading engine replays: what it writes is not DMA. */
  private boolean locating;
  /** Both sides are known to be in this state. */
  private @Nullable VcpuState agreed;
  private long agreedTime;
  private @Nullable EngineException failure;
  private volatile @Nullable String gone;
  private volatile long instructions;
  private long nextSweep = SWEEP;
  /** Steps of one instruction that are still to be made while an interrupt waits. */
  private int precise;
  private long steps;
  private long unchecked;
  private long requests;

  LockstepEngine(VcpuContext real, Settings settings, Runnable onClose) throws EngineException {
    if (real.processors() != 1) {
      throw new EngineException(Reason.UNSUPPORTED,
          "lockstep runs one processor, since others would change memory under it; this machine has " + real.processors());
    }
    this.real = real;
    this.settings = settings;
    this.onClose = onClose;
    GuestMemory memory = real.memory();
    try {
      twin = memory.openTwin();
    } catch (OutOfFramesException e) {
      throw new EngineException(Reason.HOST, "no memory for a copy of the guest's: " + e.getMessage(), e);
    }
    List<Request> journal = new ArrayList<>();
    WatchedMemory copy = new WatchedMemory(twin, true);
    translation = settings.translation().open(copy, real.model().physicalBits());
    Side a = null;
    Side b = null;
    try {
      a = new Side(settings.leadingName(), settings.leading(), real, journal, new WatchedMemory(memory, false), real.translation());
      b = new Side(settings.checkedName(), settings.checked(), real, journal, copy, translation);
    } finally {
      if (b == null) {
        if (a != null) {
          a.close();
        }
        translation.close();
        twin.close();
      }
    }
    pair = new Pair(real, a, b, journal);
    memory.addWriteObserver(this);
    for (GuestMemory.Range r : memory.ranges()) {
      written(r.gpa(), r.size());
    }
  }

  /** The bundle behind one of the engines goes away: nothing of it may run any more. */
  void providerGone(String name) {
    gone = name;
  }

  // ---- running ------------------------------------------------------------------------------------------------------------------

  @Override public int run(long budget) throws EngineException {
    runner = Thread.currentThread();
    long end = instructions + budget;
    while (instructions < end) {
      check();
      int events = real.pending().get();
      if ((events & MONITORS) != 0) {
        return Exit.PENDING;
      }
      long most = passOn(events);
      refreshCopy();
      step(Math.min(end - instructions, 1 + lengths.nextLong(most)));
      if (pair.exit() != Exit.BUDGET && !deliverable(real.pending().get(), known())) {
        return pair.exit();
      }
    }
    return Exit.BUDGET;
  }

  private void check() throws EngineException {
    if (failure != null) {
      throw failure;
    }
    String name = gone;
    if (name != null) {
      throw new EngineException(Reason.HOST, "engine " + name + ", which lockstep runs, has gone; swap to another engine");
    }
  }

  /**
   * Lets both sides see what is pending now, and hands over an NMI that can be delivered at once.
   *
   * @return most instructions of the next step
   */
  private long passOn(int events) {
    boolean nmi = deliverable(events & PendingEvents.NMI, known());
    boolean interrupt = deliverable(events & PendingEvents.INTERRUPT, known());
    boolean waiting = (events & PendingEvents.INTERRUPT) != 0 && !interrupt;
    if (nmi) {
      real.pending().clear(PendingEvents.NMI);
    }
    if (waiting && pair.a.outside.putOff()) {
      precise = PRECISE;
    }
    for (Side s : List.of(pair.a, pair.b)) {
      s.pending.clear(PendingEvents.INTERRUPT | PendingEvents.HOLD);
      s.pending.raise(nmi ? PendingEvents.NMI : events & PendingEvents.INTERRUPT);
      s.outside.interruptible(interrupt && !nmi);
    }
    if (waiting && precise > 0) {
      precise--;
      return 1;
    }
    return (events & PendingEvents.NMI) != 0 && !nmi ? Math.min(NMI_WAITS, settings.step()) : settings.step();
  }

  /** Whether one of the events would be delivered before the next instruction (SDM 3A 6.7, 6.8). */
  private static boolean deliverable(int events, VcpuState now) {
    VcpuState.Events e = Objects.requireNonNull(now.events());
    if (e.stiShadow() || e.movSsShadow() || e.activity() != VcpuState.Activity.ACTIVE && e.activity() != VcpuState.Activity.HALTED) {
      return false;
    }
    return (events & PendingEvents.NMI) != 0 && !e.nmiBlocked()
        || (events & PendingEvents.INTERRUPT) != 0 && (Objects.requireNonNull(now.general()).rflags() & Rflags.IF) != 0;
  }

  /** The state that both sides are in. */
  private VcpuState known() {
    VcpuState state = agreed;
    if (state == null) {
      state = pair.takeState();
      agreed = state;
      agreedTime = pair.time();
    }
    return state;
  }

  private void step(long length) throws EngineException {
    VcpuState start = known();
    long startTime = agreedTime;
    int startEvents = pair.a.pending.get();
    agreed = null;
    List<String> differences = pair.step(length, true);
    long done = pair.a.done();
    steps++;
    requests += pair.journal.size();
    if (outOfDate()) {
      takeOver();
      unchecked++;
    } else if (!differences.isEmpty()) {
      failure = fail(differences, start, startTime, startEvents, done);
      instructions += done;
      throw failure;
    }
    agreed = pair.state();
    agreedTime = pair.time();
    instructions += done;
    if (instructions >= nextSweep) {
      sweep();
    }
  }

  /** Brings the checked side to where the leading one is. */
  private void takeOver() throws EngineException {
    BitSet pages = pair.written();
    synchronized (stale) {
      stale.or(pages);
    }
    refreshCopy();
    VcpuState state = pair.takeState();
    pair.b.outside.detach(pair.time(), Objects.requireNonNull(state.control()).cr8());
    try {
      pair.b.restore(state);
    } catch (StateException e) {
      throw new EngineException(Reason.DEFECT, settings.checkedName() + " refuses the state of " + settings.leadingName(), e);
    }
    pair.b.pending.clear(PendingEvents.NMI);
    pair.b.pending.raise(pair.a.pending.get() & PendingEvents.NMI);
  }

  /** Compares all of memory: what an engine wrote without saying so shows here. */
  private void sweep() throws EngineException {
    nextSweep = instructions + SWEEP;
    for (GuestMemory.Range r : real.memory().ranges()) {
      for (int gfn = (int) (r.gpa() >>> 12); gfn < r.end() >>> 12; gfn++) {
        if (pair.differs(gfn) && !outOfDate()) {
          failure = new EngineException(Reason.DEFECT, "lockstep: up to instruction " + instructions
              + " memory has become different without a store: " + String.join("; ", Comparison.ofPages(pair.a, pair.b, gfn)));
          throw failure;
        }
      }
    }
  }

  private EngineException fail(List<String> first, VcpuState start, long startTime, int startEvents, long done) throws EngineException {
    List<String> differences = new ArrayList<>(first);
    locating = true;
    Locator.Place place;
    try {
      place = new Locator(pair, real.model(), start, startTime, startEvents).find(Math.max(done, 1), differences);
    } finally {
      locating = false;
    }
    Report report = new Report(settings.leadingName(), settings.checkedName(), instructions, done, place, List.copyOf(pair.journal));
    settings.log().ifPresent(file -> report.append(file, start));
    return new EngineException(Reason.DEFECT, report.message(LAST));
  }

  // ---- the copy of memory ---------------------------------------------------------------------------------------------------------

  @Override public void written(long gpa, long length) {
    if (Thread.currentThread() == runner) {
      Request served = pair.a.outside.served();
      if (served != null) {
        byte[] bytes = new byte[(int) length];
        real.memory().read(gpa, bytes, 0, bytes.length);
        served.dma.add(new Request.Dma(gpa, bytes));
        return;
      }
      if (locating) {
        return;
      }
    }
    synchronized (stale) {
      stale.set((int) (gpa >>> 12), (int) (gpa + length - 1 >>> 12) + 1);
    }
  }

  private boolean outOfDate() {
    synchronized (stale) {
      return !stale.isEmpty();
    }
  }

  private void refreshCopy() {
    for (;;) {
      int gfn;
      synchronized (stale) {
        gfn = stale.nextSetBit(0);
        if (gfn < 0) {
          return;
        }
        stale.clear(gfn);
      }
      if (pair.differs(gfn)) {
        pair.b.memory.setPage(gfn, pair.a.memory.page(gfn));
      }
    }
  }

  // ---- the rest of the contract -----------------------------------------------------------------------------------------------------

  @Override public long instructions() {
    return instructions;
  }

  @Override public VcpuState export(int groups) {
    pair.a.outside.attach(real.tsc());
    VcpuState s = pair.a.export(groups);
    VcpuState.Events e = s.events();
    if (e == null) {
      return s;
    }
    // An NMI may be on its way from the machine to the sides; start-up IPIs never go there.
    int events = real.pending().get();
    boolean nmi = e.nmiPending() || (events & PendingEvents.NMI) != 0;
    int sipi = (events & PendingEvents.STARTUP) != 0 ? real.pending().startupVector() : -1;
    return new VcpuState(s.general(), s.segments(), s.control(), s.debug(), s.extended(), s.msrs(), new VcpuState.Events(
        e.activity(), e.stiShadow(), e.movSsShadow(), e.nmiBlocked(), nmi, e.pendingDebug(), sipi));
  }

  @Override public void restore(VcpuState state) throws StateException {
    refreshCopy();
    long time = real.tsc();
    agreed = null;
    // The checked side first: if it refuses, nothing has changed.
    pair.b.outside.detach(time, real.bus().taskPriority());
    pair.b.restore(state);
    pair.a.outside.attach(time);
    boolean done = false;
    try {
      pair.a.restore(state);
      done = true;
    } finally {
      if (!done) {
        pair.b.restore(pair.takeState());
      }
    }
    if (state.events() != null) {
      real.pending().clear(PendingEvents.NMI | PendingEvents.STARTUP);
      pair.b.pending.clear(PendingEvents.STARTUP);
      if (pair.a.pending.clear(PendingEvents.STARTUP) != 0) {
        real.pending().raiseStartup(pair.a.pending.startupVector());
      }
    }
  }

  @Override public void flush() {
    pair.a.engine().flush();
    pair.b.engine().flush();
  }

  @Override public long translate(long linear) {
    return pair.a.engine().translate(linear);
  }

  @Override public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("steps", steps);
    counters.put("steps-unchecked", unchecked);
    counters.put("requests", requests);
    counters.put("pages-compared", pair.pagesCompared());
    pair.a.engine().counters().forEach((k, v) -> counters.put("leading." + k, v));
    pair.b.engine().counters().forEach((k, v) -> counters.put("checked." + k, v));
    return counters;
  }

  @Override public void close() {
    real.memory().removeWriteObserver(this);
    pair.a.close();
    pair.b.close();
    translation.close();
    twin.close();
    onClose.run();
  }
}
