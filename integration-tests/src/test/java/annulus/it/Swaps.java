package annulus.it;

import annulus.machine.Machine;
import annulus.machine.MachineException;
import annulus.machine.MachineService;
import annulus.machine.MachineService.Axis;
import annulus.machine.MachineService.Provider;
import annulus.machine.MachineStatus.Phase;
import annulus.machine.SwapReport;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Somebody who replaces parts of a machine at random moments, on a thread of its own. */
final class Swaps implements AutoCloseable {
  /** System property: how many replacements a test makes, for a longer proof than that of every build. */
  static final String COUNT = "annulus.it.swaps";

  private static final int LONGEST_WAIT_MILLIS = 20;
  private static final Duration LIMIT = Duration.ofMinutes(20);

  private final Machine machine;
  /** Alternatives by kind: engines, translations, devices. */
  private final List<List<String[]>> parts;
  private final Random random = new Random(1);
  private final Thread thread;
  private final int count;
  private volatile int made;
  private volatile boolean stop;
  private volatile @Nullable Throwable failure;

  private Swaps(Machine machine, List<List<String[]>> parts, int count) {
    this.machine = machine;
    this.parts = parts;
    this.count = count;
    thread = Thread.ofPlatform().name("swaps").start(this::run);
  }

  /** {@code usual}, or what the system property says. */
  static int count(int usual) {
    return Integer.getInteger(COUNT, usual);
  }

  /** Replaces engines, translation and every device of the machine, each kind as often as the others, {@code count} times. */
  static Swaps ofAll(Machine machine, int count) {
    return new Swaps(machine, parts(machine), count);
  }

  /** Replaces the engine only, by those that are made for work. */
  static Swaps ofEngines(Machine machine, int count) {
    return ofEngines(machine, count, "interpreter", "translator");
  }

  /** Replaces the engine only, by those of {@code names} that are there. */
  static Swaps ofEngines(Machine machine, int count, String... names) {
    return new Swaps(machine, List.of(engines(names)), count);
  }

  /** What of a machine can be replaced, and by what, by kind. */
  static List<List<String[]>> parts(Machine machine) {
    List<String[]> devices = machine.providers().stream().filter(p -> p.axis() == Axis.DEVICE)
        .map(p -> new String[] {"device." + p.name(), p.details()}).toList();
    return List.of(engines("interpreter", "translator"), List.<String[]>of(new String[] {"translation", "direct"}), devices);
  }

  private static List<String[]> engines(String... names) {
    return Services.get(MachineService.class).providers(Axis.ENGINE).stream().map(Provider::name)
        .filter(List.of(names)::contains).map(e -> new String[] {"engine", e}).toList();
  }

  @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
  private void run() {
    try {
      while (made < count && !stop && machine.status().phase() == Phase.RUNNING) {
        Thread.sleep(random.nextInt(LONGEST_WAIT_MILLIS));
        List<String[]> kind = parts.get(random.nextInt(parts.size()));
        String[] part = kind.get(random.nextInt(kind.size()));
        machine.swap(part[0], part[1]);
        made++;
      }
    } catch (MachineException | InterruptedException | RuntimeException | Error e) {
      failure = e;
    }
  }

  boolean running() {
    return thread.isAlive();
  }

  int made() {
    return made;
  }

  /** Waits until all are done. @throws AssertionError when one failed or the machine has ended before */
  void await() throws InterruptedException {
    thread.join(LIMIT);
    check();
    if (made < count) {
      throw new AssertionError(made + " of " + count + " replacements made; the machine is " + machine.status());
    }
  }

  /** Does no more. @throws AssertionError when one failed */
  void stop() throws InterruptedException {
    close();
    check();
  }

  private void check() {
    Throwable f = failure;
    if (f != null) {
      throw new AssertionError("after " + made + " replacements; the machine is " + machine.status(), f);
    }
  }

  @Override public void close() throws InterruptedException {
    stop = true;
    thread.join(LIMIT);
  }

  /** Median, 99th percentile and maximum of the pauses and of each of their phases, in microseconds. */
  static String figures(List<SwapReport> reports) {
    return reports.size() + " swaps; median, 99th percentile and maximum in us: " + String.join(", ",
        figure("pause", reports, SwapReport::pause), figure("hold", reports, SwapReport::hold),
        figure("export", reports, SwapReport::export), figure("restore", reports, SwapReport::restore),
        figure("retire", reports, SwapReport::retire), figure("resume", reports, SwapReport::resume));
  }

  private static String figure(String name, List<SwapReport> reports, Function<SwapReport, Duration> part) {
    List<Long> sorted = sorted(reports, part);
    return name + List.of(median(sorted), percentile99(sorted), sorted.getLast());
  }

  static List<Long> sorted(List<SwapReport> reports, Function<SwapReport, Duration> part) {
    return reports.stream().map(r -> part.apply(r).toNanos() / 1000).sorted().toList();
  }

  static long median(List<Long> sorted) {
    return sorted.get(sorted.size() / 2);
  }

  static long percentile99(List<Long> sorted) {
    return sorted.get(sorted.size() * 99 / 100);
  }
}
