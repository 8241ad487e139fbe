package annulus.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Differences by mnemonic, with the first few of each kind in full. */
final class Report {
  private static final int SHOWN = 2;

  private static final class Group {
    long count;
    final Map<String, Long> parts = new TreeMap<>();
    final List<String> examples = new ArrayList<>();
  }

  private final Map<String, Group> groups = new TreeMap<>();
  private long total;

  /** @return whether {@link #example} should follow */
  boolean add(String mnemonic, List<String> parts) {
    total++;
    Group g = groups.computeIfAbsent(mnemonic, m -> new Group());
    g.count++;
    g.parts.merge(String.join(" ", parts), 1L, Long::sum);
    return g.examples.size() < SHOWN;
  }

  void example(String mnemonic, String text) {
    Group g = groups.get(mnemonic);
    if (g != null) {
      g.examples.add(text);
    }
  }

  long total() {
    return total;
  }

  String text() {
    StringBuilder s = new StringBuilder();
    groups.forEach((mnemonic, g) -> {
      s.append("  ").append(mnemonic).append(": ").append(g.count).append(" differences ").append(g.parts).append(System.lineSeparator());
      g.examples.forEach(s::append);
    });
    return s.toString();
  }
}
