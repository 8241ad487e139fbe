package annulus.shell.command;

import annulus.arch.Seg;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Addresses as people type them: {@code ffffffff81000000}, {@code 0x7c00}, {@code rsp}, {@code rsp+20}, {@code fs:28},
 * {@code ds:rsi}. Numbers are hexadecimal. A register that points into a segment by itself (RIP, RSP, RBP) is relative to it.
 */
final class Addresses {
  private static final Pattern SYNTAX =
      Pattern.compile("(?:(es|cs|ss|ds|fs|gs):)?(?:0x)?([0-9a-z]+)(?:([+-])(?:0x)?([0-9a-f]+))?");
  private static final List<String> SEGMENTS = List.of("es", "cs", "ss", "ds", "fs", "gs");

  private Addresses() {}

  /** The linear address, or with {@code physical} the bare number. */
  static long parse(String text, Registers registers, boolean physical) throws MachineException {
    Matcher m = SYNTAX.matcher(text.toLowerCase(Locale.ROOT));
    if (!m.matches()) {
      throw bad(text);
    }
    String segment = m.group(1);
    String term = m.group(2);
    Long register = registers.value(term);
    long value = register != null ? register : number(term, text);
    if (m.group(4) != null) {
      long offset = number(m.group(4), text);
      value += "-".equals(m.group(3)) ? -offset : offset;
    }
    int number = segment != null ? SEGMENTS.indexOf(segment) : register != null ? implied(term) : -1;
    return physical || number < 0 ? value : value + registers.base(number);
  }

  /** The segment that a register addresses by default, or -1. */
  private static int implied(String register) {
    return switch (register) {
      case "rip", "eip", "ip" -> Seg.CS;
      case "rsp", "esp", "rbp", "ebp" -> Seg.SS;
      default -> -1;
    };
  }

  private static long number(@Nullable String digits, String text) throws MachineException {
    try {
      return Long.parseUnsignedLong(String.valueOf(digits), 16);
    } catch (NumberFormatException e) {
      throw bad(text);
    }
  }

  private static MachineException bad(String text) {
    return new MachineException(Reason.BAD_SPECIFICATION, "\"" + text
        + "\" is no address: a hexadecimal number or a register is one, such as ffffffff81000000, 0x7c00, rsp+20, fs:28");
  }
}
