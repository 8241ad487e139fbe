package annulus.loader.linux;

import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import java.util.Map;

/** The loader's options. @param entry {@code auto}, {@code 64} or {@code 32} */
record Options(String entry, boolean unpack) {
  static Options read(Map<String, String> options) throws LoadException {
    String entry = "auto";
    boolean unpack = true;
    for (Map.Entry<String, String> o : options.entrySet()) {
      switch (o.getKey()) {
        case "entry" -> entry = check(o, "auto", "64", "32");
        case "unpack" -> unpack = check(o, "true", "false").equals("true");
        default -> throw new LoadException(Reason.BAD_OPTION, "unknown option " + o.getKey() + " = " + o.getValue()
            + "; the linux loader has entry and unpack");
      }
    }
    return new Options(entry, unpack);
  }

  private static String check(Map.Entry<String, String> option, String... allowed) throws LoadException {
    for (String a : allowed) {
      if (a.equals(option.getValue())) {
        return a;
      }
    }
    throw new LoadException(Reason.BAD_OPTION, option.getKey() + " = " + option.getValue() + "; possible are " + String.join(", ", allowed));
  }

  /** Whether to enter in 64-bit mode. @param possible whether the kernel can */
  boolean wide(boolean possible) throws LoadException {
    if (entry.equals("64") && !possible) {
      throw new LoadException(Reason.BAD_OPTION, "entry = 64, but this kernel has a 32-bit entry only");
    }
    return possible && !entry.equals("32");
  }
}
