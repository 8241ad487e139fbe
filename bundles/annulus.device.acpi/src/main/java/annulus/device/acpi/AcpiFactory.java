package annulus.device.acpi;

import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.DeviceOptions;
import annulus.device.ProvidesDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** Makes ACPI's fixed hardware and tables. Option {@code timer}: {@code 32} (default) or {@code 24}, bits of the PM timer. */
@Component(service = DeviceFactory.class)
@ProvidesDevice(device = "acpi", platform = true)
public final class AcpiFactory implements DeviceFactory {
  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    DeviceOptions o = new DeviceOptions(context.name(), options);
    int timerBits = Integer.parseInt(o.choice("timer", "32", "24"));
    o.finish();
    return new Acpi(context, timerBits);
  }
}
