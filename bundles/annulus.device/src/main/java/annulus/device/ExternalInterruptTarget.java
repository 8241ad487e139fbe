package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Role of whoever is wired to the INTR output of the 8259 pair (the local APICs, LINT0 of each). */
@ConsumerType
public interface ExternalInterruptTarget {
  void externalInterruptChanged(boolean asserted);
}
