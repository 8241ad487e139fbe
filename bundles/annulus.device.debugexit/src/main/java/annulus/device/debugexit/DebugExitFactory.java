package annulus.device.debugexit;

import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.DeviceOptions;
import annulus.device.ProvidesDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes the exit port of test programs. Option {@code port}: its first port, 0xF4 unless given. */
@Component(service = DeviceFactory.class)
@ProvidesDevice(device = "debugexit", platform = false)
public final class DebugExitFactory implements DeviceFactory {
  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    DeviceOptions o = new DeviceOptions(context.name(), options);
    int port = o.number("port", 0, 0xFFFC, 0xF4);
    o.finish();
    return new DebugExit(context, port);
  }
}
