package annulus.core.snapshot;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.machine.MachineSpec;
import annulus.machine.SpecProperties;

/** The entry {@code machine} of a saved machine. */
record SpecState(MachineSpec spec, long nanos, int vcpus) {
  private static final String SCHEMA = "annulus.machine";
  private static final int MOST = 64;

  static DeviceState write(MachineSpec spec, long nanos, int vcpus) {
    StateWriter out = new StateWriter().put("nanos", nanos).put("vcpus", vcpus);
    StringBuilder names = new StringBuilder();
    SpecProperties.write(spec).forEach((k, v) -> {
      names.append(k).append('\n');
      out.put("spec." + k, v);
    });
    return out.put("names", names.toString()).toState(SCHEMA, 1);
  }

  static SpecState read(DeviceState state) throws StateException {
    StateReader in = state.open(SCHEMA, 1);
    java.util.Map<String, Object> properties = new java.util.TreeMap<>();
    for (String name : in.getString("names").split("\n")) {
      properties.put(name, in.getString("spec." + name));
    }
    SpecState read;
    try {
      read = new SpecState(SpecProperties.read(properties), in.getLong("nanos"), in.getInt("vcpus", 1, MOST));
    } catch (annulus.machine.MachineException e) {
      throw new StateException("specification: " + e.getMessage(), e);
    }
    in.finish();
    return read;
  }
}
