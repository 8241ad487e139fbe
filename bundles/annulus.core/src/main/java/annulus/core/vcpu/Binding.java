package annulus.core.vcpu;

import annulus.engine.Engine;
import annulus.memory.translation.Translation;

/** What a processor runs with. Immutable; replaced as a whole while the processor is held. */
record Binding(Engine engine, Translation translation) {
  /** Closes the engine, then the strategy it used. */
  void close() {
    try {
      engine.close();
    } finally {
      translation.close();
    }
  }
}
