package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import java.util.function.LongBinaryOperator;

/**
 * Shifts of packed integers by an immediate or by the low 64 bits of a register or memory operand (SDM 2B PSLLW ... PSRLDQ).
 * Counts beyond the lane give zero, or the sign for arithmetic shifts. Value functions take the whole 64-bit count.
 */
public final class PackedShift implements Family {
  @Override public void define(Definitions d) {
    d.define(PSLLW, (c, i) -> shift(c, i, PackedShift::psllw));
    d.define(PSLLD, (c, i) -> shift(c, i, PackedShift::pslld));
    d.define(PSLLQ, (c, i) -> shift(c, i, PackedShift::psllq));
    d.define(PSRLW, (c, i) -> shift(c, i, PackedShift::psrlw));
    d.define(PSRLD, (c, i) -> shift(c, i, PackedShift::psrld));
    d.define(PSRLQ, (c, i) -> shift(c, i, PackedShift::psrlq));
    d.define(PSRAW, (c, i) -> shift(c, i, PackedShift::psraw));
    d.define(PSRAD, (c, i) -> shift(c, i, PackedShift::psrad));
    d.define(PSLLDQ, PackedShift::pslldq);
    d.define(PSRLDQ, PackedShift::psrldq);
  }

  private static void shift(Cpu c, Instruction i, LongBinaryOperator op) {
    if (i.kind0 == Instruction.XMM) {
      SimdState.requireSse(c);
      long count = i.kind1 == Instruction.IMMEDIATE
          ? SimdOperands.immediate(i) : SimdOperands.half(c, i, SimdOperands.source(c, i), 0);
      int d = 2 * i.reg0;
      c.xmm[d] = op.applyAsLong(c.xmm[d], count);
      c.xmm[d + 1] = op.applyAsLong(c.xmm[d + 1], count);
    } else {
      if (!SimdState.mmxReady(c, i)) {
        return;
      }
      long count = i.kind1 == Instruction.IMMEDIATE ? SimdOperands.immediate(i) : SimdOperands.narrowSource(c, i);
      SimdState.writeMmx(c, i.reg0, op.applyAsLong(c.fpu.significand[i.reg0], count));
    }
  }

  private static void pslldq(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    int bits = 8 * Math.min(SimdOperands.immediate(i), 16);
    int d = 2 * i.reg0;
    long low = c.xmm[d];
    c.xmm[d + 1] = bits >= 64 ? psllq(low, bits - 64) : psllq(c.xmm[d + 1], bits) | psrlq(low, 64 - bits);
    c.xmm[d] = psllq(low, bits);
  }

  private static void psrldq(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    int bits = 8 * Math.min(SimdOperands.immediate(i), 16);
    int d = 2 * i.reg0;
    long high = c.xmm[d + 1];
    c.xmm[d] = bits >= 64 ? psrlq(high, bits - 64) : psrlq(c.xmm[d], bits) | psllq(high, 64 - bits);
    c.xmm[d + 1] = psrlq(high, bits);
  }

  private static boolean beyond(long count, int bits) {
    return Long.compareUnsigned(count, bits) >= 0;
  }

  public static long psllw(long a, long count) {
    return beyond(count, 16) ? 0 : a << count & (0xFFFF << count & 0xFFFF) * 0x0001_0001_0001_0001L;
  }

  public static long pslld(long a, long count) {
    return beyond(count, 32) ? 0 : a << count & (0xFFFF_FFFFL << count & 0xFFFF_FFFFL) * 0x0000_0001_0000_0001L;
  }

  public static long psllq(long a, long count) {
    return beyond(count, 64) ? 0 : a << count;
  }

  public static long psrlw(long a, long count) {
    return beyond(count, 16) ? 0 : a >>> count & (0xFFFF >>> count) * 0x0001_0001_0001_0001L;
  }

  public static long psrld(long a, long count) {
    return beyond(count, 32) ? 0 : a >>> count & (0xFFFF_FFFFL >>> count) * 0x0000_0001_0000_0001L;
  }

  public static long psrlq(long a, long count) {
    return beyond(count, 64) ? 0 : a >>> count;
  }

  /** Logical, with the sign's copies put above: {@code (sign << 1) - (sign >>> count)} fills from the shifted sign bit up. */
  public static long psraw(long a, long count) {
    long n = beyond(count, 16) ? 15 : count;
    long signs = a & PackedAdd.H16;
    return psrlw(a, n) | (signs << 1) - (signs >>> n);
  }

  public static long psrad(long a, long count) {
    long n = beyond(count, 32) ? 31 : count;
    return (int) a >> n & 0xFFFF_FFFFL | (a >> 32 >> n) << 32;
  }
}
