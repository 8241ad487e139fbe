package annulus.shell.command;

import annulus.arch.Cr0;
import annulus.arch.CpuMode;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Control;
import annulus.arch.VcpuState.Events;
import annulus.arch.VcpuState.General;
import annulus.arch.VcpuState.Segments;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A processor's state, for people to read: lines of at most 80 columns. */
final class Registers {
  private static final String[] NAMES = {
      "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"};
  private static final int PER_LINE = 3;

  /** SDM 1 3.4.3. */
  private static final BitNames RFLAGS = new BitNames(
      "0:CF 2:PF 4:AF 6:ZF 7:SF 8:TF 9:IF 10:DF 11:OF 14:NT 16:RF 17:VM 18:AC 19:VIF 20:VIP 21:ID");
  /** SDM 3A 2.5. */
  private static final BitNames CR0 = new BitNames("0:PE 1:MP 2:EM 3:TS 4:ET 5:NE 16:WP 18:AM 29:NW 30:CD 31:PG");
  /** SDM 3A 2.5. */
  private static final BitNames CR4 = new BitNames("0:VME 1:PVI 2:TSD 3:DE 4:PSE 5:PAE 6:MCE 7:PGE 8:PCE 9:OSFXSR 10:OSXMMEXCPT "
      + "11:UMIP 12:LA57 13:VMXE 14:SMXE 16:FSGSBASE 17:PCIDE 18:OSXSAVE 19:KL 20:SMEP 21:SMAP 22:PKE 23:CET 24:PKS");
  /** SDM 3A 2.2.1; the last ones are AMD's, APM 2 3.1.7. */
  private static final BitNames EFER = new BitNames("0:SCE 8:LME 10:LMA 11:NXE 12:SVME 13:LMSLE 14:FFXSR 15:TCE 21:AIBRSE");
  /** SDM 1 13.3. */
  private static final BitNames XCR0 = new BitNames("0:x87 1:SSE 2:AVX 5:opmask 6:ZMM_Hi256 7:Hi16_ZMM 9:PKRU");

  private final General general;
  private final Segments segments;
  private final Control control;
  private final Events events;

  /** @param state with its general registers, segments, control registers and events */
  Registers(VcpuState state) {
    general = present(state.general());
    segments = present(state.segments());
    control = present(state.control());
    events = present(state.events());
  }

  private static <T> T present(@Nullable T group) {
    return Objects.requireNonNull(group, "a group of the state is missing");
  }

  CpuMode mode() {
    return CpuMode.of(control.cr0(), control.efer(), general.rflags(), (segment(Seg.CS).attributes() & SegmentState.LONG) != 0);
  }

  /** Current privilege level: that of SS, whose descriptor always has it (SDM 3C 24.4.1); real mode has 0, virtual-8086 mode 3. */
  int ring() {
    return switch (mode()) {
      case REAL -> 0;
      case VIRTUAL_8086 -> 3;
      default -> segment(Seg.SS).dpl();
    };
  }

  /** Width of the code segment: 16, 32 or 64. */
  int codeBits() {
    return mode() == CpuMode.LONG ? 64 : (segment(Seg.CS).attributes() & SegmentState.BIG) != 0 ? 32 : 16;
  }

  SegmentState segment(int number) {
    return segments.registers().get(number);
  }

  /** Where a segment starts in linear memory: 64-bit mode looks at the base of FS and GS only (SDM 1 3.3.4). */
  long base(int number) {
    return mode() == CpuMode.LONG && number < Seg.FS ? 0 : segment(number).base();
  }

  long rip() {
    return general.rip();
  }

  /** A register that can hold an address, by its name in lower case; null where there is none of this name. */
  @Nullable Long value(String name) {
    for (int i = 0; i < NAMES.length; i++) {
      String known = NAMES[i].toLowerCase(Locale.ROOT);
      if (name.equals(known) || i < 8 && name.equals("e" + known.substring(1))) {
        return name.equals(known) ? general.registers().get(i) : Long.valueOf(general.registers().get(i) & 0xFFFF_FFFFL);
      }
    }
    return switch (name) {
      case "rip", "eip", "ip" -> general.rip();
      case "cr2" -> control.cr2();
      case "cr3" -> control.cr3();
      case "gdtr" -> segments.gdtr().base();
      case "idtr" -> segments.idtr().base();
      default -> null;
    };
  }

  List<String> lines(String title) {
    List<String> lines = new ArrayList<>();
    lines.add(title + ": " + mode() + " mode, ring " + ring() + ", " + activity());
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < NAMES.length; i++) {
      line.append("%-4s%016x  ".formatted(NAMES[i], general.registers().get(i)));
      if (i % PER_LINE == PER_LINE - 1 || i == NAMES.length - 1) {
        lines.add(line.toString().strip());
        line.setLength(0);
      }
    }
    lines.add("RIP %016x".formatted(general.rip()));
    decoded(lines, "RFLAGS", general.rflags(), (RFLAGS.names(general.rflags() & ~(Rflags.FIXED | Rflags.IOPL))
        + " IOPL=" + (general.rflags() >>> 12 & 3)).strip());
    lines.add("");
    lines.addAll(segmentTable());
    lines.add("");
    decoded(lines, "CR0", control.cr0(), CR0.names(control.cr0()));
    decoded(lines, "CR2", control.cr2(), (control.cr0() & Cr0.PG) == 0 ? "" : "address of the last page fault");
    decoded(lines, "CR3", control.cr3(), (control.cr0() & Cr0.PG) == 0 ? "paging is off" : "");
    decoded(lines, "CR4", control.cr4(), CR4.names(control.cr4()));
    decoded(lines, "CR8", control.cr8(), "task priority");
    decoded(lines, "EFER", control.efer(), EFER.names(control.efer()));
    decoded(lines, "XCR0", control.xcr0(), XCR0.names(control.xcr0()));
    return lines;
  }

  private static void decoded(List<String> lines, String name, long value, String meaning) {
    String first = "%-6s %016x  ".formatted(name, value);
    List<String> parts = Table.wrap(meaning, Table.WIDTH - first.length());
    for (int i = 0; i < parts.size(); i++) {
      lines.add(((i == 0 ? first : " ".repeat(first.length())) + parts.get(i)).stripTrailing());
    }
  }

  private List<String> segmentTable() {
    var table = new Table("SEG", "SEL", "BASE", "LIMIT", "TYPE");
    String[] names = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};
    for (int i = 0; i < names.length; i++) {
      SegmentState s = segment(i);
      table.row(names[i], "%04x".formatted(s.selector()), "%016x".formatted(s.base()), "%08x".formatted(s.limit()), SegmentType.text(s));
    }
    descriptorTable(table, "GDTR", segments.gdtr());
    descriptorTable(table, "IDTR", segments.idtr());
    return table.lines();
  }

  private static void descriptorTable(Table table, String name, VcpuState.Table t) {
    table.row(name, "", "%016x".formatted(t.base()), "%08x".formatted(t.limit()), "");
  }

  private String activity() {
    StringBuilder text = new StringBuilder(events.activity().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    text.append(events.stiShadow() ? ", interrupts blocked by STI" : "").append(events.movSsShadow() ? ", blocked by MOV SS" : "");
    text.append(events.nmiBlocked() ? ", NMI blocked" : "").append(events.nmiPending() ? ", NMI pending" : "");
    return text.toString();
  }
}
