package annulus.cpu.decode;

import annulus.arch.Seg;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares a decoded instruction with a line of the decoder tables; null when they agree, else the difference. */
final class IcedChecker {
  private static final List<String> CONDITIONS =
      List.of("O", "NO", "B", "AE", "E", "NE", "BE", "A", "S", "NS", "P", "NP", "L", "GE", "LE", "G");
  private static final Map<String, Integer> FPU_CONDITIONS =
      Map.of("B", 2, "E", 4, "BE", 6, "U", 10, "NB", 3, "NE", 5, "NBE", 7, "NU", 11);
  /** Their mnemonics with other names here: one per width there, one per operation here. */
  private static final Map<String, String> NAMES = Map.ofEntries(
      Map.entry("CWDE", "CBW"), Map.entry("CDQE", "CBW"), Map.entry("CDQ", "CWD"), Map.entry("CQO", "CWD"),
      Map.entry("IRETD", "IRET"), Map.entry("IRETQ", "IRET"), Map.entry("JECXZ", "JCXZ"), Map.entry("JRCXZ", "JCXZ"),
      Map.entry("POPAD", "POPA"), Map.entry("POPFD", "POPF"), Map.entry("POPFQ", "POPF"), Map.entry("PUSHAD", "PUSHA"),
      Map.entry("PUSHFD", "PUSHF"), Map.entry("PUSHFQ", "PUSHF"), Map.entry("FXSAVE64", "FXSAVE"),
      Map.entry("FXRSTOR64", "FXRSTOR"), Map.entry("XSAVE64", "XSAVE"), Map.entry("XRSTOR64", "XRSTOR"),
      Map.entry("XSAVEC64", "XSAVEC"), Map.entry("XSAVEOPT64", "XSAVEOPT"), Map.entry("SYSEXITQ", "SYSEXIT"),
      Map.entry("SYSRETQ", "SYSRET"), Map.entry("PCMPESTRI64", "PCMPESTRI"), Map.entry("PCMPESTRM64", "PCMPESTRM"),
      Map.entry("VPCMPESTRI64", "VPCMPESTRI"), Map.entry("VPCMPESTRM64", "VPCMPESTRM"), Map.entry("SAL", "SHL"),
      Map.entry("RESERVEDNOP", "NOP"), Map.entry("XLAT", "XLATB"),
      Map.entry("MOVABS", "MOV"));
  private static final Map<String, Integer> SIZES = Map.ofEntries(
      Map.entry("Bcd", 10), Map.entry("Float80", 10), Map.entry("Float64", 8), Map.entry("Float32", 4),
      Map.entry("FpuEnv14", 14), Map.entry("FpuEnv28", 28), Map.entry("FpuState94", 94), Map.entry("FpuState108", 108),
      Map.entry("Fword6", 6), Map.entry("Fword10", 10), Map.entry("Fxsave_512Byte", 512),
      Map.entry("Fxsave64_512Byte", 512), Map.entry("SegPtr16", 4), Map.entry("SegPtr32", 6), Map.entry("SegPtr64", 10),
      Map.entry("SegmentDescSelector", 2), Map.entry("WordOffset", 2), Map.entry("DwordOffset", 4),
      Map.entry("QwordOffset", 8), Map.entry("Bound16_WordWord", 4), Map.entry("Bound32_DwordDword", 8),
      Map.entry("Unknown", 0), Map.entry("Xsave", 0), Map.entry("Xsave64", 0), Map.entry("Float128", 16));
  private static final List<String> R64 = List.of("rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi");
  private static final List<String> SEGMENTS = List.of("es", "cs", "ss", "ds", "fs", "gs");

  private final IcedCase c;
  private final Instruction i;

  IcedChecker(IcedCase c, Instruction i) {
    this.c = c;
    this.i = i;
  }

  @Nullable String difference() {
    String name = name();
    if (!i.mnemonic.name().equals(name)) {
      return "is " + i.mnemonic + ", not " + name;
    }
    if (i.length != c.bytes().length) {
      return "length " + i.length;
    }
    if (c.has("lock") && !i.lock || i.lock && !c.has("lock") && i.mnemonic != Mnemonic.XCHG) {
      return "lock is " + i.lock;
    }
    String prefixes = repeat();
    return prefixes != null ? prefixes : operands();
  }

  private String name() {
    String code = c.code();
    String m = c.mnemonic().toUpperCase(Locale.ROOT);
    // String instructions have their operand sizes in the name.
    if (code.matches("(Movs|Cmps|Stos|Lods|Scas|Ins|Outs)[bwdq]_(m(8|16|32|64)_.*|AL_m8|AX_m16|EAX_m32|RAX_m64|DX_m.*)")) {
      return m.substring(0, m.length() - 1);
    }
    if (code.matches("(Call|Jmp)_(m16(16|32|64)|ptr.*)")) {
      return m + "F";
    }
    if (code.startsWith("Reservednop") || code.matches("Nop[wdq]?(_.*)?")) {
      return "NOP";
    }
    for (String stem : List.of("J", "SET", "CMOV")) {
      if (m.startsWith(stem) && CONDITIONS.contains(m.substring(stem.length()))) {
        return i.condition == CONDITIONS.indexOf(m.substring(stem.length())) ? stem + "CC" : m;
      }
    }
    if (m.startsWith("FCMOV")) {
      return i.condition == FPU_CONDITIONS.get(m.substring(5)) ? "FCMOVCC" : m;
    }
    return NAMES.getOrDefault(m, m);
  }

  private @Nullable String repeat() {
    boolean string = i.mnemonic.name().matches("MOVS|CMPS|STOS|LODS|SCAS|INS|OUTS");
    if (!string) {
      return i.repeat == 0 ? null : "repeat " + i.repeat;
    }
    boolean compares = i.mnemonic == Mnemonic.CMPS || i.mnemonic == Mnemonic.SCAS;
    int expected = c.has("repne") && compares ? Instruction.REPNE
        : c.has("rep") || c.has("repe") || c.has("repne") ? Instruction.REP : 0;
    return i.repeat == expected ? null : "repeat " + i.repeat;
  }

  private @Nullable String operands() {
    // The second operand of a NOP with ModRM is not one here.
    List<String> expected = i.mnemonic == Mnemonic.NOP && c.operands().size() > 1 ? c.operands().subList(0, 1) : c.operands();
    if (i.mnemonic == Mnemonic.XLATB) {
      // Implicit here: the segment and the width of the address say all.
      String[] parts = expected.getFirst().split(";");
      boolean alike = i.kind0 == Instruction.NONE && segment(parts[1]) && width(parts[2]) == i.addressSize;
      return alike ? null : "XLATB";
    }
    int[] kinds = {i.kind0, i.kind1, i.kind2, i.kind3};
    for (int n = 0; n < 4; n++) {
      if (n >= expected.size()) {
        if (kinds[n] != Instruction.NONE) {
          return "operand " + n + " of kind " + kinds[n] + " too many";
        }
      } else {
        String difference = operand(n, expected.get(n), kinds[n]);
        if (difference != null) {
          return "operand " + n + ": " + difference;
        }
      }
    }
    return null;
  }

  private @Nullable String operand(int n, String expected, int kind) {
    String[] p = expected.split(";");
    int reg = new int[] {i.reg0, i.reg1, i.reg2, i.reg3}[n];
    int size = new int[] {i.size0, i.size1, i.size2, i.size3}[n];
    return switch (p[0]) {
      case "r" -> register(p[1], kind, reg, size);
      case "m" -> kind == Instruction.MEMORY ? memory(p, size) : "kind " + kind + ", not memory";
      case "esdi", "esedi", "esrdi" -> string(kind == Instruction.STRING_DESTINATION, p[0].substring(2), size, p[1]);
      case "segsi", "segesi", "segrsi" -> !segment(p[1]) ? "segment " + i.segment
          : string(kind == Instruction.STRING_SOURCE, p[0].substring(3), size, p[2]);
      case "segdi", "segedi", "segrdi" -> !segment(p[1]) || i.base != 7 ? "segment " + i.segment
          : string(kind == Instruction.MEMORY, p[0].substring(3), size, p[2]);
      case "nb16", "nb32", "nb64" -> branch(kind, p);
      case "fb16", "fb32" -> kind == Instruction.FAR_POINTER && i.immediate2 == IcedCase.number(p[1])
          && i.immediate == IcedCase.number(p[2]) && size == (p[0].equals("fb16") ? 4 : 6)
          ? null : "far pointer " + i.immediate2 + ":" + i.immediate;
      case "i8_2nd" -> kind == Instruction.IMMEDIATE2 && i.immediate2 == IcedCase.number(p[1])
          ? null : "second immediate " + i.immediate2;
      default -> immediate(kind, p);
    };
  }

  private @Nullable String immediate(int kind, String[] p) {
    int bits = Integer.parseInt(p[0].replaceAll("i(\\d+)(to\\d+)?", "$1"));
    int to = p[0].contains("to") ? Integer.parseInt(p[0].replaceAll(".*to", "")) : bits;
    long mask = to == 64 ? -1 : (1L << to) - 1;
    if (kind != Instruction.IMMEDIATE) {
      return "kind " + kind + ", not immediate";
    }
    long value = IcedCase.number(p[1]) & mask;
    // Of whole words and longer only the low part counts, but for byte counts, which are not negative.
    boolean whole = bits > 8 && i.mnemonic != Mnemonic.RET && i.mnemonic != Mnemonic.RETF && i.mnemonic != Mnemonic.ENTER;
    boolean extended = whole || i.immediate == (p[0].contains("to") ? signed(value, to) : value);
    return (i.immediate & mask) == value && extended ? null : "immediate " + Long.toHexString(i.immediate);
  }

  private static long signed(long value, int bits) {
    return value << 64 - bits >> 64 - bits;
  }

  private @Nullable String branch(int kind, String[] p) {
    int bits = Integer.parseInt(p[0].substring(2));
    long target = c.address() + i.length + i.immediate & (bits == 64 ? -1 : (1L << bits) - 1);
    if (kind != Instruction.RELATIVE || target != IcedCase.number(p[1])) {
      return "target " + Long.toHexString(target);
    }
    return i.operandSize * 8 == bits ? null : "operand size " + i.operandSize;
  }

  private @Nullable String string(boolean kind, String pointer, int size, String type) {
    return kind && width(pointer) == i.addressSize && size == size(type) ? null : "string operand of size " + size;
  }

  private @Nullable String memory(String[] p, int size) {
    if (!segment(p[1])) {
      return "segment " + i.segment;
    }
    String address = address(p[2], p[3], IcedCase.number(p[4]), IcedCase.number(p[5]));
    if (address != null) {
      return address;
    }
    return size == size(p[7]) || i.mnemonic == Mnemonic.NOP || i.mnemonic == Mnemonic.INVLPG ? null
        : "size " + size + " for " + p[7];
  }

  /** The tables keep overrides that 64-bit mode ignores; here they are gone. */
  boolean segment(String name) {
    int expected = SEGMENTS.indexOf(name);
    return i.segment == expected || i.codeBits == 64 && expected < Seg.FS && i.segment < Seg.FS;
  }

  /** Compares base, index, scale and displacement. */
  @Nullable String address(String base, String index, long scale, long displacement) {
    String width = base.isEmpty() ? index : base;
    if (!width.isEmpty() && !width.matches("[xy]mm.*") && width(width) != i.addressSize) {
      return "address size " + i.addressSize;
    }
    int expectedBase = base.isEmpty() ? Instruction.NO_REGISTER : base.endsWith("ip") ? Instruction.RIP : number(base);
    int expectedIndex = index.isEmpty() ? Instruction.NO_REGISTER : number(index);
    if (i.base != expectedBase || i.index != expectedIndex || !index.isEmpty() && 1 << i.scale != scale) {
      return "base " + i.base + " index " + i.index + " scale " + i.scale;
    }
    long mask = i.addressSize == 8 ? -1 : (1L << i.addressSize * 8) - 1;
    long actual = i.displacement + (i.base == Instruction.RIP ? c.address() + i.length : 0);
    return (actual & mask) == (displacement & mask) ? null : "displacement " + Long.toHexString(actual & mask);
  }

  private @Nullable String register(String name, int kind, int reg, int size) {
    int expectedKind;
    int expectedSize;
    if (name.matches("[acdb]h")) {
      boolean same = kind == Instruction.HIGH_BYTE && reg == "acdb".indexOf(name.charAt(0)) && size == 1;
      return same ? null : "kind " + kind + " " + reg;
    } else if (name.matches("[xy]mm\\d+")) {
      expectedKind = Instruction.XMM;
      expectedSize = name.startsWith("x") ? 16 : 32;
    } else if (name.matches("mm\\d")) {
      expectedKind = Instruction.MMX;
      expectedSize = 8;
    } else if (name.matches("st\\d")) {
      expectedKind = Instruction.ST;
      expectedSize = 10;
    } else if (name.matches("cr\\d+")) {
      expectedKind = Instruction.CONTROL;
      expectedSize = i.codeBits == 64 ? 8 : 4;
    } else if (name.matches("dr\\d+")) {
      expectedKind = Instruction.DEBUG;
      expectedSize = i.codeBits == 64 ? 8 : 4;
    } else if (SEGMENTS.contains(name)) {
      expectedKind = Instruction.SEGMENT;
      expectedSize = 2;
    } else {
      expectedKind = Instruction.GPR;
      expectedSize = width(name);
    }
    if (kind != expectedKind || reg != number(name)) {
      return "kind " + kind + " register " + reg;
    }
    return size == expectedSize || selectorSource(name) ? null : "register of size " + size;
  }

  /** Instructions that read a selector from the low word of a register, whose width there is the operand size. */
  private boolean selectorSource(String name) {
    return switch (i.mnemonic) {
      case LLDT, LTR, VERR, VERW, LMSW, ARPL -> true;
      case LAR, LSL, MOV -> c.operands().getLast().equals("r;" + name);
      default -> false;
    };
  }

  private static int number(String name) {
    if (SEGMENTS.contains(name)) {
      return SEGMENTS.indexOf(name);
    }
    if (name.matches("[xyz]?mm\\d+|st\\d|[cd]r\\d+")) {
      return Integer.parseInt(name.replaceAll("\\D", ""));
    }
    if (name.matches("r\\d+[bwdl]?")) {
      return Integer.parseInt(name.replaceAll("\\D", ""));
    }
    String stem = name.length() == 2 && name.endsWith("l") ? name.charAt(0) + "x" : name.length() == 3 && name.endsWith("l")
        ? name.substring(0, 2) : name.length() == 3 ? name.substring(1) : name;
    return R64.indexOf("r" + stem);
  }

  private static int width(String name) {
    if (name.matches("r\\d+|r[a-z][a-z]")) {
      return 8;
    }
    if (name.matches("r\\d+d|e[a-z][a-z]")) {
      return 4;
    }
    if (name.matches("r\\d+w|[a-d]x|[sd]i|[sb]p")) {
      return 2;
    }
    return 1;
  }

  private int size(String type) {
    Integer known = SIZES.get(type);
    if (known != null) {
      return known;
    }
    String bits = type.startsWith("Packed") ? type.replaceAll("Packed(\\d+)_.*", "$1") : type.replaceAll("\\D+", "");
    return Integer.parseInt(bits) / 8;
  }
}
