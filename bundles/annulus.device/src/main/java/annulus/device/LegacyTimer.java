package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Role of the 8254 and the real-time clock, whose interrupt lines an HPET can take over (IA-PC HPET 1.0a 2.3.4, legacy replacement). */
@ConsumerType
public interface LegacyTimer {
  /** Whether the HPET drives the line now: then the device must leave it low. */
  void replaced(boolean byHpet);
}
