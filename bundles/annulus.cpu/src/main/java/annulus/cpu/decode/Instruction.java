package annulus.cpu.decode;

import annulus.cpu.exec.Semantics;

/**
 * One decoded instruction, independent of where it stands: the same object serves every address that maps the same
 * bytes in the same mode. Up to four operands, in Intel order (destination first); each has a kind, a register number
 * or nothing, and a size in bytes. At most one operand is memory.
 *
 * <p>What is explicit. Operands that semantics need as values are listed even where the encoding implies them: the CL
 * and the 1 of shifts, the accumulator and DX of IN, OUT and string instructions, rAX of XCHG. Implied operands of
 * fixed meaning are not: rDX and rAX of MUL, the accumulator of CMPXCHG, XMM0 of BLENDVPS, the addresses in rAX of
 * VMRUN, MONITOR and CLZERO, the table of XLATB (of the last three, {@link #segment} and {@link #addressSize} say
 * where). MASKMOVDQU has its memory as operand 0.
 *
 * <p>Sizes. A general register's is what is read or written. A vector register's is 16 or 32 however little of it is
 * used. Memory's is the number of bytes accessed, and 0 where only the address matters (LEA, INVLPG, XSAVE areas).
 * Pointers in memory (CALLF, LDS) have operandSize + 2 bytes, pairs (BOUND) twice operandSize, descriptor-table
 * registers 6 or 10, x87 environments 14 or 28, x87 states 94 or 108.
 *
 * <p>Immediates. Bytes that the instruction sign-extends arrive sign-extended, ports, shift and byte counts, vectors
 * and predicates zero-extended; of whole operands only the low {@link #operandSize} bytes count.
 *
 * <p>Forms. One-operand IMUL has no operand 1. CMPS is source, destination; SCAS accumulator, destination; INS
 * destination, DX; OUTS DX, source. x87 arithmetic between registers names both, ST(0) included; from memory only the
 * memory. SETCC and its like carry the condition in {@link #condition}, FCMOVCC too, in the same code (B 2, E 4, BE 6,
 * U 10 and the next odd number for the negation). Of a VEX gather, {@link #index} is a vector register. Operand 3 of
 * VBLENDVPS is a register. NOP stands for all hints and reserved NOPs.
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
  /**
   * Effective operand size in bytes: 2, 4 or 8, 1 for byte forms. In 64-bit mode near branches and stack instructions have 8 by
   * default. Means nothing for vector instructions.
   */
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
  /** The immediate; of x87 instructions the low 11 bits of the opcode (SDM 1 8.1.9). */
  public final long immediate;
  public final long immediate2;
  /** Condition code of Jcc, SETcc, CMOVcc, FCMOVcc: low four bits of the opcode. */
  public final int condition;
  /** Of string instructions: {@link #REP} (F3, and F2 where both do the same), {@link #REPNE} (F2 of CMPS, SCAS) or 0. */
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
