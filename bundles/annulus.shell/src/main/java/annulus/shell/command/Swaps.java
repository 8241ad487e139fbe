package annulus.shell.command;

import annulus.machine.MachineException;
import annulus.machine.SwapReport;
import java.util.List;
import picocli.CommandLine.Parameters;

/** {@code vm:swaps}. */
final class Swaps extends VmCommand {
  @Parameters(paramLabel = "NAME", description = "the machine")
  String name = "";

  @Override void run(Invocation in) throws MachineException {
    List<SwapReport> reports = in.platform().machine(name).swaps();
    Table table = new Table("GEN", "WHAT", "TO", "PAUSE", "HOLD", "EXPORT", "IMPORT", "RETIRE", "RESUME", "OK");
    for (SwapReport r : reports) {
      table.row(Integer.toString(r.generation()), r.what(), provider(r.to()), Swap.millis(r.pause()), Swap.millis(r.hold()),
          Swap.millis(r.export()), Swap.millis(r.restore()), Swap.millis(r.retire()), Swap.millis(r.resume()),
          r.succeeded() ? "yes" : "no");
    }
    table.print(in.out());
    in.out().println("times in milliseconds");
    reports.stream().filter(r -> !r.succeeded()).forEach(r -> in.out().println(r.what() + " to " + provider(r.to()) + ": " + r.reason()));
  }

  /** The name alone: with the bundle behind it the table would not fit. */
  private static String provider(String nameAndBundle) {
    int bundle = nameAndBundle.indexOf(" (");
    return bundle < 0 ? nameAndBundle : nameAndBundle.substring(0, bundle);
  }
}
