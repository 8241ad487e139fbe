package annulus.shell.command;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names of the bits of a register. */
final class BitNames {
  private final @Nullable String[] names = new String[Long.SIZE];

  /** @param bits {@code 0:PE 1:MP ...} */
  BitNames(String bits) {
    for (String bit : bits.split(" ")) {
      int colon = bit.indexOf(':');
      names[Integer.parseInt(bit.substring(0, colon))] = bit.substring(colon + 1);
    }
  }

  /** The names of the bits that are set, the lowest first; one without a name shows its number. */
  String names(long value) {
    List<String> set = new ArrayList<>();
    for (int i = 0; i < Long.SIZE; i++) {
      if ((value >>> i & 1) != 0) {
        String name = names[i];
        set.add(name == null ? "bit" + i : name);
      }
    }
    return String.join(" ", set);
  }
}
