package annulus.shell.command;

import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.SpecProperties;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Parameters;

/** {@code vm:define}. */
final class Define extends VmCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "1 to 64 letters, digits, dots, dashes and underscores")
  String name = "";

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "KEY=VALUE", description = {
      "memory=512M, cpus=2, engine=, vendor=, model=, translation=, image=, kernel=FILE, initrd=FILE[,FILE], append=, loader=,"
      + " onReset=restart|stop, autostart=true|false, loader.OPTION=, device.NAME=MODEL|none, device.NAME.OPTION="})
  List<String> settings = new ArrayList<>();

  @Override void run(Invocation in) throws MachineException {
    Map<String, String> properties = new TreeMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals <= 0) {
        throw new MachineException(Reason.BAD_SPECIFICATION, "\"" + setting + "\": a setting is KEY=VALUE, for instance memory=512M");
      }
      String key = setting.substring(0, equals);
      String value = setting.substring(equals + 1);
      String before = properties.put(key, isFiles(key) ? absolute(in.directory(), key, value) : value);
      if (before != null || key.equals("name")) {
        throw new MachineException(Reason.BAD_SPECIFICATION, key + " is given twice");
      }
    }
    properties.put("name", name);
    in.platform().service().define(SpecProperties.read(properties));
    in.out().println(name + " is defined");
  }

  private static boolean isFiles(String key) {
    return key.equals("kernel") || key.equals("initrd");
  }

  /** The session has its own directory, which the machine does not know. */
  private static String absolute(Path directory, String key, String files) throws MachineException {
    try {
      return String.join(",", Arrays.stream(files.split(",")).map(String::strip)
          .map(f -> f.isEmpty() ? f : directory.resolve(f).normalize().toString()).toList());
    } catch (InvalidPathException e) {
      throw new MachineException(Reason.BAD_SPECIFICATION, key + " = " + files + ": not a file name", e);
    }
  }
}
