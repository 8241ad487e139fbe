package annulus.engine.translator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * HotSpot's white-box interface, where the JVM was started with it: {@code -XX:+WhiteBoxAPI} and {@code lib/annulus.hotspot.jar} on the
 * boot class path, as the start script does. It is reached by name, since it is no bundle and a JVM may be without it.
 */
final class HotSpot {
  private static final Logger LOG = System.getLogger(HotSpot.class.getName());
  private static final String WHITE_BOX = "jdk.test.whitebox.WhiteBox";
  /** HotSpot's tier for C1 without counters. */
  private static final int C1 = 1;
  private static final int C2 = 4;
  private static final int AT_ENTRY = -1;
  private static final @Nullable HotSpot HERE = find();

  private final Object whiteBox;
  private final Method compile;
  private final Method profiled;
  private final Method queued;

  private HotSpot(Class<?> type) throws ReflectiveOperationException {
    whiteBox = type.getField("INSTANCE").get(null);
    compile = type.getMethod("enqueueMethodForCompilation0", Executable.class, int.class, int.class);
    profiled = type.getMethod("markMethodProfiled", Executable.class);
    queued = type.getMethod("isMethodQueuedForCompilation0", Executable.class);
  }

  private static @Nullable HotSpot find() {
    try {
      return new HotSpot(Class.forName(WHITE_BOX, true, null));
    } catch (ReflectiveOperationException | LinkageError e) {
      LOG.log(Level.DEBUG, "no white-box interface: HotSpot's own thresholds decide when regions are compiled", e);
      return null;
    }
  }

  /** The interface; null where there is none. */
  static @Nullable HotSpot here() {
    return HERE;
  }

  /** Has C1 compile {@code region}, without counters. @return whether it will, or has */
  boolean compileWarm(Class<?> region) {
    return is(compile, run(region), C1, AT_ENTRY);
  }

  /**
   * Has C2 compile {@code region}, which needs a profile but nothing in it, and waits for it where the option BackgroundCompilation is off
   * for it. @return whether it will, or has
   */
  boolean compileHot(Class<?> region) {
    call(profiled, run(region));
    return is(compile, run(region), C2, AT_ENTRY);
  }

  /** Whether {@code region} waits for C1 or C2, or is being compiled. */
  boolean compiles(Class<?> region) {
    return is(queued, run(region));
  }

  private boolean is(Method question, Object... arguments) {
    return Boolean.TRUE.equals(call(question, arguments));
  }

  private @Nullable Object call(Method method, Object... arguments) {
    try {
      return method.invoke(whiteBox, arguments);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Method run(Class<?> region) {
    try {
      return region.getMethod("run", long.class, int.class, long.class);
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(region + " is no region", e);
    }
  }
}
