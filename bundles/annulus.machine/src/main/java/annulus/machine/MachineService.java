package annulus.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The monitor: the machines of this container. Thread-safe. */
@ProviderType
public interface MachineService {
  /** Defines a machine; it takes no memory before it is created. @throws MachineException when the name is taken or the specification is bad */
  Machine define(MachineSpec spec) throws MachineException;

  /** Forgets a machine that is not running; a running one is destroyed first when {@code force}. */
  void undefine(String name, boolean force) throws MachineException;

  List<Machine> machines();

  Optional<Machine> machine(String name);

  /** Restores a saved machine under the name it was saved with, or under {@code name} where that is not empty. It is PAUSED then. */
  Machine restore(Path file, String name) throws MachineException;

  /** Installed providers of one axis. */
  List<Provider> providers(Axis axis);

  /** Axes of which providers are installed. */
  enum Axis { ENGINE, VENDOR, TRANSLATION, DEVICE, LOADER, IMAGE }

  /**
   * An installed provider.
   *
   * @param bundle symbolic name and version of the bundle it comes from
   * @param details models, capabilities or the like, for people
   * @param users names of machines that use it now
   */
  record Provider(Axis axis, String name, String bundle, String details, List<String> users) {}
}
