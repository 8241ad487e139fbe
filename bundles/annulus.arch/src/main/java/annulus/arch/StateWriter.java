package annulus.arch;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes named fields of a device's state; {@link StateReader} reads them back by name, in any order. */
public final class StateWriter {
  static final int LONG = 'l';
  static final int BYTES = 'b';
  static final int LONGS = 'a';
  static final int STRING = 's';

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  /** Writes an integer of up to 64 bits, or a boolean as 0 and 1. */
  public StateWriter put(String name, long value) {
    return field(name, LONG, o -> o.writeLong(value));
  }

  public StateWriter put(String name, boolean value) {
    return put(name, value ? 1 : 0);
  }

  public StateWriter put(String name, byte[] value) {
    return field(name, BYTES, o -> {
      o.writeInt(value.length);
      o.write(value);
    });
  }

  public StateWriter put(String name, long[] value) {
    return field(name, LONGS, o -> {
      o.writeInt(value.length);
      for (long v : value) {
        o.writeLong(v);
      }
    });
  }

  public StateWriter put(String name, int[] value) {
    long[] wide = new long[value.length];
    for (int i = 0; i < value.length; i++) {
      wide[i] = value[i];
    }
    return put(name, wide);
  }

  public StateWriter put(String name, String value) {
    return field(name, STRING, o -> o.writeUTF(value));
  }

  /** The state written so far. */
  public DeviceState toState(String schema, int version) {
    return new DeviceState(schema, version, bytes.toByteArray());
  }

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private StateWriter field(String name, int type, Body body) {
    try {
      out.writeUTF(name);
      out.writeByte(type);
      body.write(out);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
  }
}
