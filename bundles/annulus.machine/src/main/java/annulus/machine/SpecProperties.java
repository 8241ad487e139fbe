package annulus.machine;

import annulus.machine.MachineException.Reason;
import annulus.machine.MachineSpec.OnReset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A specification as flat properties, the form of {@code conf/machines/*.cfg}, of {@code vm:define} and of saved machines. Keys:
 * {@code name memory cpus engine vendor model translation image kernel initrd append loader onReset autostart}, and
 * {@code loader.OPTION}, {@code device.NAME} (a model, or {@code none}), {@code device.NAME.OPTION}. Memory takes the suffixes
 * {@code M} and {@code G}; several initrd files are separated by commas.
 */
public final class SpecProperties {
  private static final Set<String> PLAIN = Set.of("name", "memory", "cpus", "engine", "vendor", "model", "translation", "image",
      "kernel", "initrd", "append", "loader", "onReset", "autostart");
  private static final long SMALLEST_MEMORY = 1L << 20;
  private static final long LARGEST_MEMORY = 64L << 30;
  private static final int MOST_PROCESSORS = 64;

  private SpecProperties() {}

  /** The plain keys, for completion and messages. */
  public static Set<String> keys() {
    return PLAIN;
  }

  /** Reads a specification. @throws MachineException naming the key, its value and what would be right */
  public static MachineSpec read(Map<String, ?> properties) throws MachineException {
    Map<String, String> loaderOptions = new TreeMap<>();
    Map<String, String> devices = new TreeMap<>();
    Map<String, Map<String, String>> deviceOptions = new TreeMap<>();
    Map<String, String> plain = new TreeMap<>();
    for (Map.Entry<String, ?> e : properties.entrySet()) {
      String key = e.getKey();
      String value = String.valueOf(e.getValue()).strip();
      if (PLAIN.contains(key)) {
        plain.put(key, value);
      } else if (key.startsWith("loader.")) {
        loaderOptions.put(key.substring("loader.".length()), value);
      } else if (key.startsWith("device.")) {
        String[] parts = key.substring("device.".length()).split("\\.", 2);
        if (parts.length == 1) {
          devices.put(parts[0], value);
        } else {
          deviceOptions.computeIfAbsent(parts[0], k -> new TreeMap<>()).put(parts[1], value);
        }
      } else {
        throw bad(key + " = " + value + ": unknown key; keys are " + String.join(", ", PLAIN.stream().sorted().toList())
            + ", loader.OPTION, device.NAME and device.NAME.OPTION");
      }
    }
    MachineSpec d = MachineSpec.named(name(plain.get("name")));
    return new MachineSpec(d.name(), memory(plain.get("memory"), d.memory()), processors(plain.get("cpus"), d.processors()),
        plain.getOrDefault("engine", d.engine()), plain.getOrDefault("vendor", d.vendor()), plain.getOrDefault("model", d.model()),
        plain.getOrDefault("translation", d.translation()), plain.getOrDefault("image", d.image()), path("kernel", plain.get("kernel")),
        paths("initrd", plain.get("initrd")), plain.get("append"), plain.getOrDefault("loader", d.loader()), loaderOptions, devices,
        deviceOptions, onReset(plain.get("onReset"), d.onReset()), flag(plain.get("autostart")));
  }

  /** Writes a specification so that {@link #read} gives an equal one. */
  public static Map<String, String> write(MachineSpec s) {
    Map<String, String> p = new TreeMap<>();
    p.put("name", s.name());
    p.put("memory", s.memory() >> 20 << 20 == s.memory() ? (s.memory() >> 20) + "M" : Long.toString(s.memory()));
    p.put("cpus", Integer.toString(s.processors()));
    p.put("engine", s.engine());
    p.put("vendor", s.vendor());
    put(p, "model", s.model());
    p.put("translation", s.translation());
    put(p, "image", s.image());
    Path kernel = s.kernel();
    if (kernel != null) {
      p.put("kernel", kernel.toString());
    }
    put(p, "initrd", String.join(",", s.modules().stream().map(Path::toString).toList()));
    String append = s.commandLine();
    if (append != null) {
      p.put("append", append);
    }
    put(p, "loader", s.loader());
    s.loaderOptions().forEach((k, v) -> p.put("loader." + k, v));
    s.devices().forEach((k, v) -> p.put("device." + k, v));
    s.deviceOptions().forEach((name, options) -> options.forEach((k, v) -> p.put("device." + name + "." + k, v)));
    p.put("onReset", s.onReset().name().toLowerCase(Locale.ROOT));
    p.put("autostart", Boolean.toString(s.autostart()));
    return p;
  }

  /** The specification with one key changed. */
  public static MachineSpec with(MachineSpec s, String key, String value) throws MachineException {
    Map<String, String> p = write(s);
    p.put(key, value);
    return read(p);
  }

  private static void put(Map<String, String> p, String key, String value) {
    if (!value.isEmpty()) {
      p.put(key, value);
    }
  }

  private static MachineException bad(String message) {
    return new MachineException(Reason.BAD_SPECIFICATION, message);
  }

  private static String name(@Nullable String name) throws MachineException {
    if (name == null || !name.matches("[A-Za-z0-9._-]{1,64}")) {
      throw bad("name = " + name + ": a name has 1 to 64 letters, digits, dots, dashes and underscores");
    }
    return name;
  }

  /** A size such as {@code 512M}, {@code 2G} or plain bytes. */
  private static long memory(@Nullable String text, long otherwise) throws MachineException {
    if (text == null) {
      return otherwise;
    }
    String t = text.toUpperCase(Locale.ROOT);
    int shift = t.endsWith("G") ? 30 : t.endsWith("M") ? 20 : t.endsWith("K") ? 10 : 0;
    try {
      long n = Long.parseLong(shift == 0 ? t : t.substring(0, t.length() - 1));
      long bytes = Math.multiplyExact(n, 1L << shift);
      if (bytes >= SMALLEST_MEMORY && bytes <= LARGEST_MEMORY && bytes % SMALLEST_MEMORY == 0) {
        return bytes;
      }
    } catch (NumberFormatException | ArithmeticException e) {
      throw bad("memory = " + text + ": a size such as 512M or 2G is needed");
    }
    throw bad("memory = " + text + ": 1M to 64G in whole MiB are possible");
  }

  private static int processors(@Nullable String text, int otherwise) throws MachineException {
    if (text == null) {
      return otherwise;
    }
    try {
      int n = Integer.parseInt(text);
      if (n >= 1 && n <= MOST_PROCESSORS) {
        return n;
      }
    } catch (NumberFormatException e) {
      throw bad("cpus = " + text + ": a number from 1 to " + MOST_PROCESSORS + " is needed");
    }
    throw bad("cpus = " + text + ": 1 to " + MOST_PROCESSORS + " are possible");
  }

  private static @Nullable Path path(String key, @Nullable String text) throws MachineException {
    try {
      return text == null || text.isEmpty() ? null : Path.of(text);
    } catch (InvalidPathException e) {
      throw bad(key + " = " + text + ": not a file name");
    }
  }

  private static List<Path> paths(String key, @Nullable String text) throws MachineException {
    List<Path> paths = new ArrayList<>();
    for (String part : text == null ? new String[0] : text.split(",")) {
      Path p = path(key, part.strip());
      if (p != null) {
        paths.add(p);
      }
    }
    return paths;
  }

  private static OnReset onReset(@Nullable String text, OnReset otherwise) throws MachineException {
    if (text == null) {
      return otherwise;
    }
    return Arrays.stream(OnReset.values()).filter(v -> v.name().equalsIgnoreCase(text)).findFirst()
        .orElseThrow(() -> bad("onReset = " + text + ": restart or stop"));
  }

  private static boolean flag(@Nullable String text) throws MachineException {
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw bad("autostart = " + text + ": true or false");
  }
}
