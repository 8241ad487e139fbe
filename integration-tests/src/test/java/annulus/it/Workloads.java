package annulus.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.jspecify.annotations.Nullable;

/**
 * The workload program {@code bench}, compiled from {@code shared/guests/src/bench} in place, which the project does not carry. Where
 * there are no such sources, or nothing that compiles them, the test is aborted with the reason.
 */
final class Workloads {
  /** Part of a workload's full length: a tenth of a second on a host of 2024. */
  private static final String SCALE = "1/16";
  private static final String SOURCES = "shared/guests/src/bench";

  private final Path program;

  private Workloads(Path program) {
    this.program = program;
  }

  static Workloads compile(Path folder) throws IOException, InterruptedException {
    Path sources = find();
    if (sources == null) {
      return abort("no " + SOURCES + " beside any directory above " + Path.of("").toAbsolutePath());
    }
    if (!System.getProperty("os.arch").equals("amd64") || !System.getProperty("os.name").equals("Linux")) {
      return abort("this host does not run the guest's programs, and cannot say what they should print");
    }
    Path program = folder.resolve("bench");
    List<String> command = new ArrayList<>(List.of("gcc", "-std=gnu11", "-O2", "-static", "-s", "-fno-strict-aliasing", "-o", program.toString()));
    try (Stream<Path> files = Files.list(sources)) {
      files.filter(f -> f.toString().endsWith(".c")).sorted().forEach(f -> command.add(f.toString()));
    }
    command.addAll(List.of("-lz", "-lm"));
    String said;
    try {
      said = output(command);
    } catch (IOException e) {
      return abort("gcc cannot be run: " + e.getMessage());
    }
    return Files.isExecutable(program) ? new Workloads(program) : abort(SOURCES + " cannot be compiled: " + said);
  }

  private static Workloads abort(String why) {
    String reason = "No workloads: " + why;
    System.out.println(reason);
    return Assumptions.abort(reason);
  }

  private static @Nullable Path find() {
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      Path candidate = dir.resolve(SOURCES);
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  /** For the guest's {@code /bin}. */
  Path archive() throws IOException {
    return Archive.of("bench", program);
  }

  /** What to type in the guest. */
  static String command(String workload) {
    return "bench " + workload + " " + SCALE;
  }

  /** What the host's own processor lets it print, but for the times. */
  String onHost(String workload) throws IOException, InterruptedException {
    String printed = withoutTimes(output(List.of(program.toString(), workload, SCALE)));
    assertEquals(2, printed.lines().count(), printed);
    return printed;
  }

  static String withoutTimes(String printed) {
    return printed.replaceAll(" (ns|cpu)=\\S+", "").strip();
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }
}
