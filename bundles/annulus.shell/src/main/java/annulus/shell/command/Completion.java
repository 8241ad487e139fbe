package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineService.Axis;
import annulus.machine.MachineService.Provider;
import annulus.machine.SpecProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jline.reader.Candidate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What can stand where the cursor is, by the label of the parameter. */
final class Completion {
  private final Platform platform;
  private final Map<String, Verb> verbs;

  Completion(Platform platform, Map<String, Verb> verbs) {
    this.platform = platform;
    this.verbs = verbs;
  }

  /** @param words the command and what follows; the one at {@code index} is being typed */
  List<Candidate> candidates(List<String> words, int index, @Nullable Path directory) {
    String command = words.isEmpty() ? "" : words.getFirst();
    Verb verb = verbs.get(command.substring(command.indexOf(':') + 1));
    if (verb == null || index < 1) {
      return List.of();
    }
    String word = index < words.size() ? words.get(index) : "";
    List<String> before = words.subList(1, Math.min(index, words.size()));
    CommandSpec spec = verb.line().getCommandSpec();
    Path from = directory == null ? Path.of("") : directory;
    return switch (label(spec, before)) {
      case "NAME" -> verb.name().equals("define") ? List.of() : machines();
      case "KEY=VALUE" -> setting(word, before, from);
      case "KEY" -> Keys.names().stream().map(Completion::plain).toList();
      case "LINE" -> Stream.of("serial0", "serial1").map(Completion::plain).toList();
      case "ADDRESS" -> Stream.of("rip", "rsp", "rbp", "rsi", "rdi", "cr3", "gdtr", "idtr").map(Completion::plain).toList();
      case "BITS" -> Stream.of("16", "32", "64").map(Completion::plain).toList();
      case "COMMAND" -> verbs.keySet().stream().map(Completion::plain).toList();
      case "FILE" -> files("", word, from);
      default -> List.of();
    };
  }

  /** The label of the parameter that follows the words so far. */
  private static String label(CommandSpec spec, List<String> before) {
    int position = 0;
    OptionSpec pending = null;
    for (String word : before) {
      if (pending != null) {
        pending = null;
      } else if (word.length() > 1 && word.startsWith("-")) {
        OptionSpec option = spec.findOption(word);
        pending = option != null && option.arity().max() > 0 ? option : null;
      } else {
        position++;
      }
    }
    if (pending != null) {
      return pending.paramLabel();
    }
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      if (parameter.index().contains(position)) {
        return parameter.paramLabel();
      }
    }
    return "";
  }

  private List<Candidate> machines() {
    return platform.service().machines().stream()
        .map(m -> new Candidate(m.name(), m.name(), null, describe(m), null, null, true)).toList();
  }

  private static String describe(Machine machine) {
    return ListMachines.state(machine.status());
  }

  private static Candidate plain(String value) {
    return new Candidate(value, value, null, null, null, null, true);
  }

  /** Something that more is to follow without a blank. */
  private static Candidate open(String value, String shown) {
    return new Candidate(value, shown, null, null, null, null, false);
  }

  private List<Candidate> setting(String word, List<String> before, Path directory) {
    int equals = word.indexOf('=');
    if (equals < 0) {
      List<Candidate> keys = new ArrayList<>();
      SpecProperties.keys().stream().sorted()
          .filter(k -> !k.equals("name") && before.stream().noneMatch(b -> b.startsWith(k + "=")))
          .forEach(k -> keys.add(open(k + "=", k + "=")));
      keys.add(open("loader.", "loader."));
      keys.add(open("device.", "device."));
      return keys;
    }
    String key = word.substring(0, equals);
    String prefix = key + "=";
    if (key.equals("kernel") || key.equals("initrd")) {
      return files(prefix, word.substring(equals + 1), directory);
    }
    return values(key, before).stream().map(v -> new Candidate(prefix + v, v, null, null, null, null, true)).toList();
  }

  private Collection<String> values(String key, List<String> before) {
    return switch (key) {
      case "engine" -> names(Axis.ENGINE);
      case "vendor" -> names(Axis.VENDOR);
      case "translation" -> names(Axis.TRANSLATION);
      case "image" -> names(Axis.IMAGE);
      case "loader" -> names(Axis.LOADER);
      case "model" -> models(before);
      case "memory" -> List.of("256M", "512M", "1G", "2G", "4G");
      case "cpus" -> List.of("1", "2", "4", "8");
      case "onReset" -> List.of("restart", "stop");
      case "autostart" -> List.of("true", "false");
      default -> key.matches("device\\.[^.]+") ? Stream.concat(Stream.of("none"), names(Axis.DEVICE).stream()).toList() : List.of();
    };
  }

  private List<String> names(Axis axis) {
    return platform.service().providers(axis).stream().map(Provider::name).distinct().toList();
  }

  /** Models of the vendor that was typed, or of all. */
  private List<String> models(List<String> before) {
    String vendor = before.stream().filter(b -> b.startsWith("vendor=")).map(b -> b.substring("vendor=".length()))
        .findFirst().orElse("");
    return platform.service().providers(Axis.VENDOR).stream().filter(p -> vendor.isEmpty() || p.name().equals(vendor))
        .flatMap(p -> Arrays.stream(p.details().split(" "))).filter(m -> !m.isEmpty()).distinct().toList();
  }

  private static List<Candidate> files(String prefix, String typed, Path directory) {
    int slash = typed.lastIndexOf('/') + 1;
    String parent = typed.substring(0, slash);
    try (Stream<Path> entries = Files.list(directory.resolve(parent))) {
      return entries.map(f -> {
        String name = f.getFileName().toString();
        return Files.isDirectory(f) ? open(prefix + parent + name + "/", name + "/")
            : new Candidate(prefix + parent + name, name, null, null, null, null, true);
      }).toList();
    } catch (IOException | InvalidPathException e) {
      return List.of(); // nothing to offer
    }
  }
}
