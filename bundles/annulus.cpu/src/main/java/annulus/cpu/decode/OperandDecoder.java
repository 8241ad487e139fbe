package annulus.cpu.decode;

import annulus.arch.Seg;

/** Reads the operands of an instruction whose form is known: ModRM, SIB, displacement, immediates (SDM 2A 2.1). */
final class OperandDecoder {
  private static final int RBP = 5;
  private static final int RSP = 4;
  private static final int RDI = 7;
  /** Base and index of 16-bit addresses (SDM 2A table 2-1). */
  private static final int[] BASE_16 = {3, 3, RBP, RBP, 6, RDI, RBP, 3};
  private static final int[] INDEX_16 = {6, RDI, 6, RDI, Instruction.NO_REGISTER, Instruction.NO_REGISTER,
      Instruction.NO_REGISTER, Instruction.NO_REGISTER};

  private final CodeReader in;
  private final InstructionBuilder b;

  OperandDecoder(CodeReader in, InstructionBuilder b) {
    this.in = in;
    this.b = b;
  }

  /** Reads all operands; false when a field has a value without meaning. */
  boolean read(Form form) {
    boolean memory = form.has(Form.MODRM) && b.modRm < 0xC0 && !form.has(Form.NOMOD);
    if (memory) {
      address(form.has(Form.GATHER));
    }
    OperandForm[] operands = form.operands();
    for (int n = 0; n < operands.length; n++) {
      if (!operand(n, operands[n], memory)) {
        return false;
      }
    }
    return true;
  }

  private boolean operand(int n, OperandForm o, boolean memory) {
    int width = OperandForm.bytes(o.registerWidth, b);
    int reg = b.modRm >>> 3 & 7 | b.extendReg;
    int rm = b.modRm & 7 | b.extendBase;
    switch (o.place) {
      case OperandForm.RM_GENERAL -> {
        if (memory) {
          b.operand(n, Instruction.MEMORY, 0, OperandForm.bytes(o.memoryWidth, b));
        } else {
          general(n, rm, width);
        }
      }
      case OperandForm.REG_GENERAL -> general(n, reg, width);
      case OperandForm.VVVV_GENERAL -> general(n, b.vvvv, width);
      case OperandForm.OPCODE_GENERAL -> general(n, b.opcode & 7 | b.extendBase, width);
      case OperandForm.ACCUMULATOR -> b.operand(n, Instruction.GPR, 0, width);
      case OperandForm.COUNT -> b.operand(n, Instruction.GPR, 1, 1);
      case OperandForm.PORT -> b.operand(n, Instruction.GPR, 2, 2);
      case OperandForm.SIGNED_IMMEDIATE -> {
        b.immediate = in.signed(width);
        b.operand(n, Instruction.IMMEDIATE, 0, width);
      }
      case OperandForm.UNSIGNED_IMMEDIATE -> {
        b.immediate = width == 1 ? in.u8() : in.u16();
        b.operand(n, Instruction.IMMEDIATE, 0, width);
      }
      case OperandForm.SECOND_IMMEDIATE -> {
        b.immediate2 = in.u8();
        b.operand(n, Instruction.IMMEDIATE2, 0, 1);
      }
      case OperandForm.ONE -> {
        b.immediate = 1;
        b.operand(n, Instruction.IMMEDIATE, 0, 1);
      }
      case OperandForm.RELATIVE -> {
        b.immediate = in.signed(width);
        b.operand(n, Instruction.RELATIVE, 0, width);
      }
      case OperandForm.FAR_POINTER -> {
        b.immediate = width == 2 ? in.u16() : in.s32() & 0xFFFF_FFFFL;
        b.immediate2 = in.u16();
        b.operand(n, Instruction.FAR_POINTER, 0, width + 2);
      }
      case OperandForm.ABSOLUTE -> {
        b.displacement = switch (b.addressSize) {
          case 2 -> in.u16();
          case 4 -> in.s32() & 0xFFFF_FFFFL;
          default -> in.s64();
        };
        b.operand(n, Instruction.MEMORY, 0, width);
      }
      case OperandForm.REG_SEGMENT -> {
        b.operand(n, Instruction.SEGMENT, reg & 7, 2);
        return (reg & 7) <= Seg.GS;
      }
      case OperandForm.FIXED_SEGMENT -> b.operand(n, Instruction.SEGMENT, o.number, 2);
      case OperandForm.REG_CONTROL -> {
        b.operand(n, Instruction.CONTROL, reg, width);
        return reg == 0 || reg >= 2 && reg <= 4 || reg == 8;
      }
      case OperandForm.REG_DEBUG -> {
        b.operand(n, Instruction.DEBUG, reg, width);
        return reg < 8;
      }
      case OperandForm.SOURCE -> b.operand(n, Instruction.STRING_SOURCE, 0, width);
      case OperandForm.DESTINATION -> b.operand(n, Instruction.STRING_DESTINATION, 0, width);
      case OperandForm.ST0 -> b.operand(n, Instruction.ST, 0, width);
      case OperandForm.STI -> b.operand(n, Instruction.ST, b.modRm & 7, width);
      case OperandForm.REG_MMX -> b.operand(n, Instruction.MMX, reg & 7, width);
      case OperandForm.RM_MMX -> vector(n, Instruction.MMX, rm & 7, width, o, memory);
      case OperandForm.REG_XMM -> b.operand(n, Instruction.XMM, reg, width);
      case OperandForm.RM_XMM -> vector(n, Instruction.XMM, rm, width, o, memory);
      case OperandForm.VVVV_XMM -> b.operand(n, Instruction.XMM, b.vvvv, width);
      case OperandForm.IMMEDIATE_XMM ->
          // Bit 7 is ignored outside 64-bit mode (SDM 2A 2.3.10).
          b.operand(n, Instruction.XMM, in.u8() >>> 4 & (b.codeBits == 64 ? 15 : 7), width);
      case OperandForm.VECTOR_SIB -> {
        b.operand(n, Instruction.MEMORY, 0, OperandForm.bytes(o.memoryWidth, b));
        return b.addressSize != 2 && (b.modRm & 7) == RSP;
      }
      case OperandForm.AT_RDI -> {
        b.base = RDI;
        b.operand(n, Instruction.MEMORY, 0, OperandForm.bytes(o.memoryWidth, b));
      }
      default -> throw new IllegalStateException("operand place " + o.place);
    }
    return true;
  }

  private void general(int n, int register, int width) {
    if (width == 1 && !b.rex && register >= 4) {
      b.operand(n, Instruction.HIGH_BYTE, register - 4, 1);
    } else {
      b.operand(n, Instruction.GPR, register, width);
    }
  }

  private void vector(int n, int kind, int register, int width, OperandForm o, boolean memory) {
    if (memory) {
      b.operand(n, Instruction.MEMORY, 0, OperandForm.bytes(o.memoryWidth, b));
    } else {
      b.operand(n, kind, register, width);
    }
  }

  private void address(boolean vectorIndex) {
    int mod = b.modRm >>> 6;
    int rm = b.modRm & 7;
    if (b.addressSize == 2) {
      address16(mod, rm);
    } else if (rm == RSP) {
      scaleIndexBase(mod, vectorIndex);
    } else if (mod == 0 && rm == RBP) {
      b.base = b.codeBits == 64 ? Instruction.RIP : Instruction.NO_REGISTER;
      b.displacement = in.s32();
    } else {
      b.base = rm | b.extendBase;
      displacement(mod);
    }
    if (b.override < 0 && (b.base == RSP || b.base == RBP)) {
      b.segment = Seg.SS;
    }
  }

  private void address16(int mod, int rm) {
    if (mod == 0 && rm == 6) {
      b.displacement = in.u16();
      return;
    }
    b.base = BASE_16[rm];
    b.index = INDEX_16[rm];
    if (mod != 0) {
      b.displacement = in.signed(mod);
    }
  }

  private void scaleIndexBase(int mod, boolean vectorIndex) {
    int sib = in.u8();
    int index = sib >>> 3 & 7 | b.extendIndex;
    if (index != RSP || vectorIndex) {
      b.index = index;
      b.scale = sib >>> 6;
    }
    if (mod == 0 && (sib & 7) == RBP) {
      b.displacement = in.s32();
    } else {
      b.base = sib & 7 | b.extendBase;
      displacement(mod);
    }
  }

  private void displacement(int mod) {
    if (mod == 1) {
      b.displacement = (byte) in.u8();
    } else if (mod == 2) {
      b.displacement = in.s32();
    }
  }
}
