package annulus.shell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.MachineService;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the command line says before any machine comes into being. */
class CommandLineTest {
  private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
  private final StringWriter output = new StringWriter();

  /** Its service refuses every call: no mistake may reach it. */
  private int execute(String... arguments) {
    MachineService service = (MachineService) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {MachineService.class},
        (proxy, method, values) -> {
          throw new AssertionError(method.getName() + " was called");
        });
    CommandLine line = CommandLineRunner.commandLine(service, name -> Optional.empty(), new PrintStream(messages, true, StandardCharsets.UTF_8));
    return line.setOut(new PrintWriter(output, true)).execute(arguments);
  }

  private void assertRefused(String what, String... arguments) {
    assertEquals(ExitStatus.USAGE, execute(arguments));
    String said = messages.toString(StandardCharsets.UTF_8);
    assertTrue(said.startsWith("annulus: ") && said.contains(what) && said.lines().count() == 1, said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--no-such-option", "--kernel", "demo one-too-many", "--device nothing", "--loader-option nothing"})
  void mistakeAfterRunGetsOneLineThatNamesTheHelp(String mistake) {
    assertRefused("(annulus run --help", ("run " + mistake).split(" "));
  }

  @Test void unknownCommandGetsOneLineThatNamesTheHelp() {
    assertRefused("'fly'", "fly");
    assertTrue(messages.toString(StandardCharsets.UTF_8).contains("(annulus --help"));
  }

  @Test void restoreTakesNothingThatDescribesAnotherMachine() {
    assertRefused("leave out --memory, IMAGE", "run", "--restore", "saved", "--memory", "1G", "linux");
  }

  @Test void unknownImageIsNamed() {
    assertRefused("\"freedos\"", "run", "freedos");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "run --version", "speed --version"})
  void versionIsPrinted(String arguments) {
    assertEquals(0, execute(arguments.split(" ")));
    assertTrue(output.toString().startsWith("annulus ") && output.toString().contains("Java " + Runtime.version()), output::toString);
  }
}
