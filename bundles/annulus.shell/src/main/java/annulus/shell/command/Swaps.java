package annulus.shell.command;

import annulus.machine.MachineException;
import annulus.machine.SwapReport;
import picocli.CommandLine.Parameters;

/** {@code vm:swaps}. */
final class Swaps extends VmCommand {
  @Parameters(paramLabel = "NAME", description = "the machine")
  String name = "";

  @Override void run(Invocation in) throws MachineException {
    Table table = new Table("GEN", "WHAT", "TO", "PAUSE", "HOLD", "EXPORT", "IMPORT", "RETIRE", "RESUME", "RESULT");
    for (SwapReport r : in.platform().machine(name).swaps()) {
      table.row(Integer.toString(r.generation()), r.what(), r.to(), Swap.millis(r.pause()), Swap.millis(r.hold()),
          Swap.millis(r.export()), Swap.millis(r.restore()), Swap.millis(r.retire()), Swap.millis(r.resume()),
          r.succeeded() ? "ok" : r.reason());
    }
    table.print(in.out());
    in.out().println("times in milliseconds");
  }
}
