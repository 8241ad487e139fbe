package annulus.device;

import org.osgi.annotation.versioning.ProviderType;

/** The machine's clock: monotonic nanoseconds since the machine was first started; stands still while it is held; survives save and restore. */
@ProviderType
public interface DeviceClock {
  long nanos();

  /** The time-stamp counter that corresponds to {@link #nanos()} at {@link Platform#tscHz()}, before any guest offset. */
  long tsc();
}
