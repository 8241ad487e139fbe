package annulus.device;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A device model: creates devices for machines. Registered as a singleton service with the properties {@link #MODEL} and, where
 * every PC has one, {@link #PLATFORM}.
 */
@ConsumerType
public interface DeviceFactory {
  /** Service property: the model's name, for instance {@code uart16550}. */
  String MODEL = "annulus.device";
  /** Boolean service property: every machine gets one of these unless its specification says otherwise. */
  String PLATFORM = "annulus.platform";

  /**
   * Creates a device and claims its regions, lines and roles from {@code context}. The device is in reset state and does nothing
   * until it is started.
   *
   * @param options the user's settings for this device, for instance {@code port=0x2f8}
   * @throws DeviceException when an option is unknown or out of range, or a region is taken; what was claimed is released
   */
  Device create(DeviceContext context, Map<String, String> options) throws DeviceException;
}
