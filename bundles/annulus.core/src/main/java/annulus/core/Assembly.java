package annulus.core;

import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.core.board.Board;
import annulus.core.board.MachineClock;
import annulus.core.board.MachineEvents;
import annulus.core.provider.ProviderRegistry;
import annulus.core.swap.SwapRecorder;
import annulus.core.vcpu.Signals;
import annulus.core.vcpu.TaskQueue;
import annulus.core.vcpu.Vcpu;
import annulus.core.vcpu.VcpuEvents;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.Platform;
import annulus.engine.EngineCapability;
import annulus.engine.EngineProvider;
import annulus.engine.PendingEvents;
import annulus.loader.LoadPlan;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineService.Axis;
import annulus.machine.MachineSpec;
import annulus.memory.GuestMemory;
import annulus.memory.MachineMemory;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import annulus.memory.translation.TranslationProvider;
import annulus.vendor.CpuModel;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A machine put together: memory, board, processors. Exists from create to the end. Verbs are serialised by the machine. */
final class Assembly implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Assembly.class.getName());
  private static final long HOLD_NANOS = 10_000_000_000L;
  private static final long TASK_NANOS = 5_000_000_000L;
  private static final String LEFT_OUT = "none";

  private MachineSpec spec;
  private final Providers providers;
  /** The providers whose engines and translations run now. */
  private ProviderRegistry.@Nullable Entry<EngineProvider> engine;
  private ProviderRegistry.@Nullable Entry<TranslationProvider> translation;
  private final MappedGuestMemory memory;
  private final CpuModel model;
  private final MachineClock clock;
  private final Board board;
  private final List<Vcpu> vcpus = new ArrayList<>();
  private String description = "";

  /** The events of both halves. */
  interface Events extends MachineEvents, VcpuEvents {}

  Assembly(MachineSpec spec, Providers providers, MachineMemory pool, Events events, long epochSeconds) throws MachineException {
    this.spec = spec;
    this.providers = providers;
    model = model(spec, providers);
    Map<String, ProviderRegistry.Entry<DeviceFactory>> devices = devices(spec, providers);
    memory = new MappedGuestMemory(pool);
    clock = new MachineClock(model.tscHz());
    boolean complete = false;
    Board made = null;
    try {
      for (long[] r : MemoryLayout.ranges(spec.memory())) {
        memory.addRam(r[0], r[1]);
      }
      Signals signals = new Signals();
      made = new Board(spec.name(), clock, memory, signals, platform(devices, epochSeconds), events);
      board = made;
      for (Map.Entry<String, ProviderRegistry.Entry<DeviceFactory>> e : devices.entrySet()) {
        board.add(e.getKey(), e.getValue().name(), e.getValue().service(), spec.deviceOptions().getOrDefault(e.getKey(), Map.of()));
      }
      List<PendingEvents> pending = new ArrayList<>();
      for (int i = 0; i < spec.processors(); i++) {
        Vcpu v = new Vcpu(spec.name(), i, spec.processors(), memory, model, board, clock, events);
        vcpus.add(v);
        pending.add(v.pending());
      }
      signals.connect(pending);
      bind();
      complete = true;
    } catch (OutOfFramesException e) {
      throw new MachineException(Reason.NO_MEMORY, spec.name() + ": " + e.getMessage(), e);
    } catch (DeviceException e) {
      throw new MachineException(Reason.BAD_SPECIFICATION, spec.name() + ": " + e.getMessage(), e);
    } finally {
      if (!complete) {
        vcpus.forEach(Vcpu::close);
        if (made != null) {
          made.close();
        }
        memory.close();
      }
    }
  }

  private static CpuModel model(MachineSpec spec, Providers providers) throws MachineException {
    List<CpuModel> models = Providers.require(providers.vendors(), "vendor", spec.vendor()).service().models();
    if (spec.model().isEmpty()) {
      return models.get(0);
    }
    return models.stream().filter(m -> m.name().equals(spec.model())).findFirst().orElseThrow(() -> new MachineException(
        Reason.NO_PROVIDER, "vendor " + spec.vendor() + " has no model \"" + spec.model() + "\"; it has "
            + String.join(", ", models.stream().map(CpuModel::name).toList())));
  }

  private static Map<String, ProviderRegistry.Entry<DeviceFactory>> devices(MachineSpec spec, Providers providers)
      throws MachineException {
    Map<String, ProviderRegistry.Entry<DeviceFactory>> devices = new TreeMap<>();
    providers.devices().effective().forEach((name, entry) -> {
      if (entry.flag(DeviceFactory.PLATFORM)) {
        devices.put(name, entry);
      }
    });
    for (Map.Entry<String, String> e : spec.devices().entrySet()) {
      if (e.getValue().equals(LEFT_OUT)) {
        devices.remove(e.getKey());
      } else {
        devices.put(e.getKey(), Providers.require(providers.devices(), "device model", e.getValue()));
      }
    }
    for (String name : spec.deviceOptions().keySet()) {
      if (!devices.containsKey(name)) {
        throw new MachineException(Reason.BAD_SPECIFICATION,
            "options are given for device \"" + name + "\", but the machine's devices are " + devices.keySet());
      }
    }
    return devices;
  }

  private Platform platform(Map<String, ProviderRegistry.Entry<DeviceFactory>> devices, long epochSeconds) {
    Map<String, String> models = new LinkedHashMap<>();
    devices.forEach((name, entry) -> models.put(name, entry.name()));
    List<long[]> ram = MemoryLayout.ranges(spec.memory());
    return new Platform() {
      @Override public int processors() {
        return spec.processors();
      }

      @Override public List<long[]> ram() {
        return ram;
      }

      @Override public long tscHz() {
        return model.tscHz();
      }

      @Override public Map<String, String> devices() {
        return models;
      }

      @Override public long epochSeconds() {
        return epochSeconds;
      }
    };
  }

  /** Opens engine and translation for every processor, all held. */
  void bind() throws MachineException {
    ProviderRegistry.Entry<EngineProvider> e = Providers.require(providers.engines(), "engine", spec.engine());
    ProviderRegistry.Entry<TranslationProvider> t = Providers.require(providers.translations(), "translation", spec.translation());
    try {
      onAll(v -> v.bind(e.service(), t.service()));
    } catch (MachineException x) {
      vcpus.forEach(v -> v.submit(done(v, Vcpu::unbind)));
      throw x;
    }
    engine = e;
    translation = t;
  }

  /** Whether what runs now came from this service. */
  boolean uses(Object service) {
    return engine != null && engine.service() == service || translation != null && translation.service() == service;
  }

  /** Name and bundle of the engine or translation that runs now. */
  String bound(Axis axis) {
    ProviderRegistry.Entry<?> e = axis == Axis.ENGINE ? engine : translation;
    return e == null ? "none" : e.name() + " (" + e.bundle() + ")";
  }

  /** The machine's specification after a swap. */
  void respecify(MachineSpec changed) {
    spec = changed;
  }

  /**
   * Moves every processor to another engine or translation, all held: each new one is opened and given the state beside the old
   * one, and only when all have it are the old ones closed.
   *
   * @throws MachineException when one cannot be opened or refuses the state; the old ones go on then
   */
  void rebind(ProviderRegistry.Entry<EngineProvider> e, ProviderRegistry.Entry<TranslationProvider> t, SwapRecorder.Phases phases)
      throws MachineException {
    checkCapabilities(e);
    long start = System.nanoTime();
    try {
      phases.export = results(v -> () -> v.prepare(e.service(), t.service())).stream().mapToLong(Long::longValue).max().orElse(0);
    } catch (MachineException | RuntimeException x) {
      // Not waited for: a processor that hangs in the new engine gives it up when it comes back
      vcpus.forEach(v -> v.submit(done(v, Vcpu::abandon)));
      throw x;
    } finally {
      phases.restore = System.nanoTime() - start - phases.export;
    }
    long restored = System.nanoTime();
    onAll(Vcpu::adopt);
    engine = e;
    translation = t;
    phases.retire = System.nanoTime() - restored;
  }

  /** The states of all processors. */
  List<VcpuState> export() throws MachineException {
    return results(v -> () -> v.export(StateGroup.ALL));
  }

  /** An engine that can do less than the present one might meet what it cannot run. */
  private void checkCapabilities(ProviderRegistry.Entry<EngineProvider> to) throws MachineException {
    if (engine != null) {
      Set<EngineCapability> missing = new TreeSet<>(engine.service().capabilities());
      missing.removeAll(to.service().capabilities());
      if (vcpus.size() == 1) {
        missing.remove(EngineCapability.MULTIPROCESSOR);
      }
      if (!missing.isEmpty()) {
        throw new MachineException(Reason.NO_PROVIDER, "engine " + to.name() + " lacks " + missing + ", which " + engine.name() + " has");
      }
    }
  }

  /** Closes what the processors run with, all held. */
  void unbind() throws MachineException {
    onAll(Vcpu::unbind);
    engine = null;
    translation = null;
  }

  /** Loads the image into memory that is still zero, and starts the boot processor there; the others wait. */
  void load() throws MachineException {
    load(plan());
  }

  /** What the image asks to be placed. @throws MachineException when it cannot be found or loaded; nothing has changed */
  LoadPlan plan() throws MachineException {
    return new Images(providers).plan(spec, memory, board.firmwareTables());
  }

  /** Brings a held machine back to the state after power-on, with an image loaded. */
  void reset(LoadPlan plan) throws MachineException {
    board.reset();
    for (GuestMemory.Range r : memory.ranges()) {
      memory.clear(r.gpa(), r.size());
    }
    load(plan);
  }

  private void load(LoadPlan plan) throws MachineException {
    Images.place(plan, memory, board.firmwareTables());
    description = plan.description();
    for (int i = 0; i < vcpus.size(); i++) {
      Vcpu v = vcpus.get(i);
      boolean boot = i == 0;
      onVcpu(v, () -> {
        v.reset();
        if (boot) {
          v.restore(plan.entry());
        }
        v.flush();
        return true;
      });
    }
  }

  /** Holds the processors, then the devices and time. @throws MachineException when a processor does not stop in time; all go on then */
  void hold() throws MachineException {
    vcpus.forEach(Vcpu::requestHold);
    int late = lateToHold();
    if (late >= 0) {
      vcpus.forEach(Vcpu::release);
      throw new MachineException(Reason.TIMEOUT,
          spec.name() + ": processor " + late + " did not stop within " + HOLD_NANOS / 1_000_000_000L + " s");
    }
    board.pause();
  }

  /** Waits until all processors are held. @return the first that is not in time, or -1 */
  private int lateToHold() {
    try {
      for (int i = 0; i < vcpus.size(); i++) {
        if (!vcpus.get(i).awaitHeld(HOLD_NANOS)) {
          return i;
        }
      }
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** First start: devices start, time and processors run. */
  void start() {
    board.start();
    board.startClock();
    vcpus.forEach(Vcpu::release);
  }

  /** Resumes devices, time and processors. */
  void resume() {
    board.resume();
    vcpus.forEach(Vcpu::release);
  }

  @Override public void close() {
    vcpus.forEach(Vcpu::close);
    boolean ended = true;
    try {
      for (Vcpu v : vcpus) {
        ended &= v.join(HOLD_NANOS / 1_000_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = false;
    }
    board.close();
    if (ended) {
      memory.close();
    } else {
      // An engine that hangs could still write to its frames: nobody else may get them
      LOG.log(Level.ERROR, "machine {0}: a processor did not end; its {1} MiB of memory stay taken", spec.name(), memory.ramSize() >> 20);
    }
  }

  /** Runs a task on a processor's thread. */
  <T> T onVcpu(Vcpu v, Callable<T> task) throws MachineException {
    return result(v, v.submit(task));
  }

  /** What {@link #onAll} does with each processor. */
  interface Work {
    void on(Vcpu v) throws Exception;
  }

  private static Callable<Boolean> done(Vcpu v, Work work) {
    return () -> {
      work.on(v);
      return true;
    };
  }

  /** Runs a task on every processor's thread, side by side. */
  void onAll(Work work) throws MachineException {
    results(v -> done(v, work));
  }

  /** Results by processor. All have ended, or hang, when one failed and its failure is thrown. */
  private <T> List<T> results(Function<Vcpu, Callable<T>> tasks) throws MachineException {
    List<TaskQueue.Task<T>> submitted = vcpus.stream().map(v -> v.submit(tasks.apply(v))).toList();
    List<T> results = new ArrayList<>();
    MachineException failure = null;
    for (int i = 0; i < submitted.size(); i++) {
      try {
        results.add(result(vcpus.get(i), submitted.get(i)));
      } catch (MachineException e) {
        // A hang is worse than a failure
        failure = failure == null || e.reason() == Reason.TIMEOUT ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  private <T> T result(Vcpu v, TaskQueue.Task<T> task) throws MachineException {
    try {
      return task.await(TASK_NANOS);
    } catch (MachineException e) {
      throw e;
    } catch (TimeoutException e) {
      throw new MachineException(Reason.TIMEOUT, spec.name() + ": processor " + v.index() + " hangs: no answer within "
          + 2 * TASK_NANOS / 1_000_000_000L + " s", e);
    } catch (ExecutionException e) {
      throw new MachineException(Reason.STATE, spec.name() + ": " + e.getCause(), e);
    } catch (Exception e) {
      throw new MachineException(Reason.STATE, spec.name() + ": " + (e.getMessage() == null ? e.toString() : e.getMessage()), e);
    }
  }

  Vcpu vcpu(int index) throws MachineException {
    if (index < 0 || index >= vcpus.size()) {
      throw new MachineException(Reason.BAD_SPECIFICATION,
          "machine " + spec.name() + " has the processors 0 to " + (vcpus.size() - 1) + ", not " + index);
    }
    return vcpus.get(index);
  }

  List<Vcpu> vcpus() {
    return vcpus;
  }

  Board board() {
    return board;
  }

  MachineClock clock() {
    return clock;
  }

  GuestMemory memory() {
    return memory;
  }

  CpuModel model() {
    return model;
  }

  /** One line on what was loaded. */
  String description() {
    return description;
  }
}
