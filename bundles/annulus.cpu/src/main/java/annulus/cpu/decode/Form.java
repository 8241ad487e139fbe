package annulus.cpu.decode;

import annulus.arch.CpuFeature;
import java.util.Set;

/**
 * One line of the opcode tables: an encoding, when it applies and what it means. It applies when the key of the instruction at
 * hand agrees with {@link #value} in the bits of {@link #mask}; the first form of an opcode that applies is the instruction.
 *
 * <pre>
 *   11   10   9   8  7   6    5  4  3   2  1  0
 *  REX.B  L   W  prefix mod=3   reg       rm        prefix: 0 none, 1 66, 2 F3, 3 F2
 * </pre>
 */
record Form(
    Mnemonic mnemonic,
    OperandForm[] operands,
    int mask,
    int value,
    int flags,
    int condition,
    Set<CpuFeature> features) {
  static final int MOD_3 = 1 << 6;
  static final int PREFIX_SHIFT = 7;
  static final int PREFIX_MASK = 3 << PREFIX_SHIFT;
  static final int W = 1 << 9;
  static final int L = 1 << 10;
  static final int REX_B = 1 << 11;

  // Flags: attributes of the same names in the tables.
  /** LOCK is allowed with a memory destination. */
  static final int LOCK = 1;
  /** Locked with memory even without the prefix. */
  static final int XCHG = 1 << 1;
  /** REP repeats it (REPNE alike). */
  static final int REP = 1 << 2;
  /** REPE and REPNE repeat it. */
  static final int REPE = 1 << 3;
  /** Not in 64-bit mode. */
  static final int I64 = 1 << 4;
  /** Only in 64-bit mode. */
  static final int O64 = 1 << 5;
  /** Operand size 64 by default in 64-bit mode. */
  static final int D64 = 1 << 6;
  /** Near branch: operand size 64 in 64-bit mode, and 66 is up to the vendor. */
  static final int F64 = 1 << 7;
  /** Operand size 64 always in 64-bit mode. */
  static final int N64 = 1 << 8;
  /** Operand size 64 in 64-bit mode and 32 elsewhere. */
  static final int NATIVE = 1 << 9;
  /** Far branch: whether REX.W counts is up to the vendor. */
  static final int FAR = 1 << 10;
  /** Byte operation. */
  static final int BYTE = 1 << 11;
  /** No 64-bit operand size. */
  static final int AT_MOST_32 = 1 << 12;
  /** The mod field is ignored, r/m is a register (SDM 2B MOV to control registers). */
  static final int NOMOD = 1 << 13;
  /** LOCK turns CR0 into CR8 on some processors. */
  static final int LOCK_CR8 = 1 << 14;
  /** 66 selects the form and is no operand-size prefix. */
  static final int MANDATORY_66 = 1 << 15;
  /** Has a ModRM byte. */
  static final int MODRM = 1 << 16;
  /** VEX without an operand in vvvv, which must be 1111. */
  static final int NO_VVVV = 1 << 17;
  /** Gather: mask, index and destination must differ (SDM 2A 2.3.12). */
  static final int GATHER = 1 << 18;

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  boolean validIn64() {
    return !has(I64);
  }

  boolean validOutside64() {
    return !has(O64);
  }
}
