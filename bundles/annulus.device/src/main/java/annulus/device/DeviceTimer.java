package annulus.device;

import org.osgi.annotation.versioning.ProviderType;

/** A one-shot timer on the machine's clock. Its expiry runs once, under the device lock, at or shortly after the deadline. */
@ProviderType
public interface DeviceTimer {
  /** Sets or moves the deadline, in nanoseconds of {@link DeviceClock#nanos()}; one in the past fires at once. */
  void at(long nanos);

  void cancel();
}
