package annulus.shell.command;

import annulus.machine.MachineException;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vm:undefine}. */
final class Undefine extends VmCommand {
  @Option(names = {"-f", "--force"}, description = "destroys the machine first where it is in use")
  boolean force;

  @Parameters(paramLabel = "NAME", description = "the machine")
  String name = "";

  @Override void run(Invocation in) throws MachineException {
    in.platform().machine(name);
    in.platform().service().undefine(name, force);
    in.platform().samples().remove(name);
    in.out().println(name + " is no longer defined");
  }
}
