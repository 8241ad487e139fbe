package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A device's memory-mapped registers. */
@ConsumerType
public interface MmioRegion {
  /** Reads {@code size} (1, 2, 4 or 8) bytes, zero-extended, at {@code offset} from the start of the region. */
  long read(long offset, int size);

  /** Writes the low {@code size} bytes of {@code value}. */
  void write(long offset, int size, long value);
}
