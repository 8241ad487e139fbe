package annulus.shell.command;

import annulus.machine.Console;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.shell.console.Attachment;
import java.io.IOException;
import org.jline.terminal.Terminal;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vm:console}. */
final class ConsoleCommand extends VmCommand {
  @Option(names = {"-n", "--no-replay"}, description = "does not show what the guest wrote before")
  boolean noReplay;

  @Parameters(index = "0", paramLabel = "NAME", description = "the machine")
  String name = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "LINE", description = "the line (default serial0)")
  String line = "serial0";

  @Override void run(Invocation in) throws MachineException, IOException {
    Machine machine = in.platform().machine(name);
    Console console = machine.console(line);
    Terminal terminal = in.terminal();
    if (terminal == null) {
      throw new MachineException(Reason.HOST, "this session has no terminal to attach; vm:console needs an interactive one");
    }
    terminal.writer().println("[" + name + " " + line + "; Ctrl-] leaves]");
    terminal.flush();
    Attachment.End end = Attachment.terminal(terminal, console, !noReplay, () -> machine.status().ended());
    String why = switch (end) {
      case LEFT -> "left; " + name + " is ";
      case INPUT_ENDED -> "the terminal is gone; " + name + " is ";
      case CONDITION -> name + " is ";
    };
    String reason = ListMachines.reason(machine.status());
    terminal.writer().println("\r\n[" + why + ListMachines.state(machine.status()) + (reason.isEmpty() ? "" : ": " + reason) + "]");
    terminal.flush();
  }
}
