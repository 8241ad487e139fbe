package annulus.cpu.decode;

import annulus.arch.Seg;
import java.util.Locale;

/**

 */
public final class Disassembler {
  private static final String[] CONDITIONS =
      {"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"};
  private static final String[] FPU_CONDITIONS =
      {"", "", "b", "nb", "e", "ne", "be", "nbe", "", "", "u", "nu", "", "", "", ""};
  private static final String[] LEGACY = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] LOW = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] HIGH = {"ah", "ch", "dh", "bh"};
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs"};

  private Disassembler() {}

  /** The text of {@code i} standing at {@code address}, which gives branches and RIP-relative operands their targets. */
  public static String text(Instruction i, long address) {
    StringBuilder out = new StringBuilder(40);
    if (i.lock && i.mnemonic != Mnemonic.XCHG) {
      out.append("lock ");
    }
    if (i.repeat != 0) {
      boolean compares = i.mnemonic == Mnemonic.CMPS || i.mnemonic == Mnemonic.SCAS;
      out.append(i.repeat == Instruction.REPNE ? "repne " : compares ? "repe " : "rep ");
    }
    out.append(name(i));
    if (hasStringOperand(i)) {
      return implicit(out, i);
    }
    operand(out, i, address, 0, i.kind0, i.reg0, i.size0);
    operand(out, i, address, 1, i.kind1, i.reg1, i.size1);
    operand(out, i, address, 2, i.kind2, i.reg2, i.size2);
    operand(out, i, address, 3, i.kind3, i.reg3, i.size3);
    return out.toString();
  }

  private static String name(Instruction i) {
    int size = i.operandSize;
    String name = i.mnemonic.name().toLowerCase(Locale.ROOT);
    return switch (i.mnemonic) {
      case INVALID, TOO_LONG -> "(bad)";
      case JCC, SETCC, CMOVCC -> name.substring(0, name.length() - 2) + CONDITIONS[i.condition];
      case FCMOVCC -> "fcmov" + FPU_CONDITIONS[i.condition];
      case CBW -> size == 2 ? "cbw" : size == 4 ? "cwde" : "cdqe";
      case CWD -> size == 2 ? "cwd" : size == 4 ? "cdq" : "cqo";
      case JCXZ -> i.addressSize == 2 ? "jcxz" : i.addressSize == 4 ? "jecxz" : "jrcxz";
      case IRET, PUSHA, POPA, PUSHF, POPF -> size == 2 ? name : name + (size == 4 ? "d" : "q");
      case MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS -> name + "bw.d...q".charAt(size - 1);
      case FXSAVE, FXRSTOR, XSAVE, XRSTOR, XSAVEC, XSAVEOPT -> i.wide ? name + "64" : name;
      case SYSRET, SYSEXIT -> i.wide ? name + "q" : name;
      case CALLF -> "call far";
      case JMPF -> "jmp far";
      default -> name;
    };
  }

  private static boolean hasStringOperand(Instruction i) {
    return i.kind0 == Instruction.STRING_SOURCE || i.kind0 == Instruction.STRING_DESTINATION
        || i.kind1 == Instruction.STRING_SOURCE || i.kind1 == Instruction.STRING_DESTINATION;
  }

  /** String instructions have no operands but a segment override of their source. */
  private static String implicit(StringBuilder out, Instruction i) {
    boolean source = i.kind0 == Instruction.STRING_SOURCE || i.kind1 == Instruction.STRING_SOURCE;
    if (source && i.segment != Seg.DS) {
      out.append(' ').append(SEGMENTS[i.segment]).append(':');
    }
    return out.toString();
  }

  private static void operand(StringBuilder out, Instruction i, long address, int n, int kind, int reg, int size) {
    if (kind == Instruction.NONE) {
      return;
    }
    out.append(n == 0 ? " " : ", ");
    switch (kind) {
      case Instruction.GPR -> out.append(register(reg, size));
      case Instruction.HIGH_BYTE -> out.append(HIGH[reg]);
      case Instruction.MEMORY -> memory(out, i, address, size);
      case Instruction.IMMEDIATE -> immediate(out, i.immediate, size, i.operandSize);
      case Instruction.IMMEDIATE2 -> hex(out, i.immediate2);
      case Instruction.RELATIVE -> hex(out, truncate(address + i.length + i.immediate, i.operandSize));
      case Instruction.FAR_POINTER -> {
        hex(out, i.immediate2);
        hex(out.append(':'), i.immediate);
      }
      case Instruction.SEGMENT -> out.append(SEGMENTS[reg]);
      case Instruction.CONTROL -> out.append("cr").append(reg);
      case Instruction.DEBUG -> out.append("dr").append(reg);
      case Instruction.ST -> out.append("st(").append(reg).append(')');
      case Instruction.MMX -> out.append("mm").append(reg);
      case Instruction.XMM -> out.append(size == 32 ? "ymm" : "xmm").append(reg);
      default -> throw new IllegalStateException("operand kind " + kind);
    }
  }

  private static void immediate(StringBuilder out, long value, int size, int operandSize) {
    // An immediate that was extended shows as the operand size sees it.
    hex(out, truncate(value, Math.max(size, operandSize)));
  }

  private static void memory(StringBuilder out, Instruction i, long address, int size) {
    out.append(switch (size) {
      case 1 -> "byte ptr ";
      case 2 -> "word ptr ";
      case 4 -> "dword ptr ";
      case 6 -> "fword ptr ";
      case 8 -> "qword ptr ";
      case 10 -> "tbyte ptr ";
      case 16 -> "xmmword ptr ";
      case 32 -> "ymmword ptr ";
      default -> "";
    });
    boolean stack = i.base == 4 || i.base == 5;
    if (i.segment != (stack ? Seg.SS : Seg.DS)) {
      out.append(SEGMENTS[i.segment]).append(':');
    }
    out.append('[');
    if (i.base == Instruction.RIP) {
      hex(out, truncate(address + i.length + i.displacement, i.addressSize));
    } else {
      sum(out, i);
    }
    out.append(']');
  }

  private static void sum(StringBuilder out, Instruction i) {
    boolean registers = i.base != Instruction.NO_REGISTER || i.index != Instruction.NO_REGISTER;
    if (i.base != Instruction.NO_REGISTER) {
      out.append(register(i.base, i.addressSize));
    }
    if (i.index != Instruction.NO_REGISTER) {
      out.append(i.base != Instruction.NO_REGISTER ? "+" : "");
      out.append(i.mnemonic.name().contains("GATHER") ? "vmm" + i.index : register(i.index, i.addressSize));
      out.append(i.addressSize != 2 ? "*" + (1 << i.scale) : "");
    }
    if (!registers) {
      hex(out, truncate(i.displacement, i.addressSize));
    } else if (i.displacement != 0) {
      hex(out.append(i.displacement < 0 ? '-' : '+'), Math.abs(i.displacement));
    }
  }

  private static String register(int n, int size) {
    if (n >= 8) {
      return "r" + n + (size == 8 ? "" : size == 4 ? "d" : size == 2 ? "w" : "b");
    }
    return switch (size) {
      case 1 -> LOW[n];
      case 2 -> LEGACY[n];
      case 4 -> "e" + LEGACY[n];
      default -> "r" + LEGACY[n];
    };
  }

  private static long truncate(long value, int size) {
    return size >= 8 ? value : value & (1L << 8 * size) - 1;
  }

  /** Digits below ten stand alone; others get the suffix h, and a leading zero before a letter. */
  private static void hex(StringBuilder out, long value) {
    String digits = Long.toHexString(value).toUpperCase(Locale.ROOT);
    boolean small = digits.length() == 1 && Character.isDigit(digits.charAt(0));
    out.append(Character.isDigit(digits.charAt(0)) ? "" : "0").append(digits).append(small ? "" : "h");
  }
}
