package annulus.shell.command;

import annulus.machine.MachineService.Axis;
import annulus.machine.MachineService.Provider;

/** {@code vm:engines}, {@code vm:vendors} and so on: what is installed and who uses it. */
final class ListProviders extends VmCommand {
  private final Axis axis;

  ListProviders(Axis axis) {
    this.axis = axis;
  }

  @Override void run(Invocation in) {
    Table table = new Table("NAME", "BUNDLE", "DETAILS", "USED BY");
    for (Provider p : in.platform().service().providers(axis)) {
      table.row(p.name(), p.bundle(), p.details(), String.join(", ", p.users()));
    }
    table.print(in.out());
  }
}
