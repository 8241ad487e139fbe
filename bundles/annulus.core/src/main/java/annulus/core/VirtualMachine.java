package annulus.core;

import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.core.board.CharacterLine;
import annulus.core.snapshot.Snapshot;
import annulus.core.vcpu.Vcpu;
import annulus.loader.LoadPlan;
import annulus.machine.Console;
import annulus.machine.Machine;
import annulus.machine.MachineEvent;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineListener;
import annulus.machine.MachineService.Axis;
import annulus.machine.MachineService.Provider;
import annulus.machine.MachineSpec;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SwapReport;
import annulus.memory.MachineMemory;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One machine's lifecycle. Verbs are serialised by a lock; what devices, processors and providers report comes from their
 * threads and is carried out, as a verb like any other, by the machine's supervisor thread.
 */
final class VirtualMachine implements Machine {
  private static final System.Logger LOG = System.getLogger(VirtualMachine.class.getName());
  private static final int STATUS_TRIPLE_FAULT = 3;
  static final int STATUS_FAULT = 4;
  private static final int STATUS_RESET = 5;
  private static final long DRAIN_MILLIS = 2_000;
  private static final int MOST_BYTES = 1 << 24;

  /** Fields without a modifier are {@link MachineSwaps}' too, under {@link #lifecycle}. */
  volatile MachineSpec spec;
  private final Providers providers;
  private final MachineMemory pool;
  final Object lifecycle = new Object();
  private final ExecutorService supervisor;
  private final List<MachineListener> listeners = new CopyOnWriteArrayList<>();
  /** Those of all machines. */
  private final Supplier<List<MachineListener>> everyones;
  volatile MachineStatus status = MachineStatus.of(Phase.DEFINED);
  volatile @Nullable Assembly assembly;
  /** The processors' engines are closed because a provider went away; their states wait here. */
  @Nullable List<VcpuState> parked;
  /** Where the machine returns to when the providers that it lacks have come; null while it lacks none. */
  @Nullable MachineStatus suspended;
  /** Where the present assembly reports to; what an earlier one still has to say is void. */
  private volatile @Nullable Reports reports;
  private long resets;
  /** The figures of a machine that has ended. */
  private volatile Map<String, Long> atEnd = Map.of();
  private final MachineSwaps swaps;

  VirtualMachine(MachineSpec spec, Providers providers, MachineMemory pool, Supplier<List<MachineListener>> everyones) {
    this.everyones = everyones;
    this.spec = spec;
    swaps = new MachineSwaps(this, providers, spec.name());
    this.providers = providers;
    this.pool = pool;
    supervisor = Executors.newSingleThreadExecutor(
        Thread.ofPlatform().name("annulus-" + spec.name() + "-supervisor").daemon().factory());
  }

  @Override public String name() {
    return spec.name();
  }

  @Override public MachineSpec spec() {
    return spec;
  }

  @Override public MachineStatus status() {
    return status;
  }

  // ---- verbs --------------------------------------------------------------------------------------------------------------

  @Override public void create() throws MachineException {
    synchronized (lifecycle) {
      require("create", Phase.DEFINED, Phase.STOPPED);
      close();
      Reports fresh = new Reports();
      Assembly made = new Assembly(spec, providers, pool, fresh, Instant.now().getEpochSecond());
      try {
        made.load();
      } catch (MachineException | RuntimeException e) {
        made.close();
        throw e;
      }
      assembly = made;
      reports = fresh;
      to(MachineStatus.of(Phase.CREATED));
    }
  }

  @Override public void start() throws MachineException {
    synchronized (lifecycle) {
      if (status.phase() != Phase.CREATED) {
        require("start", Phase.DEFINED, Phase.STOPPED);
        create();
      }
      running().start();
      to(MachineStatus.of(Phase.RUNNING));
    }
  }

  @Override public void pause() throws MachineException {
    synchronized (lifecycle) {
      require("pause", Phase.RUNNING);
      running().hold();
      to(MachineStatus.of(Phase.PAUSED));
    }
  }

  @Override public void resume() throws MachineException {
    synchronized (lifecycle) {
      require("resume", Phase.PAUSED);
      running().resume();
      to(MachineStatus.of(Phase.RUNNING));
    }
  }

  @Override public void reset() throws MachineException {
    synchronized (lifecycle) {
      require("reset", Phase.RUNNING, Phase.PAUSED, Phase.HELD);
      restart("reset by the operator");
    }
  }

  private void restart(String reason) throws MachineException {
    Assembly a = running();
    if (!a.board().vacant().isEmpty()) {
      throw new MachineException(Reason.NO_PROVIDER, "cannot reset " + name() + ": models are missing: " + a.board().vacant());
    }
    // The image may be gone or unreadable by now: nothing has changed then
    LoadPlan plan = a.plan();
    if (status.phase() == Phase.RUNNING) {
      a.hold();
    }
    if (parked != null) {
      a.bind();
      parked = null;
    }
    suspended = null;
    try {
      a.reset(plan);
    } catch (MachineException e) {
      fault("reset", e);
      throw e;
    }
    resets++;
    a.resume();
    tell(new MachineEvent.Reset(name(), reason));
    to(MachineStatus.of(Phase.RUNNING));
  }

  @Override public void shutdown() throws MachineException {
    synchronized (lifecycle) {
      require("shutdown", Phase.RUNNING);
      if (!running().board().pressPowerButton()) {
        throw new MachineException(Reason.NO_PROVIDER, name() + " has no power button: destroy it, or add the device acpi");
      }
    }
  }

  @Override public void destroy() {
    synchronized (lifecycle) {
      if (status.phase() == Phase.DEFINED) {
        return;
      }
      close();
      to(new MachineStatus(Phase.STOPPED, Ending.DESTROYED, "destroyed", 0));
    }
  }

  /** The machine is forgotten. */
  void dispose() {
    destroy();
    supervisor.shutdown();
  }

  @Override public MachineStatus await(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (listeners) {
      while (!status.ended()) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          break;
        }
        listeners.wait(left);
      }
    }
    return status;
  }

  @Override public void save(Path file) throws MachineException {
    synchronized (lifecycle) {
      require("save", Phase.RUNNING, Phase.PAUSED, Phase.HELD);
      Assembly a = running();
      boolean wasRunning = status.phase() == Phase.RUNNING;
      if (wasRunning) {
        pause();
      }
      boolean complete = false;
      try {
        List<VcpuState> states = parked == null ? a.export() : parked;
        new Snapshot(spec, states, a.board().export(), a.board().exportCharacters(), a.clock().nanos()).write(file, a.memory());
        complete = true;
      } catch (IOException e) {
        throw new MachineException(Reason.HOST, file + ": cannot be written: " + e.getMessage(), e);
      } finally {
        if (!complete && wasRunning) {
          resume();
        }
      }
    }
  }

  /** Takes over a saved state; the machine is PAUSED then. */
  void restore(Snapshot snapshot, Path file) throws MachineException {
    synchronized (lifecycle) {
      require("restore", Phase.DEFINED);
      Reports fresh = new Reports();
      Assembly made = new Assembly(spec, providers, pool, fresh, Instant.now().getEpochSecond());
      boolean complete = false;
      try {
        snapshot.readMemory(file, made.memory());
        // Devices keep points of guest time: the clock comes before them
        made.clock().set(snapshot.nanos());
        made.board().restore(snapshot.devices());
        made.board().restoreCharacters(snapshot.characters());
        restore(made, snapshot.vcpus());
        made.board().start();
        made.board().pause();
        complete = true;
      } catch (MachineException e) {
        throw new MachineException(e.reason(), file + ": " + e.getMessage(), e);
      } catch (IOException e) {
        throw new MachineException(Reason.HOST, file + ": cannot be read: " + e.getMessage(), e);
      } catch (StateException e) {
        throw new MachineException(Reason.STATE, file + ": " + e.getMessage(), e);
      } finally {
        if (!complete) {
          made.close();
        }
      }
      assembly = made;
      reports = fresh;
      to(MachineStatus.of(Phase.PAUSED));
    }
  }

  static void restore(Assembly a, List<VcpuState> states) throws MachineException {
    a.onAll(v -> {
      v.restore(states.get(v.index()));
      v.flush();
    });
  }

  // ---- looking in --------------------------------------------------------------------------------------------------------------

  @Override public Console console(String id) throws MachineException {
    Map<String, CharacterLine> lines = running().board().characters();
    CharacterLine line = lines.get(id);
    if (line == null) {
      throw new MachineException(Reason.BAD_SPECIFICATION, name() + " has no line \"" + id + "\"; it has "
          + String.join(", ", lines.keySet().stream().sorted().toList()));
    }
    return line;
  }

  @Override public VcpuState vcpu(int index) throws MachineException {
    Assembly a = running();
    Vcpu v = a.vcpu(index);
    List<VcpuState> states = parked;
    return states != null ? states.get(index) : a.onVcpu(v, () -> v.export(StateGroup.ALL));
  }

  @Override public void setVcpu(int index, VcpuState state) throws MachineException {
    synchronized (lifecycle) {
      require("set a processor", Phase.CREATED, Phase.PAUSED, Phase.HELD);
      Vcpu v = running().vcpu(index);
      running().onVcpu(v, () -> {
        v.restore(state);
        return true;
      });
    }
  }

  @Override public long translate(int index, long linear) throws MachineException {
    Assembly a = running();
    Vcpu v = a.vcpu(index);
    return a.onVcpu(v, () -> v.translate(linear));
  }

  @Override public byte[] readMemory(long gpa, int length) throws MachineException {
    if (length < 0 || length > MOST_BYTES) {
      throw new MachineException(Reason.BAD_SPECIFICATION, length + " bytes; 0 to " + MOST_BYTES + " can be read at once");
    }
    Assembly a = running();
    int n = 0;
    while (n < length && a.memory().hostOffset(gpa + n) >= 0) {
      n += (int) Math.min(length - n, 0x1000 - (gpa + n & 0xFFF));
    }
    byte[] bytes = new byte[n];
    if (n > 0) {
      a.memory().read(gpa, bytes, 0, n);
    }
    return bytes;
  }

  @Override public void writeMemory(long gpa, byte[] bytes) throws MachineException {
    try {
      running().memory().write(gpa, bytes, 0, bytes.length);
    } catch (annulus.memory.MemoryFault e) {
      throw new MachineException(Reason.BAD_SPECIFICATION, String.valueOf(e.getMessage()), e);
    }
  }

  @Override public Map<String, Long> statistics() {
    Map<String, Long> all = new TreeMap<>();
    Assembly a = assembly;
    if (a != null) {
      for (int i = 0; i < a.vcpus().size(); i++) {
        String prefix = "vcpu" + i + '.';
        a.vcpus().get(i).counters().forEach((k, v) -> all.put(prefix + k, v));
      }
      all.put("memory.ram", a.memory().ramSize());
      all.put("machine.nanos", a.clock().nanos());
      all.put("machine.resets", resets);
      return all;
    }
    return atEnd;
  }

  @Override public List<Provider> providers() {
    List<Provider> all = new ArrayList<>();
    List<String> self = List.of(name());
    providers.engines().find(spec.engine()).ifPresent(e -> all.add(new Provider(Axis.ENGINE, e.name(), e.bundle(), "", self)));
    providers.vendors().find(spec.vendor()).ifPresent(e -> all.add(new Provider(Axis.VENDOR, e.name(), e.bundle(), "", self)));
    providers.translations().find(spec.translation())
        .ifPresent(e -> all.add(new Provider(Axis.TRANSLATION, e.name(), e.bundle(), "", self)));
    Assembly a = assembly;
    if (a != null) {
      a.board().models().forEach((name, model) -> providers.devices().find(model)
          .ifPresent(e -> all.add(new Provider(Axis.DEVICE, name, e.bundle(), model, self))));
      providers.loaders().find(spec.loader()).ifPresent(e -> all.add(new Provider(Axis.LOADER, e.name(), e.bundle(), "", self)));
    }
    return all;
  }

  /** One line on what was loaded, empty before. */
  String description() {
    Assembly a = assembly;
    return a == null ? "" : a.description();
  }

  @Override public void addListener(MachineListener listener) {
    listeners.add(listener);
  }

  @Override public void removeListener(MachineListener listener) {
    listeners.remove(listener);
  }

  // ---- swaps, and providers that come and go -------------------------------------------------------------------------------------

  @Override public SwapReport swap(String what, String provider) throws MachineException {
    return swaps.swap(what, provider);
  }

  @Override public List<SwapReport> swaps() {
    return swaps.reports();
  }

  /** A provider's service is about to disappear. */
  void serviceGone(Axis axis, Object service) {
    swaps.serviceGone(axis, service);
  }

  /** A provider appeared. */
  void serviceCame() {
    swaps.serviceCame();
  }

  // ---- reports from devices and processors -----------------------------------------------------------------------------------------

  private final class Reports implements Assembly.Events {
    @Override public void powerOff(String reason) {
      stop(new MachineStatus(Phase.STOPPED, Ending.POWER_OFF, reason, 0));
    }

    @Override public void exit(int exitStatus, String reason) {
      stop(new MachineStatus(Phase.STOPPED, Ending.EXIT_DEVICE, reason, exitStatus & 0xFF));
    }

    @Override public void reset(String reason) {
      if (spec.onReset() == MachineSpec.OnReset.STOP) {
        stop(new MachineStatus(Phase.STOPPED, Ending.RESET, reason, STATUS_RESET));
        return;
      }
      holdProcessors();
      supervise(() -> {
        try {
          if (status.phase() == Phase.RUNNING) {
            restart(reason);
          } else if (status.phase() == Phase.PAUSED) {
            // Somebody paused between the guest's access and now
            restart(reason);
            pause();
          }
        } catch (MachineException e) {
          fault("reset", e);
        }
      });
    }

    @Override public void deviceFailed(String device, Throwable cause) {
      holdProcessors();
      supervise(() -> fault("device " + device, cause));
    }

    @Override public void tripleFault(int vcpu) {
      supervise(() -> held(new MachineStatus(Phase.HELD, Ending.TRIPLE_FAULT, "triple fault on processor " + vcpu,
          STATUS_TRIPLE_FAULT), "vcpu" + vcpu));
    }

    @Override public void engineFailed(int vcpu, Throwable cause) {
      supervise(() -> fault("vcpu" + vcpu, cause));
    }

    private void stop(MachineStatus end) {
      holdProcessors();
      supervise(() -> {
        if (status.phase() == Phase.RUNNING || status.phase() == Phase.PAUSED) {
          drain();
          close();
          to(end);
        }
      });
    }

    /** The access that caused this is the last one: no guest code runs after it. */
    private void holdProcessors() {
      Assembly a = assembly;
      if (a != null && reports == this) {
        a.vcpus().forEach(Vcpu::requestHold);
      }
    }

    private void supervise(Runnable verb) {
      try {
        supervisor.execute(() -> {
          synchronized (lifecycle) {
            if (reports == this) {
              verb.run();
            }
          }
        });
      } catch (RejectedExecutionException e) {
        LOG.log(Level.DEBUG, "{0}: a report came after the end", name());
      }
    }
  }

  void fault(String source, Throwable cause) {
    LOG.log(Level.WARNING, "machine " + name() + ": " + source + " failed; the machine is held", cause);
    String message = source + ": " + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
    held(new MachineStatus(Phase.HELD, Ending.FAULT, message, STATUS_FAULT), source);
  }

  /** Holds what still runs and says why. */
  private void held(MachineStatus to, String source) {
    Assembly a = assembly;
    if (a == null || status.phase() == Phase.STOPPED || status.phase() == Phase.HELD && status.ending() != Ending.PROVIDER_GONE) {
      return;
    }
    try {
      a.hold();
    } catch (MachineException e) {
      LOG.log(Level.WARNING, "machine " + name() + ": not everything could be held", e);
    }
    drain();
    if (suspended != null) {
      suspended = to;
    }
    tell(new MachineEvent.Fault(name(), source, to.reason()));
    to(to);
  }

  // ---- helpers ---------------------------------------------------------------------------------------------------------------------

  private void drain() {
    Assembly a = assembly;
    if (a != null) {
      try {
        for (CharacterLine line : a.board().characters().values()) {
          line.drain(DRAIN_MILLIS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void close() {
    Assembly a = assembly;
    atEnd = statistics();
    assembly = null;
    reports = null;
    parked = null;
    suspended = null;
    if (a != null) {
      a.close();
    }
  }

  Assembly running() throws MachineException {
    Assembly a = assembly;
    if (a == null) {
      throw new MachineException(Reason.WRONG_PHASE, name() + " is " + status.phase() + "; create or start it first");
    }
    return a;
  }

  void require(String verb, Phase... phases) throws MachineException {
    if (!List.of(phases).contains(status.phase())) {
      throw new MachineException(Reason.WRONG_PHASE, "cannot " + verb + " " + name() + ": it is " + status.phase()
          + (status.reason().isEmpty() ? "" : " (" + status.reason() + ")") + ", not "
          + String.join(" or ", java.util.Arrays.stream(phases).map(Phase::toString).toList()));
    }
  }

  void to(MachineStatus next) {
    MachineStatus before = status;
    synchronized (listeners) {
      status = next;
      listeners.notifyAll();
    }
    tell(new MachineEvent.StateChanged(name(), before, next));
  }

  void tell(MachineEvent event) {
    listeners.forEach(l -> tell(l, event));
    everyones.get().forEach(l -> tell(l, event));
  }

  private void tell(MachineListener listener, MachineEvent event) {
    try {
      listener.event(event);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.WARNING, "a listener of machine " + name() + " failed", e);
    }
  }
}
