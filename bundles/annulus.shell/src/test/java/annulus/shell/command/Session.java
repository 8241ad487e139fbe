package annulus.shell.command;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Types commands and keeps what they say. */
final class Session {
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();
  final FakeMachines machines = new FakeMachines();
  final Map<String, Verb> verbs;
  final Completion completion;
  private final Platform platform;
  private final Path directory;

  Session(Path directory, @Nullable Path machineFolder) {
    this.directory = directory;
    platform = new Platform(machines, spec -> Optional.empty(), machineFolder);
    verbs = Commands.verbs(platform);
    completion = new Completion(platform, verbs);
  }

  Session() {
    this(Path.of("/work/guests"), null);
  }

  /** Runs a command that has to succeed. @return its output */
  List<String> run(String name, String... arguments) throws InterruptedException {
    int status = type(name, arguments);
    if (status != 0) {
      throw new AssertionError(name + " failed: " + complaints.toString(StandardCharsets.UTF_8));
    }
    return output.toString(StandardCharsets.UTF_8).lines().toList();
  }

  /** Runs a command that has to fail. @return what it says */
  String fail(String name, String... arguments) throws InterruptedException {
    if (type(name, arguments) == 0) {
      throw new AssertionError(name + " did not fail: " + output.toString(StandardCharsets.UTF_8));
    }
    return complaints.toString(StandardCharsets.UTF_8);
  }

  private int type(String name, String... arguments) throws InterruptedException {
    output.reset();
    complaints.reset();
    PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(complaints, true, StandardCharsets.UTF_8);
    return Objects.requireNonNull(verbs.get(name)).run(new Invocation(platform, directory, out, null), err, List.of(arguments));
  }
}
