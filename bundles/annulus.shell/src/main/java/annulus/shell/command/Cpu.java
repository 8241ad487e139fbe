package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import java.util.List;
import picocli.CommandLine.Parameters;

/** {@code vm:cpu}. */
final class Cpu extends VmCommand {
  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "the machine; can be left out where there is only one")
  String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "N", description = "the processor, from 0 (default 0)")
  String number = "";

  @Override void run(Invocation in) throws MachineException {
    Machine machine = machine(in.platform());
    int n = processor(number, machine);
    new Registers(machine.vcpu(n)).lines(machine.name() + " processor " + n).forEach(in.out()::println);
  }

  /** With one machine only, a single number is a processor of it. */
  private Machine machine(Platform platform) throws MachineException {
    List<String> names = platform.names();
    boolean single = names.size() == 1 && number.isEmpty();
    if (single && name.matches("\\d*") && !names.contains(name)) {
      number = name;
      return platform.machine(names.getFirst());
    }
    if (name.isEmpty()) {
      throw new MachineException(Reason.NO_SUCH_MACHINE, names.isEmpty() ? "no machine is defined: vm:define NAME defines one"
          : "which machine? There are " + String.join(", ", names));
    }
    return platform.machine(name);
  }

  /** The number of one of the machine's processors; 0 where none is given. */
  static int processor(String number, Machine machine) throws MachineException {
    int processors = machine.spec().processors();
    if (number.isEmpty()) {
      return 0;
    }
    if (number.matches("\\d{1,4}") && Integer.parseInt(number) < processors) {
      return Integer.parseInt(number);
    }
    throw new MachineException(Reason.BAD_SPECIFICATION, "\"" + number + "\" is no processor of " + machine.name() + ": "
        + (processors == 1 ? "it has only 0" : "0 to " + (processors - 1) + " are"));
  }
}
