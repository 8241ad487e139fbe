package annulus.it;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineService;
import annulus.machine.SpecProperties;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The machine service for one test: whatever machines exist at its end are removed. */
final class Machines implements AfterEachCallback {
  private final MachineService service = Services.get(MachineService.class);

  MachineService service() {
    return service;
  }

  /** @param keysAndValues properties as in a configuration file, {@link SpecProperties} */
  Machine define(String name, String... keysAndValues) throws MachineException {
    Map<String, String> properties = new TreeMap<>();
    properties.put("name", name);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      properties.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return service.define(SpecProperties.read(properties));
  }

  Machine start(String name, String... keysAndValues) throws MachineException {
    Machine machine = define(name, keysAndValues);
    machine.start();
    return machine;
  }

  @Override public void afterEach(ExtensionContext context) throws MachineException {
    for (Machine m : service.machines()) {
      service.undefine(m.name(), true);
    }
  }
}
