package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.Machine;
import annulus.machine.MachineService;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import java.time.Duration;
import java.util.Hashtable;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** Machines that Config Admin defines. */
class ConfiguredMachineIT {
  private static final long LIMIT_NANOS = 20_000_000_000L;

  @RegisterExtension final Machines machines = new Machines();

  @Test void configurationDefinesAndStartsAMachineAndItsDeletionRemovesIt() throws Exception {
    MachineService service = machines.service();
    Configuration configuration = Services.get(ConfigurationAdmin.class).getFactoryConfiguration("annulus.machine", "configured", "?");
    try {
      configuration.update(new Hashtable<>(Map.of("image", "demo", "memory", "64M", "vendor", "amd", "autostart", "true")));
      Machine machine = await(service, true).orElseThrow();
      assertEquals(64L << 20, machine.spec().memory());
      MachineStatus end = machine.await(Duration.ofSeconds(60));
      assertEquals(Ending.POWER_OFF, end.ending(), end::toString);
    } finally {
      configuration.delete();
    }
    assertTrue(await(service, false).isEmpty(), "a machine without its configuration");
  }

  /** The machine, once it is there or once it is not. */
  private static Optional<Machine> await(MachineService service, boolean there) throws InterruptedException {
    long end = System.nanoTime() + LIMIT_NANOS;
    Optional<Machine> machine = service.machine("configured");
    while (machine.isPresent() != there && System.nanoTime() < end) {
      Thread.sleep(10);
      machine = service.machine("configured");
    }
    return machine;
  }
}
