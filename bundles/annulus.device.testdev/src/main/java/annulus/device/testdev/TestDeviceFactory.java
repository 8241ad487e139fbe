package annulus.device.testdev;

import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.DeviceOptions;
import annulus.device.ProvidesDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes the test machine's device. It has no options. */
@Component(service = DeviceFactory.class)
@ProvidesDevice(device = "testdev", platform = false)
public final class TestDeviceFactory implements DeviceFactory {
  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    new DeviceOptions(context.name(), options).finish();
    return new TestDevice(context);
  }
}
