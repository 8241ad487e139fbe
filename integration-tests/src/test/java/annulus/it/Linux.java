package annulus.it;

import annulus.loader.GuestImage;
import annulus.loader.ImageSource;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** Linux guests: their files, their boot, and one that is booted once for all tests that need no boot of their own. */
final class Linux {
  static final String PROMPT = "annulus:/root# ";

  private static Path saved;
  private static String booted = "";

  private Linux() {}

  /**
   * The files of the image source {@code linux}. A host that has no kernel and no way to fetch one cannot run the test, which is
   * aborted with the reason.
   */
  static GuestImage image(Map<String, String> options) {
    ImageSource source = Services.get(ImageSource.class, "(" + ImageSource.NAME + "=linux)");
    try {
      return source.resolve(options, (what, done, total) -> System.out.println("linux " + options + ": " + what));
    } catch (IOException e) {
      String reason = "No Linux guest " + options + " on this host: " + e.getMessage();
      System.out.println(reason);
      return Assumptions.abort(reason);
    }
  }

  /** Starts a machine with a Linux of 64 bits. @param more properties of the machine besides */
  static Machine start(Machines machines, String name, String... more) throws MachineException {
    return start(machines, name, image(Map.of()), more);
  }

  /** Starts a machine with an image's files. */
  static Machine start(Machines machines, String name, GuestImage image, String... more) throws MachineException {
    List<String> properties = new ArrayList<>(List.of("kernel", image.kernel().toString(),
        "initrd", String.join(",", image.modules().stream().map(Path::toString).toList()),
        "append", image.defaultCommandLine(), "memory", "256M"));
    properties.addAll(List.of(more));
    return machines.start(name, properties.toArray(String[]::new));
  }

  /** Waits for the shell of a guest that boots, and gives it a line wide enough that its editor never breaks one. */
  static void awaitShell(SerialLine line) throws InterruptedException {
    line.expect(PROMPT);
    line.type("stty cols 1000\n");
    line.expect(PROMPT);
  }

  /** A machine of 512 MiB saved at its shell's prompt. */
  static synchronized Path saved(Machines machines) throws Exception {
    if (saved == null) {
      Machine machine = start(machines, "saved", "memory", "512M");
      try (SerialLine line = new SerialLine(machine)) {
        awaitShell(line);
        booted = line.all();
      }
      Path file = Files.createTempFile("annulus-linux", ".saved");
      file.toFile().deleteOnExit();
      machine.save(file);
      machines.service().undefine("saved", true);
      saved = file;
    }
    return saved;
  }

  /** What the saved machine wrote while it booted, up to its shell's prompt. */
  static synchronized String booted(Machines machines) throws Exception {
    saved(machines);
    return booted;
  }

  /** A running machine of 512 MiB at its shell's prompt. */
  static Machine restored(Machines machines, String name) throws Exception {
    Machine machine = machines.service().restore(saved(machines), name);
    machine.resume();
    return machine;
  }
}
