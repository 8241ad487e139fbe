package annulus.core.board;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.device.Device;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.ExternalInterrupts;
import annulus.device.FirmwareTables;
import annulus.device.InterruptLine;
import annulus.device.LocalInterrupts;
import annulus.device.Platform;
import annulus.device.PowerButton;
import annulus.device.Role;
import annulus.device.VcpuSignals;
import annulus.memory.GuestMemory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One machine's devices and what connects them: buses, lines, roles, timers, character lines, all under one device lock. */
public final class Board implements AutoCloseable {
  private final DeviceLock lock = new DeviceLock();
  private final MachineClock clock;
  private final Timers timers;
  private final Roles roles = new Roles();
  private final IoBus bus;
  private final Lines lines;
  private final MachineEvents events;
  private final Map<String, CharacterLine> characters = new LinkedHashMap<>();
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final Role<LocalInterrupts> localInterrupts;
  private final Role<ExternalInterrupts> externalInterrupts;
  private final GuestMemory memory;
  private final VcpuSignals signals;
  private final Platform platform;

  /** A device in its place. */
  private record Slot(String model, DeviceFactory factory, Device device, DeviceSlot context, Map<String, String> options) {}

  /** The place of a device whose factory went away. */
  private record Vacancy(String model, DeviceState state, Map<String, String> options, Map<String, InterruptLine> lines) {}

  private final Map<String, Vacancy> vacancies = new LinkedHashMap<>();
  private boolean started;

  public Board(
      String machine, MachineClock clock, GuestMemory memory, VcpuSignals signals, Platform platform, MachineEvents events) {
    this.clock = clock;
    this.memory = memory;
    this.signals = signals;
    this.platform = platform;
    this.events = events;
    timers = new Timers(machine, lock, clock, e -> events.deviceFailed("timer", e));
    bus = new IoBus(memory);
    lines = new Lines(lock, roles.role(annulus.device.InterruptSink.class));
    localInterrupts = roles.role(LocalInterrupts.class);
    externalInterrupts = roles.role(ExternalInterrupts.class);
  }

  /** Creates a device and puts it in. @throws DeviceException as the factory's; the board is as before then */
  public void add(String name, String model, DeviceFactory factory, Map<String, String> options) throws DeviceException {
    lock.lock();
    try {
      DeviceSlot context = new DeviceSlot(name, this);
      Device device;
      try {
        device = factory.create(context, options);
      } catch (DeviceException | RuntimeException | Error e) {
        context.withdraw();
        throw e;
      }
      slots.put(name, new Slot(model, factory, device, context, Map.copyOf(options)));
    } finally {
      lock.unlock();
    }
  }

  /** How long each half of a replacement took, in nanoseconds. */
  public record Replaced(long exportNanos, long restoreNanos, long retireNanos) {}

  /**
   * Puts a new device in the place of a paused one: it takes over the state, then the old one is retired.
   *
   * @throws DeviceException when it cannot be created, and StateException when it refuses the state; the old device goes on then
   */
  public Replaced replace(String name, String model, DeviceFactory factory) throws DeviceException, StateException {
    lock.lock();
    try {
      Slot old = slots.get(name);
      if (old == null) {
        throw new DeviceException(DeviceException.Reason.BAD_OPTION, "there is no device " + name + "; there are " + slots.keySet());
      }
      long start = System.nanoTime();
      DeviceState state = old.device().export();
      long exported = System.nanoTime();
      DeviceSlot.Detached detached = old.context().detach();
      Slot made;
      try {
        made = create(name, model, factory, old.options(), state);
      } catch (DeviceException | StateException | RuntimeException | Error e) {
        old.context().reattach(detached);
        throw e;
      }
      slots.put(name, made);
      long restored = System.nanoTime();
      guard(name, old.device()::halt);
      old.context().retire(detached);
      return new Replaced(exported - start, restored - exported, System.nanoTime() - restored);
    } finally {
      lock.unlock();
    }
  }

  /** A new device with an earlier one's state, paused. */
  private Slot create(String name, String model, DeviceFactory factory, Map<String, String> options, DeviceState state)
      throws DeviceException, StateException {
    DeviceSlot context = new DeviceSlot(name, this);
    try {
      Device device = factory.create(context, options);
      device.restore(state);
      if (started) {
        device.start();
        device.pause();
      }
      return new Slot(model, factory, device, context, options);
    } catch (DeviceException | StateException | RuntimeException | Error e) {
      context.withdraw();
      throw e;
    }
  }

  /** Names of the devices that a factory made. */
  public List<String> madeBy(DeviceFactory factory) {
    lock.lock();
    try {
      return slots.entrySet().stream().filter(e -> e.getValue().factory() == factory).map(Map.Entry::getKey).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Takes a paused device out and keeps its state; its place waits for a factory of its model. */
  public void vacate(String name) {
    lock.lock();
    try {
      Slot old = slots.get(name);
      if (old != null) {
        DeviceState state = old.device().export();
        Map<String, InterruptLine> lines = old.context().detach().lines();
        vacancies.put(name, new Vacancy(old.model(), state, old.options(), lines));
        slots.remove(name);
        guard(name, old.device()::halt);
        old.context().end();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Models that vacant places wait for, by device name. */
  public Map<String, String> vacant() {
    lock.lock();
    try {
      Map<String, String> models = new LinkedHashMap<>();
      vacancies.forEach((name, v) -> models.put(name, v.model()));
      return models;
    } finally {
      lock.unlock();
    }
  }

  /** Fills a vacant place with a device that takes over the state kept there. */
  public void fill(String name, DeviceFactory factory) throws DeviceException, StateException {
    lock.lock();
    try {
      Vacancy v = vacancies.get(name);
      if (v != null) {
        slots.put(name, create(name, v.model(), factory, v.options(), v.state()));
        Lines.release(v.lines());
        vacancies.remove(name);
      }
    } finally {
      lock.unlock();
    }
  }

  public void start() {
    started = true;
    each(Device::start);
  }

  /** Stops time and pauses the devices. */
  public void pause() {
    clock.stop();
    each(Device::pause);
  }

  /** Resumes the devices, then time. */
  public void resume() {
    each(Device::resume);
    clock.start();
    timers.clockChanged();
  }

  /** Time passes from now on: after {@link #start}. */
  public void startClock() {
    clock.start();
    timers.clockChanged();
  }

  public void reset() {
    each(Device::reset);
  }

  private void each(Consumer<Device> verb) {
    lock.lock();
    try {
      slots.forEach((name, slot) -> guard(name, () -> verb.accept(slot.device())));
    } finally {
      lock.unlock();
    }
  }

  /** Runs device code; what it throws holds the machine and goes no further. */
  void guard(String device, Runnable code) {
    try {
      code.run();
    } catch (RuntimeException | Error e) {
      events.deviceFailed(device, e);
    }
  }

  /** States of all devices by name, while paused. */
  public Map<String, DeviceState> export() {
    lock.lock();
    try {
      Map<String, DeviceState> states = new LinkedHashMap<>();
      slots.forEach((name, slot) -> states.put(name, slot.device().export()));
      return states;
    } finally {
      lock.unlock();
    }
  }

  /** Gives every device its state, before start. @throws StateException when names differ or a device refuses */
  public void restore(Map<String, DeviceState> states) throws StateException {
    lock.lock();
    try {
      if (!states.keySet().equals(slots.keySet())) {
        throw new StateException("the saved machine has the devices " + states.keySet() + ", this one " + slots.keySet());
      }
      for (Map.Entry<String, Slot> e : slots.entrySet()) {
        DeviceState state = java.util.Objects.requireNonNull(states.get(e.getKey()));
        try {
          e.getValue().device().restore(state);
        } catch (StateException x) {
          throw new StateException(e.getKey() + ": " + x.getMessage(), x);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Models by device name. */
  public Map<String, String> models() {
    Map<String, String> models = new LinkedHashMap<>();
    slots.forEach((name, slot) -> models.put(name, slot.model()));
    return models;
  }

  /** Tables that describe the machine to its guest, where a device builds them. */
  public Optional<FirmwareTables> firmwareTables() {
    return Optional.ofNullable(roles.role(FirmwareTables.class).get());
  }

  /** Presses the power button. @return false where the machine has none */
  public boolean pressPowerButton() {
    lock.lock();
    try {
      PowerButton button = roles.role(PowerButton.class).get();
      if (button != null) {
        guard("power button", button::press);
      }
      return button != null;
    } finally {
      lock.unlock();
    }
  }

  /** The character lines devices have asked for. */
  public Map<String, CharacterLine> characters() {
    lock.lock();
    try {
      return Map.copyOf(characters);
    } finally {
      lock.unlock();
    }
  }

  CharacterLine character(String id) {
    return characters.computeIfAbsent(id, k -> new CharacterLine(k, lock));
  }

  /** Output and unread input of every character line. */
  public Map<String, byte[][]> exportCharacters() {
    lock.lock();
    try {
      Map<String, byte[][]> out = new LinkedHashMap<>();
      characters.forEach((id, line) -> out.put(id, new byte[][] {line.scrollback(), line.pendingInput()}));
      return out;
    } finally {
      lock.unlock();
    }
  }

  /** Puts back what {@link #exportCharacters} gave. */
  public void restoreCharacters(Map<String, byte[][]> saved) {
    lock.lock();
    try {
      saved.forEach((id, parts) -> {
        CharacterLine line = character(id);
        line.replay(parts[0]);
        line.write(parts[1]);
      });
    } finally {
      lock.unlock();
    }
  }

  @Override public void close() {
    clock.stop();
    timers.close();
    each(Device::halt);
    lock.lock();
    try {
      slots.values().forEach(s -> s.context().withdraw());
      slots.clear();
    } finally {
      lock.unlock();
    }
  }

  // ---- accesses of processors ------------------------------------------------------------------------------------------------

  int readPort(int vcpu, int port, int size) {
    lock.lock(vcpu);
    try {
      return bus.readPort(port, size);
    } catch (RuntimeException | Error e) {
      events.deviceFailed(bus.nameAtPort(port), e);
      return -1 >>> 32 - 8 * size;
    } finally {
      lock.unlock();
    }
  }

  void writePort(int vcpu, int port, int size, int value) {
    lock.lock(vcpu);
    try {
      bus.writePort(port, size, value);
    } catch (RuntimeException | Error e) {
      events.deviceFailed(bus.nameAtPort(port), e);
    } finally {
      lock.unlock();
    }
  }

  long readMmio(int vcpu, long gpa, int size) {
    lock.lock(vcpu);
    try {
      return bus.readMmio(gpa, size);
    } catch (RuntimeException | Error e) {
      events.deviceFailed(bus.nameAt(gpa), e);
      return -1L >>> 64 - 8 * size;
    } finally {
      lock.unlock();
    }
  }

  void writeMmio(int vcpu, long gpa, int size, long value) {
    lock.lock(vcpu);
    try {
      bus.writeMmio(gpa, size, value);
    } catch (RuntimeException | Error e) {
      events.deviceFailed(bus.nameAt(gpa), e);
    } finally {
      lock.unlock();
    }
  }

  /** Runs {@code question} on the local APICs under the device lock; {@code otherwise} where there are none or they fail. */
  private <R> R ask(int vcpu, java.util.function.Function<LocalInterrupts, R> question, R otherwise) {
    lock.lock(vcpu);
    try {
      LocalInterrupts apics = localInterrupts.get();
      return apics == null ? otherwise : question.apply(apics);
    } catch (RuntimeException | Error e) {
      events.deviceFailed("local APIC", e);
      return otherwise;
    } finally {
      lock.unlock();
    }
  }

  int acknowledge(int vcpu) {
    lock.lock(vcpu);
    try {
      LocalInterrupts apics = localInterrupts.get();
      if (apics != null) {
        return apics.acknowledge(vcpu);
      }
      ExternalInterrupts pic = externalInterrupts.get();
      return pic == null || !pic.asserted() ? -1 : pic.acknowledge();
    } catch (RuntimeException | Error e) {
      events.deviceFailed("interrupt controller", e);
      return -1;
    } finally {
      lock.unlock();
    }
  }

  int taskPriority(int vcpu) {
    return ask(vcpu, a -> a.taskPriority(vcpu), 0);
  }

  void setTaskPriority(int vcpu, int priority) {
    ask(vcpu, a -> {
      a.setTaskPriority(vcpu, priority);
      return true;
    }, false);
  }

  boolean apicMsrReadable(int vcpu, int msr) {
    return ask(vcpu, a -> a.readable(vcpu, msr), false);
  }

  long readApicMsr(int vcpu, int msr) {
    return ask(vcpu, a -> a.readMsr(vcpu, msr), 0L);
  }

  boolean writeApicMsr(int vcpu, int msr, long value) {
    return ask(vcpu, a -> a.writeMsr(vcpu, msr, value), false);
  }

  boolean apicEnabled(int vcpu) {
    return ask(vcpu, a -> a.globallyEnabled(vcpu), false);
  }

  /** Tells the APIC that its processor took an INIT. */
  public void initReceived(int vcpu) {
    ask(vcpu, a -> {
      a.initReceived(vcpu);
      return true;
    }, false);
  }

  // ---- for device contexts --------------------------------------------------------------------------------------------------

  DeviceLock lock() {
    return lock;
  }

  MachineClock clock() {
    return clock;
  }

  Timers timers() {
    return timers;
  }

  Roles roles() {
    return roles;
  }

  IoBus bus() {
    return bus;
  }

  Lines lines() {
    return lines;
  }

  java.util.Collection<CharacterLine> allCharacters() {
    return characters.values();
  }

  MachineEvents events() {
    return events;
  }

  GuestMemory memory() {
    return memory;
  }

  VcpuSignals signals() {
    return signals;
  }

  Platform platform() {
    return platform;
  }
}
