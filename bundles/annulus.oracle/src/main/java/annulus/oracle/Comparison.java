package annulus.oracle;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.cpu.decode.Instruction;
import java.util.ArrayList;
import java.util.List;

/** Whether two outcomes of a case are the same where the architecture says what they are. */
final class Comparison {
  private static final String[] NAMES = {"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"};
  private static final String[] SEGMENTS = {"ES", "CS", "SS", "DS", "FS", "GS"};

  /** Highest bits that the last-instruction pointers need not hold: a processor's linear addresses have 57. */
  private static final int POINTER_SPARE = 8;

  private Comparison() {}

  /** The parts that differ, none if the model is right. */
  static List<String> differences(Instruction i, State in, Outcome silicon, Outcome model) {
    List<String> parts = new ArrayList<>(0);
    if (!Tolerance.faults(i, silicon, model)) {
      part(silicon.vector != model.vector, "vector", parts);
      part(silicon.vector == model.vector && silicon.errorCode != model.errorCode, "error-code", parts);
      part(silicon.vector == model.vector && silicon.cr2 != model.cr2, "CR2", parts);
    }
    boolean completed = model.vector == Outcome.COMPLETED;
    if (completed && silicon.vector == Outcome.COMPLETED && UndefinedFlags.result(i, in)) {
      return parts;
    }
    registers(i, silicon, model, parts);
    if (silicon.rip != model.rip) {
      parts.add("IP");
    }
    // RF in the image of a fault's flags is the delivery's (SDM 3B 17.3.1.1).
    int ignored = Rflags.RF | (completed ? UndefinedFlags.after(i, in) : 0);
    if (((silicon.flags ^ model.flags) & ~(long) ignored) != 0) {
      flags((silicon.flags ^ model.flags) & ~ignored, parts);
    }
    for (int s = 0; s < 6; s++) {
      // The way into the handler clears the privilege bits of null selectors.
      if (silicon.selectors[s] != model.selectors[s] && (silicon.selectors[s] | model.selectors[s]) > 3) {
        parts.add(SEGMENTS[s]);
      }
    }
    extended(i, silicon, model, parts);
    if (silicon.data.mismatch(model.data) >= 0 && !Tolerance.memory(i, model)) {
      parts.add("memory");
    }
    return parts;
  }

  private static void registers(Instruction i, Outcome silicon, Outcome model, List<String> parts) {
    // Outside 64-bit mode the upper halves are undefined (SDM 1 3.4.1.1).
    boolean wide = i.codeBits == 64 && model.selectors[Seg.CS] == Segmentation.USER_CODE_64;
    int count = wide ? 16 : 8;
    long mask = wide ? -1 : 0xFFFF_FFFFL;
    for (int n = 0; n < count; n++) {
      if (((silicon.gpr[n] ^ model.gpr[n]) & mask & ~Tolerance.registerBits(i, n, model)) != 0) {
        parts.add(n < 8 ? NAMES[n] : "R" + n);
      }
    }
  }

  private static void flags(long differing, List<String> parts) {
    int[] bits = {Rflags.CF, Rflags.PF, Rflags.AF, Rflags.ZF, Rflags.SF, Rflags.OF};
    String[] names = {"CF", "PF", "AF", "ZF", "SF", "OF"};
    for (int n = 0; n < bits.length; n++) {
      if ((differing & bits[n]) != 0) {
        parts.add(names[n]);
      }
    }
    if ((differing & ~Rflags.STATUS) != 0) {
      parts.add("flags");
    }
  }

  private static void extended(Instruction i, Outcome silicon, Outcome model, List<String> parts) {
    byte[] a = silicon.fx.array();
    byte[] b = model.fx.array();
    if (java.util.Arrays.equals(a, 0, Outcome.FX_HEADER, b, 0, Outcome.FX_HEADER)
        && java.util.Arrays.equals(a, Outcome.FX_REGISTERS, Outcome.FX_END, b, Outcome.FX_REGISTERS, Outcome.FX_END)) {
      return;
    }
    Bytes s = silicon.fx;
    Bytes m = model.fx;
    boolean switched = Tolerance.x87State(i, model);
    part(s.u16(0) != m.u16(0), "FCW", parts);
    part(!switched && ((s.u16(2) ^ m.u16(2)) & ~Tolerance.statusBits(i)) != 0, "FSW", parts);
    part(!switched && s.u8(4) != m.u8(4), "FTW", parts);
    part(s.u16(6) != m.u16(6), "FOP", parts);
    part((s.i64(8) ^ m.i64(8)) << POINTER_SPARE != 0, "FIP", parts);
    part((s.i64(16) ^ m.i64(16)) << POINTER_SPARE != 0, "FDP", parts);
    part(s.i32(24) != m.i32(24), "MXCSR", parts);
    for (int n = 0; n < 8; n++) {
      int at = 32 + 16 * n;
      boolean differs = s.i64(at) != m.i64(at) || s.u16(at + 8) != m.u16(at + 8);
      part(differs && !switched && !Tolerance.x87(i, s, m, at), "ST" + n, parts);
    }
    for (int n = 0; n < 16; n++) {
      int at = 160 + 16 * n;
      boolean differs = s.i64(at) != m.i64(at) || s.i64(at + 8) != m.i64(at + 8);
      part(differs && !Tolerance.vector(i, s, m, at), "XMM" + n, parts);
    }
  }

  private static void part(boolean differs, String name, List<String> parts) {
    if (differs) {
      parts.add(name);
    }
  }

  /** Both outcomes in full beside what the instruction met. */
  static String dump(State in, Outcome silicon, Outcome model) {
    StringBuilder s = new StringBuilder();
    s.append("      %-6s %18s %18s %18s%n".formatted("", "before", "silicon", "model"));
    s.append("      %-6s %18s %18d %18d%n".formatted("vector", "", silicon.vector, model.vector));
    row(s, "error", 0, silicon.errorCode, model.errorCode);
    row(s, "CR2", 0, silicon.cr2, model.cr2);
    row(s, "IP", in.rip, silicon.rip, model.rip);
    row(s, "flags", in.flags, silicon.flags, model.flags);
    for (int n = 0; n < 16; n++) {
      row(s, n < 8 ? NAMES[n] : "R" + n, in.gpr[n], silicon.gpr[n], model.gpr[n]);
    }
    for (int n = Seg.ES; n <= Seg.GS; n++) {
      row(s, SEGMENTS[n], model.selectors[n], silicon.selectors[n], model.selectors[n]);
    }
    Bytes f = in.fx;
    row(s, "FCW", f.u16(0), silicon.fx.u16(0), model.fx.u16(0));
    row(s, "FSW", f.u16(2), silicon.fx.u16(2), model.fx.u16(2));
    row(s, "FTW", f.u16(4), silicon.fx.u16(4), model.fx.u16(4));
    row(s, "FOP", f.u16(6), silicon.fx.u16(6), model.fx.u16(6));
    row(s, "FIP", f.i64(8), silicon.fx.i64(8), model.fx.i64(8));
    row(s, "FDP", f.i64(16), silicon.fx.i64(16), model.fx.i64(16));
    row(s, "MXCSR", f.i32(24), silicon.fx.i32(24), model.fx.i32(24));
    for (int at = 32; at < Outcome.FX_END; at += 16) {
      String name = at < 160 ? "ST" + (at - 32) / 16 : "XMM" + (at - 160) / 16;
      s.append("      %-6s %04x:%016x %04x:%016x %04x:%016x%n".formatted(name, at < 160 ? f.u16(at + 8) : f.i64(at + 8), f.i64(at),
          at < 160 ? silicon.fx.u16(at + 8) : silicon.fx.i64(at + 8), silicon.fx.i64(at),
          at < 160 ? model.fx.u16(at + 8) : model.fx.i64(at + 8), model.fx.i64(at)));
    }
    memory(s, in, silicon, model);
    return s.toString();
  }

  private static void row(StringBuilder s, String name, long in, long silicon, long model) {
    s.append("%s     %-6s %18x %18x %18x%n".formatted(silicon == model ? " " : "*", name, in, silicon, model));
  }

  private static void memory(StringBuilder s, State in, Outcome silicon, Outcome model) {
    for (int at = 0; at < Layout.DATA_SIZE; at += 8) {
      long before = in.data.i64(at);
      long a = silicon.data.get(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, at);
      long b = model.data.get(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, at);
      if (a != before || b != before) {
        row(s, "+%x".formatted(Layout.DATA + at), before, a, b);
      }
    }
  }
}
