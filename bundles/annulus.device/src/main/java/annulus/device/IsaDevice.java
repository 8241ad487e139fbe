package annulus.device;

import java.util.List;

/**
 * Role of a device at a fixed place that software cannot find by itself: firmware tables list it.
 *
 * @param name four characters, A-Z and 0-9, the first a letter; unique within the machine
 * @param hid Plug and Play identifier, for instance {@code PNP0501}
 * @param unit tells devices of one identifier apart
 * @param ports what it answers at
 * @param interrupts ISA interrupts it raises
 */
public record IsaDevice(String name, String hid, int unit, List<Ports> ports, List<Integer> interrupts) {
  /** Ports {@code first} to {@code first + count - 1}. */
  public record Ports(int first, int count) {}

  public IsaDevice {
    if (!name.matches("[A-Z][A-Z0-9]{3}") || !hid.matches("[A-Z]{3}[0-9A-F]{4}")) {
      throw new IllegalArgumentException(name + " or " + hid + " is not a four-character name and a PNP identifier");
    }
    ports = List.copyOf(ports);
    interrupts = List.copyOf(interrupts);
  }
}
