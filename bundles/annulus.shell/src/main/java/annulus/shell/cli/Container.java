package annulus.shell.cli;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/** What the container around a command line is doing. Outside a container there is nothing to wait for. */
final class Container {
  private Container() {}

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

  private static int state(@Nullable Bundle self) {
    return self == null || self.getBundleContext() == null ? Bundle.STOPPING : self.getBundleContext().getBundle(0).getState();
  }
}
