package annulus.shell.command;

import annulus.machine.MachineException;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** {@code vm:save}. */
final class Save extends VmCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "the machine")
  String name = "";

  @Parameters(index = "1", paramLabel = "FILE", description = "what it is written to")
  Path file = Path.of("");

  @Override void run(Invocation in) throws MachineException {
    Path target = in.directory().resolve(file);
    in.platform().machine(name).save(target);
    in.out().println(name + " is saved to " + target + " and paused");
  }
}
