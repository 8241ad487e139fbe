package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import annulus.machine.Machine;
import annulus.machine.MachineEvent;
import annulus.machine.MachineStatus.Ending;
import annulus.machine.MachineStatus.Phase;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** Bundles updated in place under a running Linux: it goes on, and nothing of the old revision stays. */
class ProviderUpdateIT {
  /** System property: how many updates a test makes, for a longer proof than that of every build. */
  private static final String COUNT = "annulus.it.updates";
  private static final String ENGINES = "annulus.engine.";
  /** Some seconds: the translator's threads stay for one after their last task, in code that may name an old revision. */
  private static final int COLLECTIONS = 200;

  @RegisterExtension final Machines machines = new Machines();

  @ParameterizedTest
  @ValueSource(strings = {"annulus.engine.interpreter", "annulus.engine.translator", "annulus.memory.direct", "annulus.device.uart",
      "annulus.device.pic", "annulus.device.pit", "annulus.device.ioapic", "annulus.device.lapic"})
  void updatedProviderTakesOverAndItsOldClassesAreGone(String name) throws Exception {
    Bundle bundle = Stream.of(Services.context().getBundles()).filter(b -> name.equals(b.getSymbolicName())).findAny()
        .orElseGet(() -> abort("this distribution has no bundle " + name));
    List<WeakReference<ClassLoader>> old = new ArrayList<>();
    Machine machine = Linux.restored(machines, "updated");
    if (name.startsWith(ENGINES)) {
      machine.swap("engine", name.substring(ENGINES.length()));
    }
    List<Phase> phases = new CopyOnWriteArrayList<>();
    List<Ending> endings = new CopyOnWriteArrayList<>();
    machine.addListener(event -> {
      if (event instanceof MachineEvent.StateChanged s) {
        phases.add(s.to().phase());
        endings.add(s.to().ending());
      }
    });
    String digest = Digests.zeros(1 << 20) + "  -";
    int updates = Integer.getInteger(COUNT, 3);
    try (SerialLine line = new SerialLine(machine)) {
      // As long as the updates take: digests of a mebibyte, over and over, until a key is pressed
      line.run("");
      line.type("while ! read -t 0; do dd if=/dev/zero bs=64k count=16 2>/dev/null | sha256sum; done; echo enough was done\n");
      line.expect(digest + "\r\n");
      for (int i = 0; i < updates; i++) {
        WeakReference<ClassLoader> before = new WeakReference<>(loader(bundle));
        bundle.update();
        assertNotSame(before.get(), loader(bundle), "a new revision");
        assertEquals(Phase.RUNNING, machine.status().phase(), () -> machine.status().toString());
        old.add(before);
        Thread.sleep(20);
      }
      for (int i = 0; i < updates; i++) {
        assertEquals(List.of(Phase.HELD, Phase.RUNNING), phases.subList(2 * i, 2 * i + 2), phases::toString);
        assertEquals(Ending.PROVIDER_GONE, endings.get(2 * i));
      }
      // The updates can be over before the next round has begun, and a key pressed then would end the loop without one
      String written = line.expect(" -\r\n") + " -\n";
      line.type("\n");
      written += line.expect("\nenough was done");
      List<String> digests = written.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
      assertEquals(Set.of(digest), Set.copyOf(digests));
      line.run("");
      CountingLoop.start(line);
      line.expect(CountingLoop.END);
      CountingLoop.assertComplete(line.all());
    }
    // While the machine exists: it is what could hold on to them
    for (int i = 0; i < COLLECTIONS && left(old) > 0; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertEquals(0, left(old), "class loaders of " + updates + " old revisions still reachable");
    assertTrue(machines.service().machine("updated").isPresent());
  }

  private static ClassLoader loader(Bundle bundle) {
    return bundle.adapt(BundleWiring.class).getClassLoader();
  }

  private static long left(List<WeakReference<ClassLoader>> old) {
    return old.stream().filter(r -> r.get() != null).count();
  }
}
