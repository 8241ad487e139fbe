package annulus.device;

import org.osgi.annotation.versioning.ProviderType;

/** One interrupt line. Lines of several devices on one global system interrupt are wire-ORed. */
@ProviderType
public interface InterruptLine {
  void set(boolean asserted);

  /** A rising edge, then low again. */
  default void pulse() {
    set(true);
    set(false);
  }
}
