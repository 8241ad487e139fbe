package annulus.it;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.time.Duration;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/** Services of the container; one that is on its way is waited for. */
final class Services {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private Services() {}

  static BundleContext context() {
    return FrameworkUtil.getBundle(Services.class).getBundleContext();
  }

  static <T> T get(Class<T> type) {
    return get(type, "(objectClass=" + type.getName() + ")");
  }

  /** @param filter an LDAP filter on the service's properties */
  static <T> T get(Class<T> type, String filter) {
    try {
      ServiceTracker<T, T> tracker = new ServiceTracker<>(context(),
          context().createFilter("(&(objectClass=" + type.getName() + ")" + filter + ")"), null);
      tracker.open();
      try {
        tracker.waitForService(LIMIT.toMillis());
        ServiceReference<T> reference = tracker.getServiceReference();
        assertNotNull(reference, () -> "no service " + type + " " + filter + " within " + LIMIT);
        // Not given back: some services end for a bundle that has given them back
        return context().getService(reference);
      } finally {
        tracker.close();
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalArgumentException(filter, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + type, e);
    }
  }
}
