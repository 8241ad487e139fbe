package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vm:restore}. */
final class Restore extends VmCommand {
  @Option(names = {"-r", "--resume"}, description = "lets the machine go on at once")
  boolean resume;

  @Parameters(index = "0", paramLabel = "FILE", description = "written by vm:save")
  Path file = Path.of("");

  @Parameters(index = "1", arity = "0..1", paramLabel = "NEW-NAME", description = "its name here; without it the saved one")
  String name = "";

  @Override void run(Invocation in) throws MachineException {
    Machine machine = in.platform().service().restore(in.directory().resolve(file), name);
    if (resume) {
      machine.resume();
    }
    in.out().println(machine.name() + " is restored and " + ListMachines.state(machine.status()));
  }
}
