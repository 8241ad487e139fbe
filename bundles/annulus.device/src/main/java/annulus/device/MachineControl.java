package annulus.device;

import org.osgi.annotation.versioning.ProviderType;

/** What a device can do to its machine. Takes effect once the current access is over. */
@ProviderType
public interface MachineControl {
  /** Soft power-off, as ACPI S5. */
  void powerOff(String reason);

  /** Full reset, as the RESET line. */
  void reset(String reason);

  /** Ends the machine with an exit status for the process that runs it, 0-255: for test devices. */
  void exit(int status, String reason);
}
