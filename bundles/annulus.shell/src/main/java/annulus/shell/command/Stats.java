package annulus.shell.command;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vm:stats}. */
final class Stats extends VmCommand {
  private static final String INSTRUCTIONS = ".instructions";

  /** Figures at a point of host time. */
  record Sample(long nanos, Map<String, Long> figures) {}

  @Option(names = {"-a", "--all"}, description = "shows figures that are 0 too")
  boolean all;

  @Parameters(paramLabel = "NAME", description = "the machine")
  String name = "";

  @Override void run(Invocation in) throws MachineException {
    Machine machine = in.platform().machine(name);
    Sample now = new Sample(System.nanoTime(), machine.statistics());
    Sample before = in.platform().samples().put(name, now);
    if (now.figures().isEmpty()) {
      in.out().println(name + " is " + ListMachines.state(machine.status()) + " and has no figures");
      return;
    }
    for (Map.Entry<String, Map<String, String>> group : groups(now, before).entrySet()) {
      in.out().println(group.getKey());
      int width = group.getValue().keySet().stream().mapToInt(String::length).max().orElse(0);
      group.getValue().forEach((k, v) -> in.out().println("  " + k + " ".repeat(width - k.length()) + "%20s".formatted(v)));
    }
  }

  private Map<String, Map<String, String>> groups(Sample now, @Nullable Sample before) {
    Map<String, Map<String, String>> groups = new TreeMap<>();
    BiConsumer<String, String> put = (key, text) -> {
      int dot = key.indexOf('.');
      groups.computeIfAbsent(key.substring(0, Math.max(dot, 0)), k -> new TreeMap<>()).put(key.substring(dot + 1), text);
    };
    now.figures().forEach((key, value) -> {
      if (value != 0 || all) {
        put.accept(key, String.format(Locale.ROOT, "%,d", value));
      }
      if (key.endsWith(INSTRUCTIONS)) {
        put.accept(key + " per second", rate(key, now, before));
      }
    });
    return groups;
  }

  /** Per second since the last call, or since the start where this is the first call or the machine was started anew. */
  private static String rate(String key, Sample now, @Nullable Sample before) {
    long count = now.figures().getOrDefault(key, 0L);
    Long earlier = before == null ? null : before.figures().get(key);
    long instructions = count;
    long nanos = now.figures().getOrDefault("machine.nanos", 0L);
    if (before != null && earlier != null && earlier <= count) {
      instructions -= earlier;
      nanos = now.nanos() - before.nanos();
    }
    return nanos <= 0 ? "-" : String.format(Locale.ROOT, "%.1f million", instructions * 1e3 / nanos);
  }
}
