package annulus.device.reset;

import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.DeviceOptions;
import annulus.device.ProvidesDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes the PC's reset ports. It has no options. */
@Component(service = DeviceFactory.class)
@ProvidesDevice(device = "reset", platform = true)
public final class ResetPortsFactory implements DeviceFactory {
  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    new DeviceOptions(context.name(), options).finish();
    return new ResetPorts(context);
  }
}
