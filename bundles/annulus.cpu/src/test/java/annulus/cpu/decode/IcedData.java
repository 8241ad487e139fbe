package annulus.cpu.decode;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The decoder tables of the iced project (MIT licence), read in place where they exist. */
final class IcedData {
  private IcedData() {}

  /** The lines of a file that are neither empty nor comments. Aborts the test where the data is absent. */
  static List<String> lines(String file) throws IOException {
    Path path = find(file);
    assumeTrue(path != null, "no shared/data/iced/" + file + " beside any directory above " + Path.of("").toAbsolutePath());
    try (InputStream in = new GZIPInputStream(Files.newInputStream(path))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(l -> !l.isEmpty() && l.charAt(0) != '#').toList();
    }
  }

  private static @Nullable Path find(String file) {
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      Path candidate = dir.resolve("shared/data/iced").resolve(file);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return null;
  }
}
