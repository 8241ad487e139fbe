package annulus.shell.command;

import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code .cfg} files that Felix File Install reads: Java properties whose values are then searched for <code>${...}</code>. A
 * backslash keeps a brace, or another backslash, from that second reading, and is itself escaped for the first.
 */
final class ConfigFile {
  private ConfigFile() {}

  static String write(Map<String, String> properties) {
    StringBuilder out = new StringBuilder();
    new TreeMap<>(properties).forEach((key, value) -> {
      escape(out, key, true);
      escape(out.append(" = "), value.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}"), false);
      out.append('\n');
    });
    return out.toString();
  }

  /** As java.util.Properties wants it: in ISO 8859-1, of which only ASCII is used so that the reader's encoding does not matter. */
  private static void escape(StringBuilder out, String text, boolean key) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' || key && (c == ' ' || c == ':' || c == '=') || i == 0 && (c == ' ' || key && (c == '#' || c == '!'))) {
        out.append('\\').append(c);
      } else if (c < 0x20 || c > 0x7E) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
  }
}
