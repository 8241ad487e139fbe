package annulus.oracle;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param only run the case of this seed alone
 * @param record file to record into, or null to compare
 * @param child this is the process that runs the cases
 * @param progress file to tell the parent the current seed in
 */
record Options(long cases, long seed, List<CodeMode> modes, @Nullable String family, @Nullable Long only, @Nullable Path record,
    boolean child, @Nullable Path progress) {
  private static final String USAGE = """
      oracle [--cases N] [--seed S] [--mode 64|32|16|all] [--family integer|system|x87|sse|vex|MNEMONIC] [--only SEED]
             [--record FILE]
        --cases N     cases to run, 1000000 by default
        --seed S      first seed, hexadecimal
        --only SEED   the one case with the seed of a report
        --record FILE silicon's results of --cases cases of all forms, for hosts without this processor""";

  static Options parse(String[] arguments) {
    long cases = 1_000_000;
    long seed = 1;
    List<CodeMode> modes = List.of(CodeMode.values());
    String family = null;
    Long only = null;
    Path record = null;
    boolean child = false;
    Path progress = null;
    for (int n = 0; n < arguments.length; n++) {
      String option = arguments[n];
      if (option.equals("--child")) {
        child = true;
        continue;
      }
      if (n + 1 == arguments.length) {
        throw new IllegalArgumentException(option + ": unknown, or its value is missing" + System.lineSeparator() + USAGE);
      }
      String value = arguments[++n];
      switch (option) {
        case "--cases" -> cases = Long.parseLong(value);
        case "--seed" -> seed = Long.parseUnsignedLong(value, 16);
        case "--mode" -> modes = value.equals("all") ? modes : List.of(CodeMode.of(Integer.parseInt(value)));
        case "--family" -> family = value;
        case "--only" -> only = Long.parseUnsignedLong(value, 16);
        case "--record" -> record = Path.of(value);
        case "--progress" -> progress = Path.of(value);
        default -> throw new IllegalArgumentException(option + ": unknown option" + System.lineSeparator() + USAGE);
      }
    }
    return new Options(only == null ? cases : 1, seed, modes, family, only, record, child, progress);
  }
}
