package annulus.shell.command;

import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keys of a US keyboard by name and their codes in scan code set 1 (IBM PS/2 Hardware Interface Technical Reference, keyboard scan
 * codes): a make code, which a break code repeats with bit 7 set; grey keys have the prefix E0.
 */
final class Keys {
  private static final int EXTENDED = 0xE000;
  private static final Map<String, Integer> CODES = new HashMap<>();
  /** What SHIFT makes of the character keys. */
  private static final Map<String, String> SHIFTED = new HashMap<>();

  static {
    row(0x02, "1 2 3 4 5 6 7 8 9 0 - =");
    row(0x10, "q w e r t y u i o p [ ]");
    row(0x1E, "a s d f g h j k l ; ' `");
    row(0x2B, "\\ z x c v b n m , . /");
    row(0x3B, "f1 f2 f3 f4 f5 f6 f7 f8 f9 f10");
    row(0x57, "f11 f12");
    row(0x47, "kp7 kp8 kp9 kp-minus kp4 kp5 kp6 kp-plus kp1 kp2 kp3 kp0 kp-dot");
    row(EXTENDED + 0x47, "home up pageup");
    row(EXTENDED + 0x4F, "end down pagedown insert delete");
    Map.ofEntries(Map.entry("esc", 0x01), Map.entry("backspace", 0x0E), Map.entry("tab", 0x0F), Map.entry("enter", 0x1C),
        Map.entry("ctrl", 0x1D), Map.entry("shift", 0x2A), Map.entry("rshift", 0x36), Map.entry("kp-star", 0x37),
        Map.entry("alt", 0x38), Map.entry("space", 0x39), Map.entry("capslock", 0x3A), Map.entry("numlock", 0x45),
        Map.entry("scrolllock", 0x46), Map.entry("sysrq", 0x54), Map.entry("less", 0x56), Map.entry("kp-enter", EXTENDED + 0x1C),
        Map.entry("rctrl", EXTENDED + 0x1D), Map.entry("kp-slash", EXTENDED + 0x35), Map.entry("print", EXTENDED + 0x37),
        Map.entry("altgr", EXTENDED + 0x38), Map.entry("left", EXTENDED + 0x4B), Map.entry("right", EXTENDED + 0x4D),
        Map.entry("super", EXTENDED + 0x5B), Map.entry("rsuper", EXTENDED + 0x5C), Map.entry("menu", EXTENDED + 0x5D))
        .forEach(CODES::put);
    Map.of("del", "delete", "ins", "insert", "return", "enter", "escape", "esc", "control", "ctrl", "pgup", "pageup", "pgdn",
        "pagedown", "minus", "-", "ralt", "altgr", "printscreen", "print").forEach((alias, name) -> CODES.put(alias, code(name)));
    String plain = "1234567890-=[];'`\\,./";
    String shifted = "!@#$%^&*()_+{}:\"~|<>?";
    for (int i = 0; i < plain.length(); i++) {
      SHIFTED.put(shifted.substring(i, i + 1), plain.substring(i, i + 1));
    }
    for (char c = 'A'; c <= 'Z'; c++) {
      SHIFTED.put(String.valueOf(c), String.valueOf((char) (c | 0x20)));
    }
  }

  private Keys() {}

  private static void row(int first, String names) {
    int code = first;
    for (String name : names.split(" ")) {
      CODES.put(name, code++);
    }
  }

  private static int code(String name) {
    Integer code = CODES.get(name);
    if (code == null) {
      throw new IllegalArgumentException(name + " is no key");
    }
    return code;
  }

  /** Names for completion and messages. */
  static Set<String> names() {
    return new TreeSet<>(CODES.keySet());
  }

  /** Presses the keys of a chord such as {@code ctrl-alt-del} in order and releases them the other way round. */
  static byte[] type(String chord) throws MachineException {
    List<Integer> codes = new ArrayList<>();
    for (String name : split(chord)) {
      String plain = SHIFTED.get(name);
      if (plain != null) {
        codes.add(code("shift"));
      }
      Integer code = CODES.get(plain != null ? plain : name.toLowerCase(Locale.ROOT));
      if (code == null) {
        throw new MachineException(Reason.BAD_SPECIFICATION, "\"" + chord + "\": no key is called \"" + name
            + "\"; a character is one, and " + String.join(" ", names().stream().filter(n -> n.length() > 1).toList()));
      }
      codes.add(code);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    codes.forEach(code -> write(out, code, 0));
    codes.reversed().forEach(code -> write(out, code, 0x80));
    return out.toByteArray();
  }

  /** The names between dashes; a name may have a dash, or be one. */
  private static List<String> split(String chord) {
    List<String> names = new ArrayList<>();
    String rest = chord;
    for (int dash = next(rest); dash > 0; dash = next(rest)) {
      names.add(rest.substring(0, dash));
      rest = rest.substring(dash + 1);
    }
    names.add(rest);
    return names;
  }

  /** The dash after the first name, or -1 where the whole is one name. */
  private static int next(String text) {
    @Nullable Integer whole = CODES.get(text.toLowerCase(Locale.ROOT));
    int from = text.startsWith("kp-") ? 3 : 1;
    return whole != null ? -1 : text.indexOf('-', from);
  }

  private static void write(ByteArrayOutputStream out, int code, int release) {
    if (code >= EXTENDED) {
      out.write(0xE0);
    }
    out.write(code & 0x7F | release);
  }
}
