package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import picocli.CommandLine.Parameters;

/** Does one thing to a machine and says what it is then. */
final class MachineVerb extends VmCommand {
  /** A verb of {@link Machine}. */
  interface Operation {
    void on(Machine machine) throws MachineException;
  }

  @Parameters(paramLabel = "NAME", description = "the machine")
  String name = "";

  private final Operation operation;

  MachineVerb(Operation operation) {
    this.operation = operation;
  }

  @Override void run(Invocation in) throws MachineException {
    Machine machine = in.platform().machine(name);
    operation.on(machine);
    in.out().println(name + " is " + ListMachines.state(machine.status()));
  }
}
