package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A device's I/O ports. An access that crosses into another region is split by the bus into single bytes. */
@ConsumerType
public interface PortRegion {
  /** Reads {@code size} (1, 2 or 4) bytes at absolute port {@code port}, zero-extended. */
  int read(int port, int size);

  /** Writes the low {@code size} bytes of {@code value}. */
  void write(int port, int size, int value);
}
