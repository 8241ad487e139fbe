package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.VcpuState;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.engine.Engine;
import annulus.engine.EngineCapability;
import annulus.engine.EngineException;
import annulus.engine.EngineProvider;
import annulus.engine.VcpuContext;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SwapReport;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.osgi.framework.ServiceRegistration;

/** Providers that fail in every way while they take over: the guest goes on with the old one, or is held with the reason. */
class FaultyProviderIT {
  private static final String COMPLAINT = "this plug-in is faulty";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Machines machines = new Machines();

  /** Where an engine fails. */
  private enum Fault {
    OPEN_REFUSES, OPEN_THROWS, RESTORE_REFUSES, RESTORE_THROWS, RESTORE_HANGS_UNTIL_INTERRUPTED, RUN_REFUSES, RUN_THROWS, RUN_HANGS,
    EXPORT_THROWS, EXPORT_HANGS, CLOSE_THROWS, LACKS_LONG_MODE
  }

  @ParameterizedTest
  @EnumSource(names = {"OPEN_REFUSES", "OPEN_THROWS", "RESTORE_REFUSES", "RESTORE_THROWS", "RESTORE_HANGS_UNTIL_INTERRUPTED", "LACKS_LONG_MODE"})
  void engineThatCannotTakeOverLeavesTheOldOneRunning(Fault fault) throws Exception {
    Machine machine = Linux.restored(machines, "unharmed");
    String before = machine.spec().engine();
    try (Faulty faulty = new Faulty(fault); SerialLine line = new SerialLine(machine)) {
      CountingLoop.start(line);
      MachineException refused = assertThrows(MachineException.class, () -> machine.swap("engine", "faulty"));
      assertEquals(Phase.RUNNING, machine.status().phase(), () -> machine.status().toString());
      assertEquals(before, machine.spec().engine());
      SwapReport report = machine.swaps().getLast();
      assertFalse(report.succeeded());
      assertEquals(1, report.generation());
      assertEquals(refused.getMessage(), report.reason());
      assertTrue(report.reason().contains(fault == Fault.LACKS_LONG_MODE ? "LONG_MODE" : COMPLAINT), report.reason());
      machine.swap("engine", "interpreter");
      line.expect(CountingLoop.END);
      CountingLoop.assertComplete(line.all());
    }
  }

  @ParameterizedTest @EnumSource(names = {"RUN_REFUSES", "RUN_THROWS"})
  void engineThatFailsToRunHoldsTheMachineWhichCanBeSavedAndGoesOnElsewhere(Fault fault) throws Exception {
    Machine machine = Linux.restored(machines, "failing");
    try (Faulty faulty = new Faulty(fault); SerialLine line = new SerialLine(machine)) {
      CountingLoop.start(line);
      machine.swap("engine", "faulty");
      MachineStatus status = machine.await(LIMIT);
      assertEquals(Phase.HELD, status.phase(), status::toString);
      assertEquals(Ending.FAULT, status.ending(), status::toString);
      assertTrue(status.reason().contains(COMPLAINT), status::toString);
      VcpuState state = machine.vcpu(0);
      assertTrue(state.general() != null && state.general().rip() != 0, "its state can be seen");
    }
  }

  @Test void engineThatDoesNotStopIsReportedAndGoesOn() throws Exception {
    Machine machine = Linux.restored(machines, "endless");
    try (Faulty faulty = new Faulty(Fault.RUN_HANGS)) {
      machine.swap("engine", "faulty");
      faulty.awaitHanging();
      MachineException refused = assertThrows(MachineException.class, () -> machine.swap("engine", "interpreter"));
      assertEquals(MachineException.Reason.TIMEOUT, refused.reason(), refused::getMessage);
      assertEquals(Phase.RUNNING, machine.status().phase());
      assertFalse(machine.swaps().getLast().succeeded());
      faulty.release();
      machine.swap("engine", "interpreter");
      assertAnswers(machine);
    }
  }

  @Test void engineThatThrowsOnExportKeepsItsGuest() throws Exception {
    Machine machine = Linux.restored(machines, "kept");
    try (Faulty faulty = new Faulty(Fault.EXPORT_THROWS)) {
      machine.swap("engine", "faulty");
      MachineException refused = assertThrows(MachineException.class, () -> machine.swap("engine", "interpreter"));
      assertTrue(String.valueOf(refused.getMessage()).contains(COMPLAINT), refused::getMessage);
      assertAnswers(machine);
      faulty.release();
      machine.swap("engine", "interpreter");
      assertAnswers(machine);
    }
  }

  @Test void engineThatHangsOnExportHoldsTheMachineWithTheReason() throws Exception {
    Machine machine = Linux.restored(machines, "hanging");
    try (Faulty faulty = new Faulty(Fault.EXPORT_HANGS)) {
      machine.swap("engine", "faulty");
      MachineException refused = assertThrows(MachineException.class, () -> machine.swap("engine", "interpreter"));
      assertEquals(MachineException.Reason.TIMEOUT, refused.reason(), refused::getMessage);
      MachineStatus status = machine.status();
      assertEquals(Phase.HELD, status.phase(), status::toString);
      assertTrue(status.reason().contains("processor 0 hangs"), status::toString);
      assertFalse(machine.swaps().getLast().succeeded());
    }
  }

  @Test void engineThatFailsToCloseIsLeftBehind() throws Exception {
    Machine machine = Linux.restored(machines, "closed");
    try (Faulty faulty = new Faulty(Fault.CLOSE_THROWS)) {
      machine.swap("engine", "faulty");
      assertTrue(machine.swap("engine", "interpreter").succeeded());
      assertAnswers(machine);
    }
  }

  @Test void engineUninstalledInTheMiddleOfItsTakeoverIsReplacedByAnotherOfUsersChoice() throws Exception {
    Machine machine = Linux.restored(machines, "midway");
    try (SerialLine line = new SerialLine(machine)) {
      CountingLoop.start(line);
      CompletableFuture<Void> gone = new CompletableFuture<>();
      Faulty[] faulty = new Faulty[1];
      // Unregistered while its first engine is being opened: the service goes before the swap has ended
      faulty[0] = new Faulty(null, () -> {
        CountDownLatch started = new CountDownLatch(1);
        Thread.ofPlatform().start(() -> {
          started.countDown();
          faulty[0].unregister();
          gone.complete(null);
        });
        started.await();
        Thread.sleep(50);
      });
      machine.swap("engine", "faulty");
      gone.get(30, TimeUnit.SECONDS);
      MachineStatus status = machine.status();
      assertEquals(Phase.HELD, status.phase(), status::toString);
      assertEquals(Ending.PROVIDER_GONE, status.ending(), status::toString);
      assertTrue(status.reason().contains("\"faulty\""), status::toString);
      assertTrue(machine.swap("engine", "interpreter").succeeded());
      assertEquals(Phase.RUNNING, machine.status().phase());
      line.expect(CountingLoop.END);
      CountingLoop.assertComplete(line.all());
    }
  }

  @Test void pausedMachineWhoseProviderWentAndCameIsPausedAgain() throws Exception {
    Machine machine = Linux.restored(machines, "paused");
    Faulty healthy = new Faulty(null, () -> { });
    machine.swap("engine", "faulty");
    machine.pause();
    healthy.unregister();
    assertEquals(Ending.PROVIDER_GONE, machine.status().ending(), () -> machine.status().toString());
    try (Faulty again = new Faulty(null, () -> { })) {
      assertEquals(Phase.PAUSED, machine.status().phase(), () -> machine.status().toString());
      machine.resume();
      assertAnswers(machine);
      machine.swap("engine", "interpreter");
    }
  }

  @Test void deviceOfANewerStateSchemaRefusesAndTheOldOneGoesOn() throws Exception {
    Machine machine = Linux.restored(machines, "schema");
    DeviceFactory real = Services.get(DeviceFactory.class, "(" + DeviceFactory.MODEL + "=uart)");
    ServiceRegistration<DeviceFactory> newer = Services.context().registerService(DeviceFactory.class, new NewerSchema(real),
        new Hashtable<>(Map.of(DeviceFactory.MODEL, "uart-next", DeviceFactory.PLATFORM, false)));
    try (SerialLine line = new SerialLine(machine)) {
      CountingLoop.start(line);
      String uart = machine.providers().stream().filter(p -> p.details().equals("uart")).findFirst().orElseThrow().name();
      MachineException refused = assertThrows(MachineException.class, () -> machine.swap("device." + uart, "uart-next"));
      assertTrue(String.valueOf(refused.getMessage()).contains("schema 2"), refused::getMessage);
      assertEquals(refused.getMessage(), machine.swaps().getLast().reason());
      assertEquals(Phase.RUNNING, machine.status().phase());
      line.expect(CountingLoop.END);
      CountingLoop.assertComplete(line.all());
    } finally {
      newer.unregister();
    }
  }

  private static void assertAnswers(Machine machine) throws Exception {
    try (SerialLine line = new SerialLine(machine, false)) {
      line.run("");
      assertEquals("42", line.run("echo $((6 * 7))"));
    }
  }

  private interface Step {
    void run() throws InterruptedException;
  }

  /** An engine called {@code faulty}: the interpreter, but for its fault. */
  private static final class Faulty implements EngineProvider, AutoCloseable {
    private final EngineProvider real = Services.get(EngineProvider.class, "(" + EngineProvider.NAME + "=interpreter)");
    private final @org.jspecify.annotations.Nullable Fault fault;
    private final Step onOpen;
    private final CountDownLatch healthy = new CountDownLatch(1);
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final ServiceRegistration<EngineProvider> registration;

    Faulty(Fault fault) {
      this(fault, () -> { });
    }

    Faulty(@org.jspecify.annotations.Nullable Fault fault, Step onOpen) {
      this.fault = fault;
      this.onOpen = onOpen;
      registration = Services.context().registerService(EngineProvider.class, this,
          new Hashtable<>(Map.of(EngineProvider.NAME, "faulty")));
    }

    void unregister() {
      registration.unregister();
    }

    /** Has no fault any more. */
    void release() {
      healthy.countDown();
    }

    @Override public void close() {
      release();
      registration.unregister();
    }

    private boolean has(Fault f) {
      return fault == f && healthy.getCount() > 0;
    }

    /** Waits until it hangs: before, a processor that has not come to its engine yet can still be stopped. */
    void awaitHanging() throws InterruptedException {
      assertTrue(hanging.await(LIMIT.toSeconds(), TimeUnit.SECONDS), "the engine has come to hang");
    }

    /** Until {@link #release}. */
    private void hang() {
      hanging.countDown();
      boolean released = false;
      while (!released) {
        try {
          released = healthy.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
          // This one does not listen
        }
      }
    }

    @Override public Set<EngineCapability> capabilities() {
      return has(Fault.LACKS_LONG_MODE) ? EnumSet.complementOf(EnumSet.of(EngineCapability.LONG_MODE)) : real.capabilities();
    }

    @Override public Engine open(VcpuContext context) throws EngineException {
      if (has(Fault.OPEN_REFUSES)) {
        throw new EngineException(EngineException.Reason.HOST, COMPLAINT);
      }
      if (has(Fault.OPEN_THROWS)) {
        throw new AssertionError(COMPLAINT);
      }
      try {
        onOpen.run();
      } catch (InterruptedException e) {
        throw new EngineException(EngineException.Reason.HOST, "interrupted", e);
      }
      Engine engine = real.open(context);
      return new Engine() {
        @Override public int run(long budget) throws EngineException {
          if (has(Fault.RUN_REFUSES)) {
            throw new EngineException(EngineException.Reason.DEFECT, COMPLAINT);
          }
          if (has(Fault.RUN_THROWS)) {
            throw new AssertionError(COMPLAINT);
          }
          if (has(Fault.RUN_HANGS)) {
            hang();
          }
          return engine.run(budget);
        }

        @Override public long instructions() {
          return engine.instructions();
        }

        @Override public VcpuState export(int groups) {
          if (has(Fault.EXPORT_THROWS)) {
            throw new IllegalStateException(COMPLAINT);
          }
          if (has(Fault.EXPORT_HANGS)) {
            hang();
          }
          return engine.export(groups);
        }

        @Override public void restore(VcpuState state) throws StateException {
          if (has(Fault.RESTORE_REFUSES)) {
            throw new StateException(COMPLAINT);
          }
          if (has(Fault.RESTORE_THROWS)) {
            throw new StackOverflowError(COMPLAINT);
          }
          if (has(Fault.RESTORE_HANGS_UNTIL_INTERRUPTED)) {
            try {
              Thread.sleep(Duration.ofMinutes(1));
            } catch (InterruptedException e) {
              throw new StateException(COMPLAINT, e);
            }
          }
          engine.restore(state);
        }

        @Override public void flush() {
          engine.flush();
        }

        @Override public long translate(long linear) {
          return engine.translate(linear);
        }

        @Override public Map<String, Long> counters() {
          return engine.counters();
        }

        @Override public void close() {
          engine.close();
          if (has(Fault.CLOSE_THROWS)) {
            throw new IllegalStateException(COMPLAINT);
          }
        }
      };
    }
  }

  /** Makes devices that are of a later version and read only their own state. */
  private record NewerSchema(DeviceFactory real) implements DeviceFactory {
    @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
      Device device = real.create(context, options);
      return new Device() {
        @Override public void start() {
          device.start();
        }

        @Override public void pause() {
          device.pause();
        }

        @Override public void resume() {
          device.resume();
        }

        @Override public void reset() {
          device.reset();
        }

        @Override public void halt() {
          device.halt();
        }

        @Override public DeviceState export() {
          return device.export();
        }

        @Override public void restore(DeviceState state) throws StateException {
          throw new StateException("state of version " + state.version() + " where schema 2 is needed");
        }
      };
    }
  }
}
