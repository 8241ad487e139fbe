package annulus.shell.cli;

import annulus.loader.GuestImage;
import annulus.loader.ImageSource;
import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineService;
import annulus.machine.MachineStatus;
import annulus.machine.SpecProperties;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code annulus speed}: boots Linux, lets it run its workloads, and prints how long each took and how many guest instructions a
 * second that is, by the host's clock. A workload is what a guest brackets with the console lines {@code BEGIN name} and
 * {@code BENCH name ...}; {@code GUEST-READY} marks the end of the boot.
 */
@Command(name = "speed", mixinStandardHelpOptions = true, versionProvider = Version.class, sortOptions = false,
    description = "Boots Linux, runs workloads in it and prints guest instructions per second.")
final class SpeedCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofHours(1);
  private static final double NANOS = 1e9;

  private final MachineService service;
  private final Function<String, Optional<ImageSource>> images;
  private final PrintStream messages;

  @Option(names = "--engine", paramLabel = "NAME", description = "execution engine (default: translator)")
  String engine = "translator";

  @Option(names = "--vendor", paramLabel = "NAME", description = "processor vendor (default: intel)")
  String vendor = "intel";

  @Option(names = "--kernel", paramLabel = "FILE", description = "kernel of a guest of your own")
  @Nullable Path kernel;

  @Option(names = "--initrd", paramLabel = "FILE", description = "its initial RAM disk")
  @Nullable Path initrd;

  @Option(names = "--append", paramLabel = "TEXT", description = "its command line")
  String append = "console=ttyS0 quiet no_timer_check annulus.speed";

  /** @param images finds an image source by name */
  SpeedCommand(MachineService service, Function<String, Optional<ImageSource>> images, PrintStream messages) {
    this.service = service;
    this.images = images;
    this.messages = messages;
  }

  /** What the guest had done when a line came. */
  private record Mark(long nanos, long instructions) {}

  @Override public Integer call() throws InterruptedException, IOException {
    try {
      return measure();
    } catch (MachineException e) {
      messages.println("annulus: " + e.getMessage());
      return ExitStatus.USAGE;
    }
  }

  private int measure() throws MachineException, InterruptedException, IOException {
    Map<String, String> p = new TreeMap<>(Map.of("name", "speed", "memory", "512M", "engine", engine, "vendor", vendor, "append", append));
    Path own = kernel;
    if (own != null) {
      p.put("kernel", own.toAbsolutePath().toString());
      if (initrd != null) {
        p.put("initrd", initrd.toAbsolutePath().toString());
      }
    } else {
      ImageSource source = images.apply("linux").orElseThrow(() -> new MachineException(Reason.NO_PROVIDER, "the container has no image linux"));
      try (ProgressBar bar = new ProgressBar(messages)) {
        GuestImage files = source.resolve(Map.of(), bar);
        p.put("kernel", files.kernel().toString());
        p.put("initrd", String.join(",", files.modules().stream().map(Path::toString).toList()));
      }
    }
    Machine machine = service.define(SpecProperties.read(p));
    Mark start = new Mark(System.nanoTime(), 0);
    machine.create();
    Lines lines = new Lines(machine, start);
    try (AutoCloseable copy = machine.console("serial0").attach(lines::output, true)) {
      machine.start();
      MachineStatus end = machine.await(LIMIT);
      if (end.exitStatus() != 0 || !end.ended()) {
        if (Container.stopping()) {
          return ExitStatus.INTERRUPTED;
        }
        messages.println("annulus: the guest did not end well: " + end.phase() + " " + end.reason());
        return ExitStatus.USAGE;
      }
      return lines.complete() ? ExitStatus.POWERED_OFF : ExitStatus.USAGE;
    } catch (InterruptedException | RuntimeException | MachineException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the console could not be closed", e);
    } finally {
      machine.destroy();
    }
  }

  /** Turns console lines into rows of the table. Called on one thread. */
  private static final class Lines {
    private final Machine machine;
    private final Mark start;
    private final StringBuilder line = new StringBuilder();
    private final Map<String, Mark> begun = new LinkedHashMap<>();
    private final List<String> rows = new ArrayList<>();

    Lines(Machine machine, Mark start) {
      this.machine = machine;
      this.start = start;
      System.out.printf("%-12s %9s %14s %10s%n", "workload", "seconds", "instructions", "MIPS");
    }

    void output(byte[] bytes, int offset, int length) {
      for (char c : new String(bytes, offset, length, StandardCharsets.ISO_8859_1).toCharArray()) {
        if (c == '\n') {
          line(line.toString().strip());
          line.setLength(0);
        } else {
          line.append(c);
        }
      }
    }

    private void line(String text) {
      Mark now = new Mark(System.nanoTime(), machine.statistics().getOrDefault("vcpu0.instructions", 0L));
      String[] words = text.split(" ");
      if (text.startsWith("GUEST-READY")) {
        row("boot", start, now);
      } else if (words[0].equals("BEGIN") && words.length > 1) {
        begun.put(words[1], now);
      } else if (words[0].equals("BENCH") && words.length > 1) {
        Mark from = begun.remove(words[1]);
        if (from != null) {
          row(words[1], from, now);
        }
      }
    }

    private void row(String name, Mark from, Mark to) {
      double seconds = (to.nanos() - from.nanos()) / NANOS;
      long instructions = to.instructions() - from.instructions();
      rows.add(name);
      System.out.printf("%-12s %9.2f %14d %10.0f%n", name, seconds, instructions, instructions / seconds / 1e6);
      System.out.flush();
    }

    /** Whether the guest came up and every workload it began has ended. */
    boolean complete() {
      return rows.contains("boot") && begun.isEmpty();
    }
  }
}
