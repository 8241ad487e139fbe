package annulus.cpu.decode;

import annulus.cpu.exec.Semantics;

/**
 * One decoded instruction, independent of where it stands: the same object serves every address that maps the same bytes in the
 * same mode. Up to four operands, in Intel order (destination first); each has a kind, a register number or nothing, and a size
 * in bytes. At most one operand is memory.
 */
public final class Instruction {
  /** Operand kinds. */
  public static final int NONE = 0;
  /** General register {@code reg}: 8-bit registers are the low byte (AL..R15B). */
  public static final int GPR = 1;
  /** AH, CH, DH, BH: bits 15-8 of register {@code reg} 0-3. */
  public static final int HIGH_BYTE = 2;
  /** Memory at {@link #segment}:{@link #base} + {@link #index} * 2^{@link #scale} + {@link #displacement}. */
  public static final int MEMORY = 3;
  /** {@link #immediate}, sign- or zero-extended to 64 bits as the instruction uses it. */
  public static final int IMMEDIATE = 4;
  /** {@link #immediate2}: second immediate of ENTER, EXTRQ, INSERTQ. */
  public static final int IMMEDIATE2 = 5;
  /** Branch target: {@link #immediate} is the displacement from the next instruction. */
  public static final int RELATIVE = 6;
  /** Far pointer: offset in {@link #immediate}, selector in {@link #immediate2}. */
  public static final int FAR_POINTER = 7;
  public static final int SEGMENT = 8;
  public static final int CONTROL = 9;
  public static final int DEBUG = 10;
  /** x87 register ST(reg). */
  public static final int ST = 11;
  public static final int MMX = 12;
  /** XMM register; YMM where the operand's size is 32. */
  public static final int XMM = 13;
  /** Implicit memory of string instructions at DS:rSI (overridable, {@link #segment}). */
  public static final int STRING_SOURCE = 14;
  /** Implicit memory of string instructions at ES:rDI. */
  public static final int STRING_DESTINATION = 15;

  /** {@link #base} or {@link #index}: none. The register file has a zero there. */
  public static final int NO_REGISTER = 16;
  /** {@link #base}: address of the next instruction. */
  public static final int RIP = 17;

  /** {@link #repeat} values: prefix F3 (REP, REPE) and F2 (REPNE). */
  public static final int REP = 1;
  public static final int REPNE = 2;

  public final Mnemonic mnemonic;
  /** Length in bytes, 1-15. */
  public final int length;
  /** Bits of the mode it was decoded for: 16, 32 or 64. */
  public final int codeBits;
  /** Effective operand size in bytes: 2, 4 or 8 (1 for byte forms; what the instruction defines for vector forms). */
  public final int operandSize;
  /** Effective address size in bytes: 2, 4 or 8. */
  public final int addressSize;
  public final int kind0;
  public final int kind1;
  public final int kind2;
  public final int kind3;
  public final int reg0;
  public final int reg1;
  public final int reg2;
  public final int reg3;
  public final int size0;
  public final int size1;
  public final int size2;
  public final int size3;
  /** Segment of the memory operand, default or override: {@link annulus.arch.Seg}. */
  public final int segment;
  /** Base register, 0-15, {@link #NO_REGISTER} or {@link #RIP}. */
  public final int base;
  public final int index;
  /** log2 of the index's factor. */
  public final int scale;
  public final long displacement;
  public final long immediate;
  public final long immediate2;
  /** Condition code of Jcc, SETcc, CMOVcc, FCMOVcc: low four bits of the opcode. */
  public final int condition;
  /** {@link #REP}, {@link #REPNE} or 0; only where the prefix is not part of the opcode. */
  public final int repeat;
  /** A valid LOCK prefix, or XCHG with memory. */
  public final boolean lock;
  /** REX.W, or VEX.W. */
  public final boolean wide;
  /** Vector length of a VEX instruction in bytes (16, 32), 0 for legacy encodings. */
  public final int vectorLength;
  /** What it does. Never null: an undefined opcode raises #UD when executed. */
  public final Semantics semantics;

  Instruction(InstructionBuilder b, Semantics semantics) {
    mnemonic = b.mnemonic;
    length = b.length;
    codeBits = b.codeBits;
    operandSize = b.operandSize;
    addressSize = b.addressSize;
    kind0 = b.kind[0];
    kind1 = b.kind[1];
    kind2 = b.kind[2];
    kind3 = b.kind[3];
    reg0 = b.reg[0];
    reg1 = b.reg[1];
    reg2 = b.reg[2];
    reg3 = b.reg[3];
    size0 = b.size[0];
    size1 = b.size[1];
    size2 = b.size[2];
    size3 = b.size[3];
    segment = b.segment;
    base = b.base;
    index = b.index;
    scale = b.scale;
    displacement = b.displacement;
    immediate = b.immediate;
    immediate2 = b.immediate2;
    condition = b.condition;
    repeat = b.repeat;
    lock = b.lock;
    wide = b.wide;
    vectorLength = b.vectorLength;
    this.semantics = semantics;
  }

  /** Whether any operand is explicit memory. */
  public boolean hasMemory() {
    return kind0 == MEMORY || kind1 == MEMORY || kind2 == MEMORY || kind3 == MEMORY;
  }
}
