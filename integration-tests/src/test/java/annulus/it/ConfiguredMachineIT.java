package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.Machine;
import annulus.machine.MachineService;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SwapReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** Machines that Config Admin defines. */
class ConfiguredMachineIT {
  private static final long LIMIT_NANOS = 20_000_000_000L;

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;

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

  @Test void changedConfigurationSwapsWhatCanBeSwappedUnderTheRunningGuest() throws Exception {
    MachineService service = machines.service();
    Configuration configuration = Services.get(ConfigurationAdmin.class).getFactoryConfiguration("annulus.machine", "configured", "?");
    // Checks itself for ever
    Map<String, String> properties = new TreeMap<>(Map.of("kernel", Programs.assembled(folder, "boundaries.bin").toString(),
        "loader", "raw", "loader.mode", "real", "memory", "1M", "device.testdev", "testdev", "autostart", "true", "engine", "interpreter"));
    try {
      configuration.update(new Hashtable<>(properties));
      Machine machine = await(service, true).orElseThrow();
      await(() -> machine.status().phase() == Phase.RUNNING);
      properties.put("engine", "translator");
      properties.put("device.pit", "pit");
      properties.put("memory", "2M");
      configuration.update(new Hashtable<>(properties));
      await(() -> machine.swaps().size() == 2);
      machine.swaps().forEach(r -> assertTrue(r.succeeded(), r::toString));
      assertEquals(Set.of("engine", "device.pit"), machine.swaps().stream().map(SwapReport::what).collect(Collectors.toSet()));
      assertEquals("translator", machine.spec().engine());
      assertEquals(1L << 20, machine.spec().memory(), "takes effect when the machine is defined anew");
      assertEquals(Phase.RUNNING, machine.status().phase());
      assertSame(machine, service.machine("configured").orElseThrow());
    } finally {
      configuration.delete();
    }
    assertTrue(await(service, false).isEmpty(), "a machine without its configuration");
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + LIMIT_NANOS;
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    assertTrue(condition.getAsBoolean());
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
