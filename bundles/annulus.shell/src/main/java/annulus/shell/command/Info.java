package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineService.Axis;
import annulus.machine.MachineService.Provider;
import annulus.machine.MachineStatus;
import annulus.machine.SpecProperties;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Parameters;

/** {@code vm:info}. */
final class Info extends VmCommand {
  @Parameters(paramLabel = "NAME", description = "the machine")
  String name = "";

  @Override void run(Invocation in) throws MachineException {
    Machine machine = in.platform().machine(name);
    MachineStatus status = machine.status();
    Map<String, String> specification = SpecProperties.write(machine.spec());
    specification.remove("name");
    Table properties = new Table("NAME", name);
    properties.row("state", ListMachines.state(status));
    if (!ListMachines.reason(status).isEmpty()) {
      properties.row("reason", ListMachines.reason(status));
    }
    if (status.ended()) {
      properties.row("exit status", Integer.toString(status.exitStatus()));
    }
    specification.forEach(properties::row);
    properties.print(in.out());
    List<Provider> plugged = machine.providers();
    if (!plugged.isEmpty()) {
      in.out().println();
      Table table = new Table("PLUGGED IN", "NAME", "MODEL", "BUNDLE");
      plugged.forEach(p -> table.row(p.axis().name().toLowerCase(Locale.ROOT), p.name(), p.axis() == Axis.DEVICE ? p.details() : "",
          p.bundle()));
      table.print(in.out());
    }
  }
}
