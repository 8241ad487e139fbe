package annulus.core;

import annulus.machine.MachineEvent;
import annulus.machine.MachineEvent.Fault;
import annulus.machine.MachineEvent.Reset;
import annulus.machine.MachineEvent.StateChanged;
import annulus.machine.MachineEvent.Swapped;
import annulus.machine.MachineListener;
import annulus.machine.MachineStatus;
import annulus.machine.SwapReport;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

/**
 * Posts what happens to machines as OSGi events, where there is an EventAdmin. All have the property {@code machine}, its name.
 *
 * <pre>
 * annulus/machine/STATE   phase, from, ending, reason, exit.status
 * annulus/machine/RESET   reason
 * annulus/machine/SWAP    what, from, to, succeeded, reason, generation, pause (nanoseconds), instructions
 * annulus/machine/FAULT   source, message
 * </pre>
 */
@Component
public final class EventTopics implements MachineListener {
  private static final String TOPIC = "annulus/machine/";

  private final EventAdmin admin;

  @Activate
  public EventTopics(@Reference EventAdmin admin) {
    this.admin = admin;
  }

  @Override public void event(MachineEvent event) {
    admin.postEvent(switch (event) {
      case StateChanged e -> state(e.machine(), e.from(), e.to());
      case Reset e -> new Event(TOPIC + "RESET", Map.of("machine", e.machine(), "reason", e.reason()));
      case Swapped e -> swap(e.machine(), e.report());
      case Fault e -> new Event(TOPIC + "FAULT", Map.of("machine", e.machine(), "source", e.source(), "message", e.message()));
    });
  }

  private static Event state(String machine, MachineStatus from, MachineStatus to) {
    return new Event(TOPIC + "STATE", Map.of("machine", machine, "phase", to.phase().name(), "from", from.phase().name(),
        "ending", to.ending().name(), "reason", to.reason(), "exit.status", to.exitStatus()));
  }

  private static Event swap(String machine, SwapReport r) {
    return new Event(TOPIC + "SWAP", Map.of("machine", machine, "what", r.what(), "from", r.from(), "to", r.to(),
        "succeeded", r.succeeded(), "reason", r.reason(), "generation", r.generation(), "pause", r.pause().toNanos(),
        "instructions", r.instructions()));
  }
}
