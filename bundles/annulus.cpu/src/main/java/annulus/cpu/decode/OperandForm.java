package annulus.cpu.decode;

/**
 * Where an operand of an instruction form comes from and how wide it is, parsed from the codes of the opcode tables.
 * The letters are those of SDM 2D appendix A.2.1, the widths those of A.2.2 with a few more, see {@link #width}.
 */
final class OperandForm {
  // Places.
  static final int RM_GENERAL = 1;
  static final int REG_GENERAL = 2;
  static final int VVVV_GENERAL = 3;
  static final int OPCODE_GENERAL = 4;
  static final int ACCUMULATOR = 5;
  static final int COUNT = 6;
  static final int PORT = 7;
  static final int SIGNED_IMMEDIATE = 8;
  static final int UNSIGNED_IMMEDIATE = 9;
  static final int SECOND_IMMEDIATE = 10;
  static final int ONE = 11;
  static final int RELATIVE = 12;
  static final int FAR_POINTER = 13;
  static final int ABSOLUTE = 14;
  static final int REG_SEGMENT = 15;
  static final int FIXED_SEGMENT = 16;
  static final int REG_CONTROL = 17;
  static final int REG_DEBUG = 18;
  static final int SOURCE = 19;
  static final int DESTINATION = 20;
  static final int ST0 = 21;
  static final int STI = 22;
  static final int REG_MMX = 23;
  static final int RM_MMX = 24;
  static final int REG_XMM = 25;
  static final int RM_XMM = 26;
  static final int VVVV_XMM = 27;
  static final int IMMEDIATE_XMM = 28;
  static final int VECTOR_SIB = 29;
  static final int AT_RDI = 30;

  // Widths that depend on prefixes; others are bytes.
  static final int V = -1;
  static final int Z = -2;
  static final int Y = -3;
  static final int NATIVE = -4;
  static final int FAR = -5;
  static final int PAIR = -6;
  static final int DESCRIPTOR = -7;
  static final int FPU_ENVIRONMENT = -8;
  static final int FPU_STATE = -9;
  static final int VECTOR = -10;
  static final int HALF = -11;
  static final int QUARTER = -12;
  static final int EIGHTH = -13;

  final int place;
  final int registerWidth;
  final int memoryWidth;
  /** Segment number of {@link #FIXED_SEGMENT}. */
  final int number;

  private OperandForm(int place, int registerWidth, int memoryWidth, int number) {
    this.place = place;
    this.registerWidth = registerWidth;
    this.memoryWidth = memoryWidth;
    this.number = number;
  }

  static OperandForm parse(String code) {
    switch (code) {
      case "AL": return of(ACCUMULATOR, 1);
      case "AX": return of(ACCUMULATOR, 2);
      case "eAX": return of(ACCUMULATOR, Z);
      case "rAX": return of(ACCUMULATOR, V);
      case "CL": return of(COUNT, 1);
      case "DX": return of(PORT, 2);
      case "1": return of(ONE, 1);
      case "Ibs": return of(SIGNED_IMMEDIATE, 1);
      case "Ib2": return of(SECOND_IMMEDIATE, 1);
      case "ST0": return of(ST0, 10);
      case "STi": return of(STI, 10);
      default:
        int segment = "ES CS SS DS FS GS".indexOf(code);
        return segment >= 0 ? new OperandForm(FIXED_SEGMENT, 2, 2, segment / 3) : parseLetter(code);
    }
  }

  private static OperandForm of(int place, int width) {
    return new OperandForm(place, width, width, 0);
  }

  private static OperandForm parseLetter(String code) {
    // "Rd/Mb": a register of one width or memory of another.
    int slash = code.indexOf('/');
    if (slash > 0) {
      return new OperandForm(RM_GENERAL, width(code.substring(1, slash)), width(code.substring(slash + 2)), 0);
    }
    if (code.startsWith("VM")) {
      return of(VECTOR_SIB, width(code.substring(2)));
    }
    if (code.startsWith("BD")) {
      return of(AT_RDI, width(code.substring(2)));
    }
    int width = width(code.substring(1));
    return switch (code.charAt(0)) {
      case 'A' -> of(FAR_POINTER, V);
      case 'B' -> of(VVVV_GENERAL, width);
      case 'C' -> of(REG_CONTROL, width);
      case 'D' -> of(REG_DEBUG, width);
      case 'E', 'R', 'M' -> of(RM_GENERAL, width);
      case 'G' -> of(REG_GENERAL, width);
      case 'H' -> vector(VVVV_XMM, width);
      // Bytes and words are zero-extended, wider ones sign-extended (Iz) or whole (Iv).
      case 'I' -> of(width == 1 || width == 2 ? UNSIGNED_IMMEDIATE : SIGNED_IMMEDIATE, width);
      case 'J' -> of(RELATIVE, width);
      case 'L' -> vector(IMMEDIATE_XMM, width);
      case 'N', 'Q' -> new OperandForm(RM_MMX, 8, width, 0);
      case 'O' -> of(ABSOLUTE, width);
      case 'P' -> of(REG_MMX, 8);
      case 'S' -> of(REG_SEGMENT, 2);
      case 'U', 'W' -> vector(RM_XMM, width);
      case 'V' -> vector(REG_XMM, width);
      case 'X' -> of(SOURCE, width);
      case 'Y' -> of(DESTINATION, width);
      case 'Z' -> of(OPCODE_GENERAL, width);
      default -> throw new IllegalArgumentException("operand " + code + ": not a code of the opcode tables");
    };
  }

  /** A vector register is whole, 16 or 32 bytes, however little of it is used. */
  private static OperandForm vector(int place, int width) {
    return new OperandForm(place, width == VECTOR || width == 32 ? width : 16, width, 0);
  }

  private static int width(String code) {
    return switch (code) {
      case "" -> 0;
      case "b" -> 1;
      case "w" -> 2;
      case "d" -> 4;
      case "q" -> 8;
      case "dq" -> 16;
      case "qq" -> 32;
      case "v" -> V;
      case "z" -> Z;
      case "y" -> Y;
      case "m" -> NATIVE;
      case "p" -> FAR;
      case "a" -> PAIR;
      case "s" -> DESCRIPTOR;
      case "en" -> FPU_ENVIRONMENT;
      case "st" -> FPU_STATE;
      case "x" -> VECTOR;
      case "h" -> HALF;
      case "f" -> QUARTER;
      case "e" -> EIGHTH;
      default -> Integer.parseInt(code);
    };
  }

  /** {@code width} in bytes for the instruction that {@code b} holds the prefixes of. */
  static int bytes(int width, InstructionBuilder b) {
    if (width >= 0) {
      return width;
    }
    int v = b.operandSize;
    return switch (width) {
      case V -> v;
      case Z -> Math.min(v, 4);
      case Y -> b.wide && b.codeBits == 64 ? 8 : 4;
      case NATIVE -> b.codeBits == 64 ? 8 : 4;
      case FAR -> v + 2;
      case PAIR -> 2 * v;
      case DESCRIPTOR -> b.codeBits == 64 ? 10 : 6;
      case FPU_ENVIRONMENT -> v == 2 ? 14 : 28;
      case FPU_STATE -> v == 2 ? 94 : 108;
      case VECTOR -> b.vectorLength;
      case HALF -> b.vectorLength / 2;
      case QUARTER -> b.vectorLength / 4;
      case EIGHTH -> b.vectorLength / 8;
      default -> throw new IllegalArgumentException("width " + width);
    };
  }

  /** Whether it is read from the ModRM byte. */
  boolean usesModRm() {
    return switch (place) {
      case RM_GENERAL, REG_GENERAL, REG_SEGMENT, REG_CONTROL, REG_DEBUG, STI, REG_MMX, RM_MMX, REG_XMM, RM_XMM,
          VECTOR_SIB -> true;
      default -> false;
    };
  }

  /** Whether it is an integer of one byte, which makes the instruction a byte operation when it is the first operand. */
  boolean isByte() {
    return memoryWidth == 1 && registerWidth == 1 && switch (place) {
      case RM_GENERAL, REG_GENERAL, OPCODE_GENERAL, ACCUMULATOR, ABSOLUTE, SOURCE, DESTINATION -> true;
      default -> false;
    };
  }
}
