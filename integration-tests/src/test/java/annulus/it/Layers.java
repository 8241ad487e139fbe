package annulus.it;

import java.util.Arrays;
import java.util.List;

/**
 * The layers of the architecture. A bundle may import from bundles of rows listed before its own and from no other; what stands
 * in {@link #FORBIDDEN} it may not import although the rows allow it. A new bundle is entered here.
 */
final class Layers {
  /** From the bottom up; {@code .*} stands for every bundle below that name. */
  private static final List<String> ROWS = """
      annulus.arch
      annulus.memory
      annulus.vendor  annulus.device
      annulus.engine  annulus.loader
      annulus.machine annulus.cpu
      annulus.core annulus.engine.* annulus.memory.* annulus.vendor.* annulus.device.* annulus.loader.* annulus.image.*
      annulus.shell
      """.lines().toList();

  /** The row of those who provide services and export nothing. */
  private static final int PROVIDERS = ROWS.size() - 2;

  /** Importer and exporter: the monitor reaches instructions through an engine only, so that engines stay replaceable. */
  private static final List<List<String>> FORBIDDEN = List.of(List.of("annulus.core", "annulus.cpu"));

  private Layers() {}

  static boolean contains(String bundle) {
    return row(bundle) >= 0;
  }

  static boolean exportsNothing(String bundle) {
    return row(bundle) >= PROVIDERS;
  }

  static boolean allows(String importer, String exporter) {
    return row(exporter) < row(importer) && !FORBIDDEN.contains(List.of(importer, exporter));
  }

  /** The row of a bundle, 0 for the lowest; -1 if it has none. */
  private static int row(String bundle) {
    for (int row = 0; row < ROWS.size(); row++) {
      if (Arrays.stream(ROWS.get(row).split(" +")).anyMatch(name -> matches(name, bundle))) {
        return row;
      }
    }
    return -1;
  }

  private static boolean matches(String name, String bundle) {
    return name.endsWith(".*") ? bundle.startsWith(name.substring(0, name.length() - 1)) : bundle.equals(name);
  }
}
