package annulus.shell.command;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A table of at most 80 columns: cells that do not fit are wrapped, the widest column first. */
final class Table {
  static final int WIDTH = 80;
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  Table(String... headings) {
    row(headings);
  }

  Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  void print(PrintStream out) {
    lines().forEach(out::println);
  }

  List<String> lines() {
    int[] widths = widths();
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      List<List<String>> cells = new ArrayList<>();
      for (int c = 0; c < widths.length; c++) {
        cells.add(wrap(row.get(c), widths[c]));
      }
      int height = cells.stream().mapToInt(List::size).max().orElse(0);
      for (int y = 0; y < height; y++) {
        lines.add(line(cells, y, widths));
      }
    }
    return lines;
  }

  private static String line(List<List<String>> cells, int y, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String text = y < cells.get(c).size() ? cells.get(c).get(y) : "";
      line.append(c == 0 ? "" : GAP).append(text).append(" ".repeat(widths[c] - text.length()));
    }
    return line.toString().stripTrailing();
  }

  private int[] widths() {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    int total = GAP.length() * (columns - 1);
    for (int c = 0; c < columns; c++) {
      int column = c;
      widths[c] = Math.max(1, rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0));
      total += widths[c];
    }
    for (; total > WIDTH; total--) {
      int widest = 0;
      for (int c = 1; c < columns; c++) {
        widest = widths[c] >= widths[widest] ? c : widest;
      }
      widths[widest]--;
    }
    return widths;
  }

  /** Breaks text into lines of at most {@code width}, at blanks where possible. Never empty. */
  static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text.replaceAll("\\s+", " ").strip();
    while (rest.length() > width) {
      int blank = rest.lastIndexOf(' ', width);
      int end = blank > 0 ? blank : width;
      lines.add(rest.substring(0, end));
      rest = rest.substring(end).strip();
    }
    lines.add(rest);
    return lines;
  }
}
