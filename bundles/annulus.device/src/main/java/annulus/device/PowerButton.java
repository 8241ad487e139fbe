package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Role of the power-management hardware: asks the guest's operating system to shut down, as a short press of the button does. */
@ConsumerType
public interface PowerButton {
  void press();
}
