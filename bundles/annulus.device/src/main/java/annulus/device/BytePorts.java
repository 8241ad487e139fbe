package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Ports of a device with an 8-bit data bus: a wider access becomes byte accesses at ascending ports, as on the ISA bus. */
@ConsumerType
public interface BytePorts extends PortRegion {
  /** Reads the byte at absolute port {@code port}, 0-255. */
  int readByte(int port);

  /** Writes {@code value}, 0-255. */
  void writeByte(int port, int value);

  @Override default int read(int port, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      value |= (readByte(port + i) & 0xFF) << 8 * i;
    }
    return value;
  }

  @Override default void write(int port, int size, int value) {
    for (int i = 0; i < size; i++) {
      writeByte(port + i, value >> 8 * i & 0xFF);
    }
  }
}
