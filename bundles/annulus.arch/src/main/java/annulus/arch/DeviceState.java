package annulus.arch;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The versioned state of one device.
 *
 * @param schema what the payload describes, for instance {@code annulus.device.uart}
 * @param version version of that schema, from 1
 * @param payload bytes written by {@link StateWriter}
 */
public record DeviceState(String schema, int version, byte[] payload) {
  public DeviceState {
    payload = payload.clone();
  }

  @Override public byte[] payload() {
    return payload.clone();
  }

  /** A reader of the payload after a check that this state is {@code schema} in a version from 1 to {@code newest}. */
  public StateReader open(String schema, int newest) throws StateException {
    if (!this.schema.equals(schema)) {
      throw new StateException("state is of " + this.schema + ", not of " + schema);
    }
    if (version < 1 || version > newest) {
      throw new StateException("state of " + schema + " has version " + version + "; versions 1 to " + newest + " can be read");
    }
    return new StateReader(schema, payload);
  }

  @Override public boolean equals(@Nullable Object o) {
    return o instanceof DeviceState d && schema.equals(d.schema) && version == d.version && Arrays.equals(payload, d.payload);
  }

  @Override public int hashCode() {
    return 31 * schema.hashCode() + Arrays.hashCode(payload);
  }
}
