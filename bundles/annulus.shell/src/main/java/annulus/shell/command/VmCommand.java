package annulus.shell.command;

import annulus.machine.MachineException;
import java.io.IOException;
import picocli.CommandLine.Option;

/**
 * One command as it was typed once: picocli fills in the fields of a fresh object for every call. Labels of parameters
 * ({@code NAME}, {@code FILE}, {@code KEY=VALUE}) also say what {@link Completion} offers for them.
 */
abstract class VmCommand {
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "shows this help")
  boolean help;

  /** @throws MachineException with one line that says what is wrong and what would be right */
  abstract void run(Invocation in) throws MachineException, IOException, InterruptedException;
}
