package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.DeviceState;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.PortRegion;
import annulus.machine.Machine;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.ServiceRegistration;

/** Machines side by side: what befalls one is the others' nothing. */
class ManyMachinesIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int PORT = 0x300;
  private static final String COMPLAINT = "this plug-in cannot count to two";

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;

  @Test void oneThatFailsIsHeldWithTheReasonAndTheOthersRunOn() throws Exception {
    ServiceRegistration<DeviceFactory> plugin = Services.context().registerService(DeviceFactory.class, new Faulty(),
        new Hashtable<>(Map.of(DeviceFactory.MODEL, "faulty", DeviceFactory.PLATFORM, false)));
    try {
      List<Machine> others = List.of(machines.define("first", "image", "demo"), machines.define("second", "image", "demo", "vendor", "amd"));
      for (Machine m : others) {
        m.start();
      }
      Machine tripleFault = machines.start("triple-fault", "kernel", Programs.tripleFault(folder).toString(),
          "loader", "raw", "loader.mode", "real", "memory", "1M");
      Machine failing = machines.start("failing", "kernel", Programs.portWrite(folder, PORT).toString(),
          "loader", "raw", "loader.mode", "real", "memory", "1M", "device.bad", "faulty");

      MachineStatus first = tripleFault.await(LIMIT);
      assertEquals(Phase.HELD, first.phase(), first::toString);
      assertEquals(Ending.TRIPLE_FAULT, first.ending(), first::toString);
      assertTrue(first.reason().contains("processor 0"), first::toString);
      assertEquals(0x7C05, tripleFault.vcpu(0).general().rip(), "held where it failed, to be looked at");

      MachineStatus second = failing.await(LIMIT);
      assertEquals(Phase.HELD, second.phase(), second::toString);
      assertEquals(Ending.FAULT, second.ending(), second::toString);
      assertTrue(second.reason().contains("bad") && second.reason().contains(COMPLAINT), second::toString);

      for (Machine m : others) {
        MachineStatus end = m.await(LIMIT);
        assertEquals(Ending.POWER_OFF, end.ending(), () -> m.name() + ": " + end);
      }
    } finally {
      plugin.unregister();
    }
  }

  @Test void machineThatWasHeldRunsAgainAfterAReset() throws Exception {
    Machine machine = machines.start("triple-fault", "kernel", Programs.tripleFault(folder).toString(),
        "loader", "raw", "loader.mode", "real", "memory", "1M");
    assertEquals(Ending.TRIPLE_FAULT, machine.await(LIMIT).ending());
    machine.reset();
    MachineStatus again = machine.await(LIMIT);
    assertEquals(Ending.TRIPLE_FAULT, again.ending(), again::toString);
    assertEquals(1, machine.statistics().get("machine.resets"));
  }

  /** Makes a device that fails when it is written to. */
  private static final class Faulty implements DeviceFactory {
    @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
      context.ports(PORT, 1, new PortRegion() {
        @Override public int read(int port, int size) {
          return 0;
        }

        @Override public void write(int port, int size, int value) {
          throw new IllegalStateException(COMPLAINT);
        }
      });
      return new Device() {
        @Override public void start() {}

        @Override public void pause() {}

        @Override public void resume() {}

        @Override public void reset() {}

        @Override public void halt() {}

        @Override public DeviceState export() {
          return new DeviceState("annulus.it.faulty", 1, new byte[0]);
        }

        @Override public void restore(DeviceState state) {}
      };
    }
  }
}
