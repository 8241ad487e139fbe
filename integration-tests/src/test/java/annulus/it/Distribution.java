package annulus.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The distribution's own command, in a process of its own. */
final class Distribution {
  private static final long LIMIT_SECONDS = 120;

  /** How a process ended. */
  record Outcome(int status, String output, String errors) {
    @Override public String toString() {
      return "status " + status + "\n--- output\n" + output + "\n--- errors\n" + errors;
    }
  }

  private Distribution() {}

  /** Where it is. */
  static Path home() {
    return Path.of(Objects.requireNonNull(System.getProperty("annulus.it.distribution")));
  }

  /** Runs {@code bin/annulus} with nothing to read. */
  static Outcome annulus(String... arguments) throws IOException, InterruptedException {
    return annulus("", Map.of(), arguments);
  }

  /**
   * Runs {@code bin/annulus} to its end.
   *
   * @param input what it reads from standard input
   * @param environment changes to this process's environment, which always leads to this JVM; an empty value unsets
   */
  static Outcome annulus(String input, Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
    Path errors = Files.createTempFile("annulus", ".err");
    ProcessBuilder builder = command(arguments).redirectError(errors.toFile());
    environment.forEach((name, value) -> {
      if (value.isEmpty()) {
        builder.environment().remove(name);
      } else {
        builder.environment().put(name, value);
      }
    });
    Process process = builder.start();
    try (InputStream out = process.getInputStream()) {
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      }
      Thread limit = Thread.ofVirtual().start(() -> destroyAfterLimit(process));
      String output = new String(out.readAllBytes(), StandardCharsets.ISO_8859_1).replace("\r", "");
      int status = process.waitFor();
      limit.interrupt();
      return new Outcome(status, output, Files.readString(errors));
    } finally {
      Files.deleteIfExists(errors);
    }
  }

  /** Begins to run {@code bin/annulus} with nothing to read, and drops what it prints. */
  static Process start(String... arguments) throws IOException {
    Process process = command(arguments).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    process.getOutputStream().close();
    Thread.ofVirtual().start(() -> destroyAfterLimit(process));
    return process;
  }

  private static ProcessBuilder command(String... arguments) {
    List<String> command = new ArrayList<>(List.of(home().resolve("bin/annulus").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return builder;
  }

  private static void destroyAfterLimit(Process process) {
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it ended in time
    }
  }
}
