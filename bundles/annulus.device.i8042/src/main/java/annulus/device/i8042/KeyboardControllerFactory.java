package annulus.device.i8042;

import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.DeviceOptions;
import annulus.device.ProvidesDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Makes the PC's keyboard controller with a keyboard. Option {@code aux}: {@code none} (default) or {@code mouse}, what is on its
 * second port.
 */
@Component(service = DeviceFactory.class)
@ProvidesDevice(device = "i8042", platform = true)
public final class KeyboardControllerFactory implements DeviceFactory {
  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    DeviceOptions o = new DeviceOptions(context.name(), options);
    boolean mouse = o.choice("aux", "none", "mouse").equals("mouse");
    o.finish();
    return new KeyboardController(context, mouse);
  }
}
