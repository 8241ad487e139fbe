package annulus.machine;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Learns of a machine's events. Called on a monitor thread; must not block. One that is registered as an OSGi service learns of those
 * of every machine.
 */
@ConsumerType
public interface MachineListener {
  void event(MachineEvent event);
}
