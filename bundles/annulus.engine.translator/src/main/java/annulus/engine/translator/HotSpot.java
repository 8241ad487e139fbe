package annulus.engine.translator;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
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

  private final MethodHandle compile;
  private final MethodHandle profiled;
  private final MethodHandle queued;

  private HotSpot(Class<?> type) throws ReflectiveOperationException {
    Object whiteBox = type.getField("INSTANCE").get(null);
    MethodHandles.Lookup l = MethodHandles.publicLookup();
    compile = l.bind(whiteBox, "enqueueMethodForCompilation0", MethodType.methodType(boolean.class, Executable.class, int.class, int.class));
    profiled = l.bind(whiteBox, "markMethodProfiled", MethodType.methodType(void.class, Executable.class));
    queued = l.bind(whiteBox, "isMethodQueuedForCompilation0", MethodType.methodType(boolean.class, Executable.class));
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
    return compile(region, C1);
  }

  /** Has C2 compile {@code region}, which needs a profile but nothing in it. @return whether it will, or has */
  boolean compileHot(Class<?> region) {
    try {
      profiled.invokeExact((Executable) run(region));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return compile(region, C2);
  }

  private boolean compile(Class<?> region, int tier) {
    try {
      return (boolean) compile.invokeExact((Executable) run(region), tier, AT_ENTRY);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Whether {@code region} waits for C1 or C2, or is being compiled. */
  boolean compiles(Class<?> region) {
    try {
      return (boolean) queued.invokeExact((Executable) run(region));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static Method run(Class<?> region) throws NoSuchMethodException {
    return region.getMethod("run", long.class, int.class, long.class);
  }

  private static RuntimeException unexpected(Throwable e) {
    if (e instanceof RuntimeException r) {
      return r;
    }
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(e);
  }
}
