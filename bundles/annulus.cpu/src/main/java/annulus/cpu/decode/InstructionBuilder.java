package annulus.cpu.decode;

import annulus.arch.Seg;
import java.util.Arrays;

/** The decoder's scratch form of an {@link Instruction}; fields mean the same there. */
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

  void clear(int codeBits) {
    mnemonic = Mnemonic.INVALID;
    length = 0;
    this.codeBits = codeBits;
    operandSize = codeBits == 16 ? 2 : 4;
    addressSize = codeBits / 8;
    Arrays.fill(kind, Instruction.NONE);
    Arrays.fill(reg, 0);
    Arrays.fill(size, 0);
    segment = Seg.DS;
    base = Instruction.NO_REGISTER;
    index = Instruction.NO_REGISTER;
    scale = 0;
    displacement = 0;
    immediate = 0;
    immediate2 = 0;
    condition = 0;
    repeat = 0;
    lock = false;
    wide = false;
    vectorLength = 0;
  }
}
