package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Role of the 8259 pair: the INTR output and the acknowledge cycle. */
@ConsumerType
public interface ExternalInterrupts {
  /** Whether INTR is asserted. */
  boolean asserted();

  /** Acknowledges: the vector of the interrupt of highest priority, or the spurious vector when none is left. */
  int acknowledge();
}
