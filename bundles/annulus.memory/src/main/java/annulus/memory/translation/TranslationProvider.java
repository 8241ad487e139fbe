package annulus.memory.translation;

import annulus.memory.GuestMemory;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A memory-translation strategy. Providers register it as a service with the property {@link #NAME}; a machine selects by that
 * name. The factory is a singleton; what it opens belongs to one virtual processor and never enters the service registry.
 */
@ConsumerType
public interface TranslationProvider {
  /** Service property: the strategy's name, for instance {@code direct}. */
  String NAME = "annulus.translation";

  /**
   * Opens the strategy for one virtual processor.
   *
   * @param physicalBits width of guest-physical addresses in bits, 36 to 52: bits above it are reserved in table entries
   */
  Translation open(GuestMemory memory, int physicalBits);
}
