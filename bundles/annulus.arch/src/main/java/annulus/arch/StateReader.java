package annulus.arch;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads what {@link StateWriter} wrote. Payloads come from files and other versions: every field is checked for presence,
 * type and range, and {@link #finish()} refuses a payload with fields that nobody read.
 */
public final class StateReader {
  private final String schema;
  private final Map<String, Object> fields = new LinkedHashMap<>();

  StateReader(String schema, byte[] payload) throws StateException {
    this.schema = schema;
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload))) {
      while (in.available() > 0) {
        String name = in.readUTF();
        if (fields.put(name, value(name, in)) != null) {
          throw new StateException("field " + name + " of " + schema + " appears twice");
        }
      }
    } catch (IOException e) {
      throw new StateException("state of " + schema + " is damaged or cut short", e);
    }
  }

  private Object value(String name, DataInputStream in) throws IOException, StateException {
    int type = in.readUnsignedByte();
    return switch (type) {
      case StateWriter.LONG -> in.readLong();
      case StateWriter.STRING -> in.readUTF();
      case StateWriter.BYTES -> in.readNBytes(count(name, in, 1));
      case StateWriter.LONGS -> {
        long[] a = new long[count(name, in, Long.BYTES)];
        for (int i = 0; i < a.length; i++) {
          a[i] = in.readLong();
        }
        yield a;
      }
      default -> throw new StateException("field " + name + " of " + schema + " has unknown type " + type);
    };
  }

  private int count(String name, DataInputStream in, int size) throws IOException, StateException {
    int n = in.readInt();
    if (n < 0 || (long) n * size > in.available()) {
      throw new StateException("field " + name + " of " + schema + " claims " + n + " elements, more than the state holds");
    }
    return n;
  }

  public long getLong(String name) throws StateException {
    return take(name, Long.class);
  }

  /** An integer from {@code min} to {@code max}. */
  public int getInt(String name, int min, int max) throws StateException {
    long v = getLong(name);
    if (v < min || v > max) {
      throw new StateException("field %s of %s is %d; it must be %d to %d".formatted(name, schema, v, min, max));
    }
    return (int) v;
  }

  public boolean getBoolean(String name) throws StateException {
    return getInt(name, 0, 1) != 0;
  }

  public byte[] getBytes(String name) throws StateException {
    return take(name, byte[].class);
  }

  /** An array of exactly {@code length} integers. */
  public long[] getLongs(String name, int length) throws StateException {
    long[] a = take(name, long[].class);
    if (a.length != length) {
      throw new StateException("field %s of %s has %d elements; it must have %d".formatted(name, schema, a.length, length));
    }
    return a;
  }

  public String getString(String name) throws StateException {
    return take(name, String.class);
  }

  /** Whether the state has a field of this name that has not been read yet. */
  public boolean has(String name) {
    return fields.containsKey(name);
  }

  /** Ends the reading; a field nobody asked for means that state would be lost. */
  public void finish() throws StateException {
    if (!fields.isEmpty()) {
      throw new StateException("state of " + schema + " has fields this version does not know: " + fields.keySet());
    }
  }

  private <T> T take(String name, Class<T> type) throws StateException {
    Object v = fields.remove(name);
    if (!type.isInstance(v)) {
      throw new StateException("state of " + schema + " has no field " + name + " of type " + type.getSimpleName());
    }
    return type.cast(v);
  }
}
