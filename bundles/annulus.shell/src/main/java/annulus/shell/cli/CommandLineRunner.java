package annulus.shell.cli;

import annulus.loader.ImageSource;
import annulus.machine.MachineService;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Carries out the command line of a container that was started with one, and ends the process with its status. The arguments
 * come in the file that the property {@code annulus.run} names, each followed by a NUL byte.
 */
@Component(service = {}, immediate = true)
public final class CommandLineRunner {
  private static final String PROPERTY = "annulus.run";

  /** The top of the command line. */
  @Command(name = "annulus", mixinStandardHelpOptions = true, versionProvider = Version.class, description = {
      "A modular virtual machine monitor for x86-64.", "Without arguments: the shell with the platform."})
  private static final class Top implements Runnable {
    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandLine.Model.CommandSpec spec;

    @Override public void run() {
      throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing: run or speed");
    }
  }

  @Activate
  public CommandLineRunner(@Reference MachineService service, BundleContext context) throws IOException {
    String file = context.getProperty(PROPERTY);
    if (file != null) {
      List<String> arguments = arguments(Path.of(file));
      Thread.ofPlatform().name("annulus-run").start(() -> {
        int status = ExitStatus.USAGE;
        try {
          Container.awaitStart();
          status = run(service, new ImageSources(context), arguments);
        } catch (Error e) { // what picocli does not catch; without an end the container would stay, with nothing to do
          complain(System.err, e.toString());
        } finally {
          end(status);
        }
      });
    }
  }

  private static List<String> arguments(Path file) throws IOException {
    List<String> arguments = new ArrayList<>();
    byte[] bytes = Files.readAllBytes(file);
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        arguments.add(new String(bytes, from, i - from, StandardCharsets.UTF_8));
        from = i + 1;
      }
    }
    return arguments;
  }

  private static int run(MachineService service, ImageSources images, List<String> arguments) {
    return commandLine(service, images::find, System.err).execute(arguments.toArray(String[]::new));
  }

  /** The whole command line. Every mistake in it is one line on {@code messages}. */
  static CommandLine commandLine(MachineService service, Function<String, Optional<ImageSource>> images, PrintStream messages) {
    CommandLine line = new CommandLine(new Top());
    line.addSubcommand(new RunCommand(service, images, messages));
    line.addSubcommand(new SpeedCommand(service, images, messages));
    line.setParameterExceptionHandler((e, arguments) -> {
      messages.println("annulus: " + String.valueOf(e.getMessage()).replaceAll("\\R", " ") + " (" + e.getCommandLine().getCommandSpec().qualifiedName()
          + " --help lists what there is)");
      return ExitStatus.USAGE;
    });
    line.setExecutionExceptionHandler((e, command, parsed) -> {
      complain(messages, e.getMessage() == null ? e.toString() : e.getMessage());
      return ExitStatus.USAGE;
    });
    return line;
  }

  /** What fails because the container stops, classes that cannot be loaded any more for instance, is no news. */
  private static void complain(PrintStream messages, String what) {
    if (!Container.stopping()) {
      messages.println("annulus: " + what);
    }
  }

  /**
   * The container's own shutdown hook stops the framework. What other bundles have to say about being stopped is no part of the
   * command's output: standard output is closed, and not only {@link System#out} replaced, because Gogo's runtime puts the one back
   * that it found when it was started.
   */
  private static void end(int status) {
    System.out.flush();
    System.err.flush();
    try {
      new FileOutputStream(FileDescriptor.out).close();
    } catch (IOException e) {
      complain(System.err, "standard output could not be closed: " + e.getMessage());
    }
    System.exit(status);
  }
}
