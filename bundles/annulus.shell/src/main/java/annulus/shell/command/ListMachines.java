package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineSpec;
import annulus.machine.MachineStatus;
import annulus.machine.MachineStatus.Ending;
import java.util.Comparator;
import java.util.Locale;

/** {@code vm:list}. */
final class ListMachines extends VmCommand {
  @Override void run(Invocation in) {
    Table table = new Table("NAME", "STATE", "CPUS", "MEMORY", "ENGINE", "VENDOR", "TRANSLATION", "REASON");
    in.platform().service().machines().stream().sorted(Comparator.comparing(Machine::name)).forEach(m -> {
      MachineSpec s = m.spec();
      MachineStatus status = m.status();
      table.row(m.name(), state(status), Integer.toString(s.processors()), memory(s.memory()), s.engine(), s.vendor(), s.translation(),
          reason(status));
    });
    table.print(in.out());
  }

  /** A lifecycle state in lower case. */
  static String state(MachineStatus status) {
    return status.phase().name().toLowerCase(Locale.ROOT);
  }

  /** Why a machine is where it is. */
  static String reason(MachineStatus status) {
    return !status.reason().isEmpty() || status.ending() == Ending.NONE ? status.reason()
        : status.ending().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** A size in the largest unit that is exact. */
  static String memory(long bytes) {
    return bytes % (1L << 30) == 0 ? (bytes >> 30) + "G" : bytes % (1L << 20) == 0 ? (bytes >> 20) + "M" : Long.toString(bytes);
  }
}
