package annulus.device.lapic;

import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.DeviceOptions;
import annulus.device.ProvidesDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes the local APICs of all processors. It has no options. */
@Component(service = DeviceFactory.class)
@ProvidesDevice(device = "lapic", platform = true)
public final class LocalApicsFactory implements DeviceFactory {
  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    new DeviceOptions(context.name(), options).finish();
    return new LocalApics(context);
  }
}
