package annulus.engine.interpreter;

import annulus.cpu.block.BlockEngine;
import annulus.cpu.block.CodeRegistry;
import annulus.engine.Engine;
import annulus.engine.EngineCapability;
import annulus.engine.EngineProvider;
import annulus.engine.ProvidesEngine;
import annulus.engine.VcpuContext;
import annulus.memory.GuestMemory;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** Provides {@code interpreter}. */
@Component
@ProvidesEngine(engine = "interpreter")
public final class InterpreterProvider implements EngineProvider {
  /** System property: {@code true} runs every instruction by its general meaning, without specialised operations. */
  static final String GENERIC = "annulus.interpreter.generic";

  private final Map<GuestMemory, CodeRegistry> registries = new IdentityHashMap<>();

  @Override public Set<EngineCapability> capabilities() {
    return EnumSet.allOf(EngineCapability.class);
  }

  @Override public Engine open(VcpuContext context) {
    return open(context, !Boolean.getBoolean(GENERIC));
  }

  /** @param specialise whether specialised operations are used */
  synchronized BlockEngine open(VcpuContext context, boolean specialise) {
    CodeRegistry registry = registries.computeIfAbsent(context.memory(), CodeRegistry::new);
    BlockEngine engine = new BlockEngine(context, registry, specialise, null, this::closed);
    registry.add(engine);
    return engine;
  }

  private synchronized void closed(BlockEngine engine, GuestMemory memory) {
    CodeRegistry registry = registries.get(memory);
    if (registry != null && registry.remove(engine)) {
      registries.remove(memory);
    }
  }
}
