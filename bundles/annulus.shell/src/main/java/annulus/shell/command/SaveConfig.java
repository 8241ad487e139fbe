package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.SpecProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import picocli.CommandLine.Parameters;

/** {@code vm:save-config}. */
final class SaveConfig extends VmCommand {
  private static final String PREFIX = "annulus.machine-";
  private static final String SUFFIX = ".cfg";

  @Parameters(paramLabel = "NAME", description = "the machine")
  String name = "";

  @Override void run(Invocation in) throws MachineException, IOException {
    Machine machine = in.platform().machine(name);
    Path folder = in.platform().machineFolder();
    if (folder == null) {
      throw new MachineException(Reason.HOST, "this container has no folder of machines: the property annulus.machines names it");
    }
    Path file = folder.resolve(PREFIX + name + SUFFIX);
    Files.createDirectories(folder);
    for (Path other : configurations(folder)) {
      if (other.equals(file) ? !owner(other).equals(name) : owner(other).equals(name)) {
        throw new MachineException(Reason.NAME_TAKEN, other + " defines the machine " + owner(other) + " already; nothing was written");
      }
    }
    String text = ConfigFile.write(SpecProperties.write(machine.spec()));
    // An unchanged file must stay as it is: its machine would be made anew
    if (!Files.exists(file) || !Files.readString(file, StandardCharsets.ISO_8859_1).equals(text)) {
      Path draft = folder.resolve(PREFIX + name + ".new");
      Files.writeString(draft, text, StandardCharsets.ISO_8859_1);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    in.out().println(name + " is written to " + file);
  }

  private static List<Path> configurations(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().startsWith(PREFIX) && f.toString().endsWith(SUFFIX)).sorted().toList();
    }
  }

  /** The machine that a file defines: the file's own name stands in for a missing one. */
  private static String owner(Path file) throws IOException {
    Properties properties = new Properties();
    try (var in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      properties.load(in);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": not a file of properties: " + e.getMessage(), e);
    }
    String plain = file.getFileName().toString();
    return properties.getProperty("name", plain.substring(PREFIX.length(), plain.length() - SUFFIX.length())).strip();
  }
}
