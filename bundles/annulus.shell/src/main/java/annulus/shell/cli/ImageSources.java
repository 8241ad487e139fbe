package annulus.shell.cli;

import annulus.loader.ImageSource;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Finds image sources in the service registry at the time they are asked for. */
record ImageSources(BundleContext context) {
  Optional<ImageSource> find(String name) {
    try {
      for (ServiceReference<ImageSource> r : context.getServiceReferences(ImageSource.class, null)) {
        if (name.equals(r.getProperty(ImageSource.NAME))) {
          return Optional.ofNullable(context.getService(r));
        }
      }
      return Optional.empty();
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("no filter was given", e);
    }
  }
}
