package annulus.oracle;

import annulus.cpu.decode.Instruction;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The oracle as a program: generated instructions on the host's processor and on the model. Exit status 0 when all agree, 1 when
 * some do not, 2 when it cannot run.
 */
public final class Oracle {
  private static final int AGREE = 0;
  private static final int DIFFER = 1;
  private static final int CANNOT = 2;

  private Oracle() {}

  public static void main(String[] arguments) throws Exception {
    System.exit(run(arguments, System.out));
  }

  private static int run(String[] arguments, PrintStream out) throws Exception {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return CANNOT;
    }
    String reason = Silicon.unavailable();
    if (reason != null) {
      System.err.println("oracle: " + reason);
      return CANNOT;
    }
    if (!options.child()) {
      return ChildProcess.run(arguments, out);
    }
    ProcessHandle.current().parent().ifPresent(p -> p.onExit().thenRun(() -> Runtime.getRuntime().halt(CANNOT)));
    // A thread of its own: the main thread's signal mask and stack are the launcher's.
    int[] status = new int[1];
    Throwable[] failure = new Throwable[1];
    Thread thread = Thread.ofPlatform().start(() -> {
      try {
        status[0] = options.record() == null ? compare(options, out) : Recorder.record(options, out);
      } catch (Throwable e) {
        failure[0] = e;
      }
    });
    thread.join();
    if (failure[0] != null) {
      failure[0].printStackTrace();
      return CANNOT;
    }
    return status[0];
  }

  /** Tells the parent which case runs, in memory that outlives this process. */
  static LongConsumer progress(@Nullable Path file) throws IOException {
    if (file == null) {
      return seed -> {};
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MemorySegment shared = channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES, Arena.global());
      return seed -> shared.set(ValueLayout.JAVA_LONG, 0, seed);
    }
  }

  private static int compare(Options options, PrintStream out) throws IOException {
    Runner runner = new Runner(progress(options.progress()));
    Generator generator = runner.generator(options.family());
    List<CodeMode> modes = options.modes();
    Report report = new Report();
    Random64 seeds = new Random64(options.seed());
    long done = 0;
    long skipped = 0;
    long start = System.nanoTime();
    while (done < options.cases()) {
      long seed = options.only() != null ? options.only() : seeds.next();
      CodeMode mode = modes.get((int) (Long.remainderUnsigned(seed >>> 8, modes.size())));
      TestCase c = generator.next(seed, mode);
      if (c == null) {
        skipped++;
        continue;
      }
      Instruction i = generator.instruction();
      if (!runner.run(c, i, seed)) {
        skipped++;
        continue;
      }
      done++;
      List<String> differences = runner.differences(c, i);
      if (!differences.isEmpty() && report.add(i.mnemonic.name(), differences)) {
        report.example(i.mnemonic.name(), runner.describe(c, i, seed));
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    out.print(report.text());
    out.printf("%d cases of %d forms in %.1f s, %.0f a second; %d made and left out; %d differences%n", done, generator.forms(), seconds,
        done / seconds, skipped, report.total());
    return report.total() == 0 ? AGREE : DIFFER;
  }
}
