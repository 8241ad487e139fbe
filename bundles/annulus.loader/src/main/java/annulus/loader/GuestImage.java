package annulus.loader;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A guest that can be started: files and settings.
 *
 * @param kernel the image
 * @param modules initial RAM disk or modules
 * @param loader the loader to use, or null to let them probe
 * @param defaultCommandLine used where the user gives none
 * @param options loader options
 */
public record GuestImage(
    Path kernel, List<Path> modules, @Nullable String loader, String defaultCommandLine, Map<String, String> options) {
  public GuestImage {
    modules = List.copyOf(modules);
    options = Map.copyOf(options);
  }
}
