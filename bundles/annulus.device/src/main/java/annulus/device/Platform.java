package annulus.device;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Facts about the machine a device belongs to; constant for its life. */
@ProviderType
public interface Platform {
  /** Number of virtual processors; their APIC ids are 0 to this minus 1. */
  int processors();

  /** RAM ranges in ascending order: pairs of first address and size. */
  List<long[]> ram();

  /** Frequency of the processors' time-stamp counter in Hz. */
  long tscHz();

  /** Models of the machine's devices by device name, so that firmware tables describe what is there. */
  java.util.Map<String, String> devices();

  /** Wall-clock time of the guest's real-time clock when the machine was started, in seconds since 1970 UTC. */
  long epochSeconds();
}
