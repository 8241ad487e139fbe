package annulus.core;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineService;
import annulus.machine.MachineSpec;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SpecProperties;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** A machine defined by a configuration: lives as long as the configuration does. */
@Component(service = {}, immediate = true, configurationPid = ConfiguredMachine.PID, configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = MachineConfiguration.class, factory = true)
public final class ConfiguredMachine {
  /** Factory PID: a file {@code conf/machines/annulus.machine-NAME.cfg} is one machine. */
  static final String PID = "annulus.machine";

  private static final System.Logger LOG = System.getLogger(ConfiguredMachine.class.getName());
  private static final long FIRST_WAIT_MILLIS = 20;
  private static final long MOST_WAIT_MILLIS = 10_000;

  private final MachineService service;
  private final String name;
  private volatile boolean removed;

  @Activate
  public ConfiguredMachine(@Reference MachineService service, Map<String, Object> configuration) throws MachineException {
    this.service = service;
    MachineSpec spec = SpecProperties.read(specification(configuration));
    name = spec.name();
    if (service.machine(name).filter(m -> m.spec().equals(spec)).isPresent()) {
      return; // the configuration was written from this very machine, and takes it over as it is
    }
    Machine machine = service.define(spec);
    if (spec.autostart()) {
      Thread.ofVirtual().name("annulus-" + name + "-autostart").start(() -> start(machine));
    }
  }

  /** The configuration without what Config Admin, SCR and FileInstall add to it; the name defaults to the file's. */
  private static Map<String, Object> specification(Map<String, Object> configuration) {
    Map<String, Object> spec = new TreeMap<>(configuration);
    spec.keySet().removeIf(k -> k.matches("(service|component|felix|osgi)?\\..*"));
    String pid = String.valueOf(configuration.get("service.pid"));
    spec.putIfAbsent("name", pid.substring(pid.lastIndexOf('~') + 1));
    return spec;
  }

  /** Starts the machine, as soon as the providers it names are there: bundles start in any order. */
  private void start(Machine machine) {
    for (long wait = FIRST_WAIT_MILLIS; !removed && machine.status().phase() == Phase.DEFINED; wait = Math.min(2 * wait, MOST_WAIT_MILLIS)) {
      try {
        machine.start();
      } catch (MachineException e) {
        if (e.reason() != Reason.NO_PROVIDER) {
          LOG.log(Level.ERROR, "machine {0} did not start: {1}", machine.name(), e.getMessage());
          return;
        }
        LOG.log(wait < MOST_WAIT_MILLIS ? Level.DEBUG : Level.WARNING, "machine {0} waits: {1}", machine.name(), e.getMessage());
        try {
          Thread.sleep(wait);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  /**
   * The configuration changed: what can be swapped under the machine is, everything else takes effect when the machine is defined
   * anew. A swap that is refused leaves the old provider, and says why in the log.
   */
  @Modified
  void change(Map<String, Object> configuration) {
    try {
      Machine machine = service.machine(name)
          .orElseThrow(() -> new MachineException(Reason.NO_SUCH_MACHINE, "the machine is gone"));
      Map<String, String> now = SpecProperties.write(machine.spec());
      Map<String, String> wanted = SpecProperties.write(SpecProperties.read(specification(configuration)));
      for (Map.Entry<String, String> e : wanted.entrySet()) {
        String key = e.getKey();
        if (!e.getValue().equals(now.get(key))) {
          if (key.equals("engine") || key.equals("translation") || key.matches("device\\.[^.]+") && !e.getValue().equals("none")) {
            machine.swap(key, e.getValue());
          } else {
            LOG.log(Level.WARNING, "machine {0}: {1} = {2} takes effect when the machine is defined anew", name, key, e.getValue());
          }
        }
      }
    } catch (MachineException e) {
      LOG.log(Level.ERROR, "machine {0}: the changed configuration was refused: {1}", name, e.getMessage());
    }
  }

  @Deactivate
  void remove() throws MachineException {
    removed = true;
    if (service.machine(name).isPresent()) {
      service.undefine(name, true);
    }
  }
}
