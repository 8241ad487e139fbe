package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.Machine;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;

/** A bundle is stopped under a running guest. */
class ProviderGoneIT {
  @RegisterExtension final Machines machines = new Machines();

  @ParameterizedTest @ValueSource(strings = {"annulus.engine.translator", "annulus.memory.direct"})
  void machineIsHeldWhileItsProviderIsGoneAndLosesNothing(String provider) throws Exception {
    Bundle bundle = Stream.of(Services.context().getBundles()).filter(b -> provider.equals(b.getSymbolicName())).findAny().orElseThrow();
    Machine machine = Linux.restored(machines, "orphan");
    try (SerialLine line = new SerialLine(machine)) {
      CountingLoop.start(line);
      bundle.stop();
      MachineStatus held;
      try {
        held = machine.await(Duration.ofSeconds(10));
        Thread.sleep(300);
        String output = line.all();
        Thread.sleep(300);
        assertEquals(output, line.all(), "nothing runs");
      } finally {
        bundle.start();
      }
      assertEquals(Phase.HELD, held.phase(), held::toString);
      assertEquals(Ending.PROVIDER_GONE, held.ending(), held::toString);
      String name = provider.substring(provider.lastIndexOf('.') + 1);
      assertTrue(held.reason().contains("\"" + name + "\""), held::toString);
      line.expect(CountingLoop.END);
      CountingLoop.assertComplete(line.all());
      assertEquals(Phase.RUNNING, machine.status().phase());
    }
  }
}
