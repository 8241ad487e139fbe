package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.SwapReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;

/** What happens to machines is posted as OSGi events, and swaps are recorded by JDK Flight Recorder. */
class MachineEventsIT {
  private static final String TOPICS = "annulus/machine/";

  @RegisterExtension final Machines machines = new Machines();
  @TempDir Path folder;
  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();

  @Test void statesSwapsResetsAndFaultsArePosted() throws Exception {
    Services.get(EventAdmin.class);
    ServiceRegistration<EventHandler> handler = Services.context().registerService(EventHandler.class, events::add,
        new Hashtable<>(Map.of(EventConstants.EVENT_TOPIC, TOPICS + "*")));
    try {
      Machine machine = machines.start("told", "kernel", Programs.stop(folder).toString(), "loader", "raw", "loader.mode", "real", "memory", "1M");
      expect("STATE", Map.of("machine", "told", "from", "DEFINED", "phase", "CREATED"));
      expect("STATE", Map.of("from", "CREATED", "phase", "RUNNING", "ending", "NONE"));
      SwapReport report = machine.swap("engine", "interpreter");
      expect("SWAP", Map.of("machine", "told", "what", "engine", "succeeded", true, "generation", 2, "pause", report.pause().toNanos(),
          "to", report.to()));
      assertThrows(MachineException.class, () -> machine.swap("device.pit", "uart"));
      expect("SWAP", Map.of("what", "device.pit", "succeeded", false, "generation", 2));
      machine.reset();
      expect("RESET", Map.of("machine", "told"));
      expect("STATE", Map.of("from", "RUNNING", "phase", "RUNNING"));
      Machine failing = machines.start("failing", "kernel", Programs.tripleFault(folder).toString(),
          "loader", "raw", "loader.mode", "real", "memory", "1M");
      failing.await(Duration.ofSeconds(30));
      // The starter's thread and the supervisor's post side by side: Event Admin keeps the order of each only.
      List<Event> told = List.of(next(), next(), next(), next());
      assertTrue(told.stream().allMatch(e -> "failing".equals(e.getProperty("machine"))), told::toString);
      assertEquals(List.of("CREATED", "RUNNING", "HELD"), told.stream().filter(e -> e.getTopic().equals(TOPICS + "STATE"))
          .map(e -> String.valueOf(e.getProperty("phase"))).sorted(Comparator.comparing(List.of("CREATED", "RUNNING", "HELD")::indexOf)).toList());
      Event fault = told.stream().filter(e -> e.getTopic().equals(TOPICS + "FAULT")).findFirst().orElseThrow();
      assertEquals("vcpu0", fault.getProperty("source"));
      assertTrue(String.valueOf(fault.getProperty("message")).contains("triple fault"), fault::toString);
    } finally {
      handler.unregister();
    }
  }

  @Test void swapsAreInAFlightRecording() throws Exception {
    Path file = folder.resolve("swaps.jfr");
    Machine machine = machines.start("recorded", "kernel", Programs.stop(folder).toString(), "loader", "raw", "loader.mode", "real", "memory", "1M");
    SwapReport report;
    try (Recording recording = new Recording()) {
      recording.enable("annulus.Swap");
      recording.start();
      report = machine.swap("translation", "direct");
      recording.dump(file);
    }
    List<RecordedEvent> swaps = RecordingFile.readAllEvents(file).stream().filter(e -> e.getEventType().getName().equals("annulus.Swap")).toList();
    assertEquals(1, swaps.size(), swaps::toString);
    assertEquals("recorded", swaps.getFirst().getString("machine"));
    assertEquals("translation", swaps.getFirst().getString("what"));
    assertEquals(report.pause(), swaps.getFirst().getDuration("pause"));
  }

  private Event next() throws InterruptedException {
    Event event = events.poll(30, TimeUnit.SECONDS);
    assertTrue(event != null, "no further event");
    return event;
  }

  /** The next event must be this one. */
  private Event expect(String topic, Map<String, Object> properties) throws InterruptedException {
    Event event = events.poll(30, TimeUnit.SECONDS);
    assertTrue(event != null, () -> "no event " + topic + " " + properties);
    assertEquals(TOPICS + topic, event.getTopic(), event::toString);
    properties.forEach((key, value) -> assertEquals(value, event.getProperty(key), () -> key + " of " + event));
    return event;
  }
}
