package annulus.shell.command;

import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import java.util.Map;
import picocli.CommandLine.Parameters;

/** {@code vm:help}. */
final class Help extends VmCommand {
  @Parameters(arity = "0..1", paramLabel = "COMMAND", description = "the command to explain")
  String name = "";

  private final Map<String, Verb> verbs;

  Help(Map<String, Verb> verbs) {
    this.verbs = verbs;
  }

  @Override void run(Invocation in) throws MachineException {
    if (name.isEmpty()) {
      Table table = new Table("COMMAND", "WHAT IT DOES");
      verbs.values().forEach(v -> table.row(v.fullName(), v.description()));
      table.print(in.out());
      in.out().println("\nvm:help COMMAND explains one, as COMMAND --help does.");
      return;
    }
    Verb verb = verbs.get(name.startsWith(Verb.SCOPE + ':') ? name.substring(Verb.SCOPE.length() + 1) : name);
    if (verb == null) {
      throw new MachineException(Reason.BAD_SPECIFICATION, "no command is called \"" + name + "\"; there are "
          + String.join(", ", verbs.keySet()));
    }
    in.out().print(verb.help());
  }
}
