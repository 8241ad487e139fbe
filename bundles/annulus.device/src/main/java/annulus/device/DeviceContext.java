package annulus.device;

import org.osgi.annotation.versioning.ProviderType;

/** What a machine offers to one of its devices. Claims end with the device. */
@ProviderType
public interface DeviceContext {
  /** The device's name within the machine, for instance {@code uart0}. */
  String name();

  /** Claims the I/O ports {@code first} to {@code first + count - 1}. @throws DeviceException when another device has one of them */
  void ports(int first, int count, PortRegion region) throws DeviceException;

  /** Claims guest-physical addresses, whole bytes, not RAM. @throws DeviceException when any is taken */
  void mmio(long gpa, long size, MmioRegion region) throws DeviceException;

  /** Gives a claimed port range or MMIO range back, for devices whose guest can move them. */
  void release(Object region);

  /** The line of a global system interrupt (ACPI 5.2.12), 0-23: wired to every interrupt controller of the machine. */
  InterruptLine line(int gsi);

  /** Offers a role that other devices or the machine look up, for instance {@link InterruptSink}. */
  <T> void provide(Class<T> role, T implementation);

  /** Whoever offers a role, now or later. */
  <T> Role<T> role(Class<T> role);

  /** A timer on the machine's clock; it stands still while the machine is held. */
  DeviceTimer timer(Runnable expiry);

  /** The machine's clock. */
  DeviceClock clock();

  /** The only way of this device to guest memory. */
  DmaPort dma();

  /** The virtual processors, for interrupt controllers. */
  VcpuSignals vcpus();

  /** The index of the virtual processor whose access the device is serving, or -1 when no processor is accessing. */
  int currentVcpu();

  /** The character back end called {@code id}, for instance {@code serial0}: the other end of a serial line or keyboard. */
  CharacterPort characters(String id);

  /** Power-off, reset and the like. */
  MachineControl machine();

  /** Facts about the machine. */
  Platform platform();
}
