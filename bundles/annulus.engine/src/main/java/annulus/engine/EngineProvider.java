package annulus.engine;

import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/** An execution engine. Registered as a singleton service with the property {@link #NAME}; see {@link ProvidesEngine}. */
@ConsumerType
public interface EngineProvider {
  /** Service property: the engine's name, for instance {@code interpreter}. */
  String NAME = "annulus.engine";

  /** What this engine can run; a machine that needs more is refused with the difference. */
  Set<EngineCapability> capabilities();

  /**
   * Opens the engine for one virtual processor, in the state after power-on (SDM 3A 9.1.1).
   *
   * @throws EngineException when the processor model or the host lacks something
   */
  Engine open(VcpuContext context) throws EngineException;
}
