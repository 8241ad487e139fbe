package annulus.loader;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Understands one kind of guest image. Loading has two halves: {@link #plan} reads and checks the image without touching any
 * machine, and whoever called it places the result. Images are hostile: whatever their bytes are, a loader answers with a plan
 * or a {@link LoadException}, in bounded time and memory.
 *
 * <p>Registered as a singleton service with the property {@link #NAME}.
 */
@ConsumerType
public interface Loader {
  /** Service property: the loader's name, for instance {@code linux}. */
  String NAME = "annulus.loader";

  /**
   * How sure this loader is that it understands the image: 0 no, 10 it could be run as raw bytes, 100 the format's signature is
   * there, 200 and a more special variant of it. The surest loader is taken.
   */
  int probe(MemorySegment image);

  /** Reads the image and says what has to be in memory and in the processor to start it. */
  LoadPlan plan(LoadRequest request) throws LoadException;
}
