package annulus.shell.command;

import annulus.machine.MachineException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Process;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/**
 * A Gogo function. Gogo maps the names of functions to Java methods, which cannot contain a dash, but calls a service that is a
 * {@link Function} whatever its name.
 */
final class Verb implements Function {
  static final String SCOPE = "vm";
  private static final int WIDTH = 80;

  private final Platform platform;
  private final String name;
  private final String description;
  private final Supplier<VmCommand> command;

  Verb(Platform platform, String name, String description, Supplier<VmCommand> command) {
    this.platform = platform;
    this.name = name;
    this.description = description;
    this.command = command;
  }

  String name() {
    return name;
  }

  String fullName() {
    return SCOPE + ':' + name;
  }

  String description() {
    return description;
  }

  /** A parser that fills in one command. */
  CommandLine line() {
    CommandLine line = new CommandLine(command.get());
    line.setCommandName(fullName());
    line.getCommandSpec().usageMessage().description(description).width(WIDTH);
    return line;
  }

  String help() {
    return line().getUsageMessage(Ansi.OFF);
  }

  @Override public @Nullable Object execute(CommandSession session, List<Object> arguments) throws InterruptedException {
    Process process = Process.Utils.current();
    Path directory = session.currentDir() == null ? Path.of("").toAbsolutePath() : session.currentDir();
    Terminal terminal = session.get(".terminal") instanceof Terminal t ? t : null;
    int status = run(new Invocation(platform, directory, process.out(), terminal), process.err(),
        arguments.stream().map(String::valueOf).toList());
    if (status != 0) {
      process.error(status);
    }
    return null;
  }

  /** Runs with these arguments; says in one line what went wrong. @return 0 when all is well, 1 when it failed, 2 when misused */
  int run(Invocation in, PrintStream errors, List<String> arguments) throws InterruptedException {
    CommandLine line = line();
    try {
      line.parseArgs(arguments.toArray(String[]::new));
      if (line.isUsageHelpRequested()) {
        line.usage(in.out(), Ansi.OFF);
      } else {
        line.<VmCommand>getCommand().run(in);
      }
      return 0;
    } catch (ParameterException e) {
      errors.println(fullName() + ": " + lowerFirst(String.valueOf(e.getMessage())) + "; " + synopsis(line));
      return 2;
    } catch (MachineException | IOException e) {
      errors.println(fullName() + ": " + e.getMessage());
      return 1;
    }
  }

  private static String lowerFirst(String message) {
    return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1).replaceAll("\\s*\\R\\s*", " ");
  }

  /** The usage line without its line breaks. */
  private static String synopsis(CommandLine line) {
    return "usage: " + line.getHelp().synopsis(0).replaceAll("\\s+", " ").strip();
  }
}
