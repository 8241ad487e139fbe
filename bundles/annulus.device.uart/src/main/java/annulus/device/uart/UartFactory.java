package annulus.device.uart;

import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceFactory;
import annulus.device.DeviceOptions;
import annulus.device.ProvidesDevice;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Makes serial ports. The number at the end of the device's name says which: {@code uart} and {@code uart0} are COM1, {@code uart1}
 * to {@code uart3} COM2 to COM4. Options {@code port}, {@code irq} and {@code characters} (the back end, {@code serial0} for COM1)
 * override what follows from that; {@code rate=real} sends and receives no faster than the line the guest has set.
 */
@Component(service = DeviceFactory.class)
@ProvidesDevice(device = "uart", platform = true)
public final class UartFactory implements DeviceFactory {
  private static final int[] PORTS = {0x3F8, 0x2F8, 0x3E8, 0x2E8};
  private static final int[] IRQS = {4, 3, 4, 3};

  @Override public Device create(DeviceContext context, Map<String, String> options) throws DeviceException {
    int digit = context.name().charAt(context.name().length() - 1) - '0';
    int number = digit >= 0 && digit < PORTS.length ? digit : 0;
    DeviceOptions o = new DeviceOptions(context.name(), options);
    int port = o.number("port", 0, 0xFFF8, PORTS[number]);
    int irq = o.number("irq", 1, 15, IRQS[number]);
    String characters = o.text("characters", "serial" + number);
    boolean real = o.choice("rate", "none", "real").equals("real");
    o.finish();
    return new Uart(context, number, port, irq, characters, real);
  }
}
