package annulus.shell.cli;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** What the container around a command line is doing. Outside a container there is nothing to wait for. */
final class Container {
  private static final long START_LIMIT_NANOS = 30_000_000_000L;
  private static final long START_POLL_NANOS = 2_000_000;

  private Container() {}

  /** Waits until the framework has started every bundle: a machine started before would lack the devices still to come. */
  static void awaitStart() {
    Bundle self = FrameworkUtil.getBundle(Container.class);
    long end = System.nanoTime() + START_LIMIT_NANOS;
    while (state(self) == Bundle.STARTING && System.nanoTime() < end) {
      LockSupport.parkNanos(START_POLL_NANOS);
    }
  }

  /** Whether every installed bundle has come up, so that waiting for another provider is of no use. */
  static boolean settled() {
    Bundle self = FrameworkUtil.getBundle(Container.class);
    return self == null || state(self) == Bundle.ACTIVE && Arrays.stream(self.getBundleContext().getBundles())
        .noneMatch(b -> b.getState() == Bundle.STARTING && b.getHeaders().get("Bundle-ActivationPolicy") == null);
  }

  /** Whether the container stops, after a signal for instance: machines then lose their providers, which is no news. */
  static boolean stopping() {
    Bundle self = FrameworkUtil.getBundle(Container.class);
    return self != null && state(self) == Bundle.STOPPING;
  }

  /** The framework's state; a bundle that has lost its context is being stopped with it. */
  private static int state(@Nullable Bundle self) {
    BundleContext context = self == null ? null : self.getBundleContext();
    return context == null ? Bundle.STOPPING : context.getBundle(0).getState();
  }
}
