package annulus.cpu.exec;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import java.util.function.LongBinaryOperator;

/**
 * The shapes of SIMD instructions: where operands come from and where results go. What is computed are small static functions on
 * 64-bit halves, passed in as constants, so that a compiled handler has them inlined and a translator can call them directly.
 *
 * <p>A register is two longs, low half first. Destination and first source are operand 0 (legacy encodings).
 */
final class SimdOperands {
  /** One half of a 128-bit result from both 128-bit operands, {@code a} the destination and {@code b} the source. */
  @FunctionalInterface
  interface Wide {
    long apply(long al, long ah, long bl, long bh);
  }

  /** One half of a 128-bit result from both operands and the immediate byte. */
  @FunctionalInterface
  interface WideImmediate {
    long apply(long al, long ah, long bl, long bh, int immediate);
  }

  /** A 64-bit result from two operands and the immediate byte. */
  @FunctionalInterface
  interface Immediate {
    long apply(long a, long b, int immediate);
  }

  private SimdOperands() {}

  // ---- memory ---------------------------------------------------------------------------------------------------------------

  /** Linear address of a 16-byte memory operand that must be aligned: #GP(0) otherwise, also through SS. */
  static long aligned(Cpu c, Instruction i, boolean write) {
    long linear = Addressing.linear(c, i, 16, write);
    if ((linear & 15) != 0 && (c.mxcsr & SimdState.MISALIGNED) == 0) {
      throw c.gp();
    }
    return linear;
  }

  /** Stores 16 bytes that are not aligned: all or nothing. */
  static void store128(Cpu c, long linear, long low, long high) {
    if ((linear & 0xFFF) > 0xFF0) {
      c.memory.checkWrite(linear, 8);
      c.memory.checkWrite(linear + 8, 8);
    }
    c.memory.store64(linear, low);
    c.memory.store64(linear + 8, high);
  }

  /** Address of operand {@code 1} when it is a 128-bit memory operand, to be passed to {@link #half}. */
  static long source(Cpu c, Instruction i) {
    return i.kind1 == Instruction.XMM ? 0 : aligned(c, i, false);
  }

  /** The same for an operand that need not be aligned. */
  static long unalignedSource(Cpu c, Instruction i) {
    return i.kind1 == Instruction.XMM ? 0 : Addressing.linear(c, i, 16, false);
  }

  /** Half {@code h} of operand 1, a register or memory at {@code address}. */
  static long half(Cpu c, Instruction i, long address, int h) {
    return i.kind1 == Instruction.XMM ? c.xmm[2 * i.reg1 + h] : c.memory.load64(address + 8 * h);
  }

  /** The low {@code size1} bytes of operand 1 where memory is narrower than the register; of a register its low half. */
  static long narrowSource(Cpu c, Instruction i) {
    return switch (i.kind1) {
      case Instruction.XMM -> c.xmm[2 * i.reg1];
      case Instruction.MMX -> c.fpu.significand[i.reg1];
      default -> c.memory.load(Addressing.linear(c, i, i.size1, false), i.size1);
    };
  }

  static int immediate(Instruction i) {
    return (int) i.immediate & 0xFF;
  }

  // ---- shapes ---------------------------------------------------------------------------------------------------------------

  /** MMX or XMM: every half alone. */
  static void halves(Cpu c, Instruction i, LongBinaryOperator op) {
    if (i.kind0 == Instruction.XMM) {
      SimdState.requireSse(c);
      long at = source(c, i);
      long low = half(c, i, at, 0);
      long high = half(c, i, at, 1);
      int d = 2 * i.reg0;
      c.xmm[d] = op.applyAsLong(c.xmm[d], low);
      c.xmm[d + 1] = op.applyAsLong(c.xmm[d + 1], high);
    } else {
      mmx(c, i, op);
    }
  }

  static void mmx(Cpu c, Instruction i, LongBinaryOperator op) {
    if (!SimdState.mmxReady(c, i)) {
      return;
    }
    long source = narrowSource(c, i);
    SimdState.writeMmx(c, i.reg0, op.applyAsLong(c.fpu.significand[i.reg0], source));
  }

  /** The low half of the result from the halves of the destination, the high half from the source's: packs, horizontal sums. */
  static void pairs(Cpu c, Instruction i, LongBinaryOperator op) {
    if (i.kind0 == Instruction.XMM) {
      SimdState.requireSse(c);
      long at = source(c, i);
      long low = half(c, i, at, 0);
      long high = half(c, i, at, 1);
      int d = 2 * i.reg0;
      c.xmm[d] = op.applyAsLong(c.xmm[d], c.xmm[d + 1]);
      c.xmm[d + 1] = op.applyAsLong(low, high);
    } else {
      mmx(c, i, op);
    }
  }

  /** XMM: each half of the result from everything. */
  static void wide(Cpu c, Instruction i, Wide lowOp, Wide highOp) {
    SimdState.requireSse(c);
    long at = source(c, i);
    long low = half(c, i, at, 0);
    long high = half(c, i, at, 1);
    int d = 2 * i.reg0;
    long a = c.xmm[d];
    long b = c.xmm[d + 1];
    c.xmm[d] = lowOp.apply(a, b, low, high);
    c.xmm[d + 1] = highOp.apply(a, b, low, high);
  }

  /** XMM with an immediate. */
  static void wideImmediate(Cpu c, Instruction i, WideImmediate lowOp, WideImmediate highOp) {
    SimdState.requireSse(c);
    long at = source(c, i);
    long low = half(c, i, at, 0);
    long high = half(c, i, at, 1);
    int d = 2 * i.reg0;
    long a = c.xmm[d];
    long b = c.xmm[d + 1];
    int n = immediate(i);
    c.xmm[d] = lowOp.apply(a, b, low, high, n);
    c.xmm[d + 1] = highOp.apply(a, b, low, high, n);
  }

  /** MMX with an immediate. */
  static void mmxImmediate(Cpu c, Instruction i, Immediate op) {
    if (!SimdState.mmxReady(c, i)) {
      return;
    }
    long source = narrowSource(c, i);
    SimdState.writeMmx(c, i.reg0, op.apply(c.fpu.significand[i.reg0], source, immediate(i)));
  }

  /** XMM result from the low bytes of the source: sign and zero extensions, conversions that widen. */
  static void widen(Cpu c, Instruction i, LongBinaryOperator op) {
    SimdState.requireSse(c);
    long source = narrowSource(c, i);
    int d = 2 * i.reg0;
    c.xmm[d] = op.applyAsLong(source, 0);
    c.xmm[d + 1] = op.applyAsLong(source, 1);
  }
}
