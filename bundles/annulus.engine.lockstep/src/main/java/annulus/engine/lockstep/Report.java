package annulus.engine.lockstep;

import annulus.arch.VcpuState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A difference, for people.
 *
 * @param before instructions before the step
 * @param length instructions of the step
 * @param journal what the leading engine asked for in the step
 */
record Report(String leading, String checked, long before, long length, Locator.Place place, List<Request> journal) {
  /** One text: where, what, and the last instructions. */
  String message(int last) {
    StringBuilder out = new StringBuilder();
    out.append("lockstep: ").append(leading).append(" and ").append(checked);
    if (place.exact() || length <= 1) {
      out.append(" differ after instruction ").append(before + place.instructions());
    } else {
      out.append(" differed after one of the instructions ").append(before + 1).append(" to ").append(before + length)
          .append(", but not when they did them again");
    }
    place.differences().forEach(d -> out.append("\n  ").append(d));
    List<String> trace = place.trace();
    out.append("\nlast instructions, counted from ").append(before).append(':');
    trace.subList(Math.max(0, trace.size() - last), trace.size()).forEach(t -> out.append("\n  ").append(t));
    return out.toString();
  }

  /** Adds everything to a file: the whole step with its requests, and the state before it. */
  void append(Path file, VcpuState start) {
    StringBuilder out = new StringBuilder(message(Integer.MAX_VALUE));
    out.append("\nrequests of the step:");
    journal.forEach(r -> out.append("\n  ").append(r).append(" -> 0x").append(Long.toHexString(r.result)));
    out.append("\nstate before it:\n  ").append(start).append("\n\n");
    try {
      Files.writeString(file, out, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("annulus.lockstep.log names " + file + ", which cannot be written", e);
    }
  }
}
