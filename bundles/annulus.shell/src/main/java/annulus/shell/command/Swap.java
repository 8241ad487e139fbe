package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.SwapReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Parameters;

/** {@code vm:swap}. */
final class Swap extends VmCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "the machine")
  String name = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY=VALUE", description = {
      "engine=NAME, translation=NAME or device.NAME=MODEL; the same name takes what is installed under it now"})
  List<String> settings = new ArrayList<>();

  @Override void run(Invocation in) throws MachineException {
    Machine machine = in.platform().machine(name);
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals <= 0) {
        throw new MachineException(Reason.BAD_SPECIFICATION, "\"" + setting + "\": a swap is KEY=VALUE, for instance engine=interpreter");
      }
      SwapReport report = machine.swap(setting.substring(0, equals), setting.substring(equals + 1));
      in.out().println(report.what() + ": " + report.from() + " -> " + report.to() + ", generation " + report.generation()
          + ", pause " + millis(report.pause()) + " ms");
    }
  }

  static String millis(Duration d) {
    return String.format(Locale.ROOT, "%.2f", d.toNanos() / 1e6);
  }
}
