package annulus.shell.command;

import annulus.machine.Console;
import annulus.machine.MachineException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Parameters;

/** {@code vm:send-key}. */
final class SendKey extends VmCommand {
  /** The keyboard's character line: bytes of scan code set 1. */
  private static final String LINE = "keyboard0";

  @Parameters(index = "0", paramLabel = "NAME", description = "the machine")
  String name = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "KEY",
      description = "keys typed one after the other, with others held down where joined by a dash:"
          + " a, shift-a, A, enter, f1, ctrl-alt-del")
  List<String> keys = new ArrayList<>();

  @Override void run(Invocation in) throws MachineException {
    Console keyboard = in.platform().machine(name).console(LINE);
    ByteArrayOutputStream codes = new ByteArrayOutputStream();
    for (String key : keys) {
      codes.writeBytes(Keys.type(key));
    }
    keyboard.write(codes.toByteArray());
  }
}
