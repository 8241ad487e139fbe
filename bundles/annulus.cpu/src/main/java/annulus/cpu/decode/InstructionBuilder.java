package annulus.cpu.decode;

import annulus.arch.Seg;
import java.util.Arrays;

/** The decoder's scratch form of an {@link Instruction}; fields of the same name mean the same there. */
final class InstructionBuilder {
  Mnemonic mnemonic = Mnemonic.INVALID;
  int length;
  int codeBits;
  int operandSize;
  int addressSize;
  final int[] kind = new int[4];
  final int[] reg = new int[4];
  final int[] size = new int[4];
  int segment;
  int base;
  int index;
  int scale;
  long displacement;
  long immediate;
  long immediate2;
  int condition;
  int repeat;
  boolean lock;
  boolean wide;
  int vectorLength;

  // Prefixes and encoding fields, with the extension bits of REX and VEX already shifted to 8.
  boolean rex;
  int extendReg;
  int extendIndex;
  int extendBase;
  int vvvv;
  boolean operandPrefix;
  boolean lockPrefix;
  /** {@link Instruction#REP}, {@link Instruction#REPNE} or 0: the last of F3 and F2. */
  int repeatPrefix;
  /** Segment override, or -1. */
  int override;
  int opcode;
  int modRm;

  void clear(int codeBits) {
    mnemonic = Mnemonic.INVALID;
    length = 0;
    this.codeBits = codeBits;
    operandSize = codeBits == 16 ? 2 : 4;
    addressSize = codeBits / 8;
    vectorLength = 0;
    condition = 0;
    repeat = 0;
    lock = false;
    wide = false;
    rex = false;
    extendReg = 0;
    extendIndex = 0;
    extendBase = 0;
    vvvv = 0;
    operandPrefix = false;
    lockPrefix = false;
    repeatPrefix = 0;
    override = -1;
    clearOperands();
  }

  void clearOperands() {
    Arrays.fill(kind, Instruction.NONE);
    Arrays.fill(reg, 0);
    Arrays.fill(size, 0);
    segment = override < 0 ? Seg.DS : override;
    base = Instruction.NO_REGISTER;
    index = Instruction.NO_REGISTER;
    scale = 0;
    displacement = 0;
    immediate = 0;
    immediate2 = 0;
  }

  void operand(int n, int kind, int reg, int size) {
    this.kind[n] = kind;
    this.reg[n] = reg;
    this.size[n] = size;
  }
}
