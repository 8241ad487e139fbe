package annulus.device.hpet;

import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.DeviceOptions;
import annulus.device.ProvidesDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes the high-precision event timer. It has no options. */
@Component(service = DeviceFactory.class)
@ProvidesDevice(device = "hpet", platform = true)
public final class HpetFactory implements DeviceFactory {
  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    new DeviceOptions(context.name(), options).finish();
    return new Hpet(context);
  }
}
