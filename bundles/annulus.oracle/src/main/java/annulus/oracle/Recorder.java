package annulus.oracle;

import annulus.cpu.decode.Instruction;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Records silicon's outcomes, form by form and mode by mode, so that each has its share. */
final class Recorder {
  private Recorder() {}

  /** @return exit status */
  static int record(Options options, PrintStream out) throws IOException {
    java.nio.file.Path file = java.util.Objects.requireNonNull(options.record());
    Runner runner = new Runner(Oracle.progress(options.progress()));
    Generator generator = runner.generator(options.family());
    List<CodeMode> modes = options.modes();
    Random64 seeds = new Random64(options.seed());
    int cases = (int) options.cases();
    int attempts = 0;
    List<String> refused = new ArrayList<>();
    try (Recording.Writer writer = new Recording.Writer(Files.newOutputStream(file), runner.host(), runner.base(), cases)) {
      for (int done = 0; done < cases; attempts++) {
        // Forms that exist in 64-bit code take the other modes in turn.
        long seed = seeds.next();
        TestCase c = generator.of(attempts % generator.forms(), seed, modes.get(attempts / generator.forms() % modes.size()));
        if (c == null) {
          continue;
        }
        Instruction i = generator.instruction();
        if (runner.run(c, i, seed)) {
          if (!runner.differences(c, i).isEmpty()) {
            refused.add(runner.describe(c, i, seed));
            continue;
          }
          writer.write(c, runner.state(), runner.silicon());
          done++;
        }
      }
    }
    refused.forEach(out::print);
    out.printf("%d cases of %d forms recorded in %s, %d bytes; %d left out because the model differs%n", cases, generator.forms(), file,
        Files.size(file), refused.size());
    return refused.isEmpty() ? 0 : 1;
  }
}
