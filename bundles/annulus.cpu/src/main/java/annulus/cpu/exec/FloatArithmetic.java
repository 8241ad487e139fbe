package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/**
 * Floating-point arithmetic, scalar and packed (SDM 2A ADDPS ... SQRTSD, ROUNDPS). All elements are computed before exceptions
 * are reported, and these before the destination changes.
 */
public final class FloatArithmetic implements Family {
  @FunctionalInterface
  interface DoubleOp {
    long apply(Cpu c, long a, long b);
  }

  @FunctionalInterface
  interface SingleOp {
    int apply(Cpu c, int a, int b);
  }

  @Override public void define(Definitions d) {
    d.define(ADDSS, (c, i) -> scalarSingle(c, i, SseSingle::add));
    d.define(ADDSD, (c, i) -> scalarDouble(c, i, SseDouble::add));
    d.define(ADDPS, (c, i) -> packedSingle(c, i, SseSingle::add));
    d.define(ADDPD, (c, i) -> packedDouble(c, i, SseDouble::add));
    d.define(SUBSS, (c, i) -> scalarSingle(c, i, SseSingle::sub));
    d.define(SUBSD, (c, i) -> scalarDouble(c, i, SseDouble::sub));
    d.define(SUBPS, (c, i) -> packedSingle(c, i, SseSingle::sub));
    d.define(SUBPD, (c, i) -> packedDouble(c, i, SseDouble::sub));
    d.define(MULSS, (c, i) -> scalarSingle(c, i, SseSingle::mul));
    d.define(MULSD, (c, i) -> scalarDouble(c, i, SseDouble::mul));
    d.define(MULPS, (c, i) -> packedSingle(c, i, SseSingle::mul));
    d.define(MULPD, (c, i) -> packedDouble(c, i, SseDouble::mul));
    d.define(DIVSS, (c, i) -> scalarSingle(c, i, SseSingle::div));
    d.define(DIVSD, (c, i) -> scalarDouble(c, i, SseDouble::div));
    d.define(DIVPS, (c, i) -> packedSingle(c, i, SseSingle::div));
    d.define(DIVPD, (c, i) -> packedDouble(c, i, SseDouble::div));
    d.define(MINSS, (c, i) -> scalarSingle(c, i, SseSingle::min));
    d.define(MINSD, (c, i) -> scalarDouble(c, i, SseDouble::min));
    d.define(MINPS, (c, i) -> packedSingle(c, i, SseSingle::min));
    d.define(MINPD, (c, i) -> packedDouble(c, i, SseDouble::min));
    d.define(MAXSS, (c, i) -> scalarSingle(c, i, SseSingle::max));
    d.define(MAXSD, (c, i) -> scalarDouble(c, i, SseDouble::max));
    d.define(MAXPS, (c, i) -> packedSingle(c, i, SseSingle::max));
    d.define(MAXPD, (c, i) -> packedDouble(c, i, SseDouble::max));
    d.define(SQRTSS, (c, i) -> scalarSingle(c, i, (cpu, a, b) -> SseSingle.sqrt(cpu, b)));
    d.define(SQRTSD, (c, i) -> scalarDouble(c, i, (cpu, a, b) -> SseDouble.sqrt(cpu, b)));
    d.define(SQRTPS, (c, i) -> packedSingle(c, i, (cpu, a, b) -> SseSingle.sqrt(cpu, b)));
    d.define(SQRTPD, (c, i) -> packedDouble(c, i, (cpu, a, b) -> SseDouble.sqrt(cpu, b)));
    d.define(ROUNDSS, (c, i) -> scalarSingle(c, i,
        (cpu, a, b) -> SseSingle.round(cpu, b, rounding(cpu, i), (i.immediate & 8) == 0)));
    d.define(ROUNDSD, (c, i) -> scalarDouble(c, i,
        (cpu, a, b) -> SseDouble.round(cpu, b, rounding(cpu, i), (i.immediate & 8) == 0)));
    d.define(ROUNDPS, (c, i) -> packedSingle(c, i,
        (cpu, a, b) -> SseSingle.round(cpu, b, rounding(cpu, i), (i.immediate & 8) == 0)));
    d.define(ROUNDPD, (c, i) -> packedDouble(c, i,
        (cpu, a, b) -> SseDouble.round(cpu, b, rounding(cpu, i), (i.immediate & 8) == 0)));
    d.define(CMPSS, (c, i) -> scalarSingle(c, i, (cpu, a, b) -> SseSingle.cmp(cpu, a, b, (int) i.immediate)));
    d.define(CMPSD, (c, i) -> scalarDouble(c, i, (cpu, a, b) -> SseDouble.cmp(cpu, a, b, (int) i.immediate)));
    d.define(CMPPS, (c, i) -> packedSingle(c, i, (cpu, a, b) -> SseSingle.cmp(cpu, a, b, (int) i.immediate)));
    d.define(CMPPD, (c, i) -> packedDouble(c, i, (cpu, a, b) -> SseDouble.cmp(cpu, a, b, (int) i.immediate)));
  }

  /** ROUNDxx: immediate bit 2 takes MXCSR's rounding, else bits 1-0 say it. */
  private static int rounding(Cpu c, Instruction i) {
    return (i.immediate & 4) != 0 ? c.mxcsr >>> 13 & 3 : (int) i.immediate & 3;
  }

  static void scalarDouble(Cpu c, Instruction i, DoubleOp op) {
    SimdState.beginFloat(c);
    long b = i.kind1 == Instruction.XMM ? c.xmm[2 * i.reg1] : c.memory.load64(Addressing.linear(c, i, 8, false));
    int d = 2 * i.reg0;
    long result = op.apply(c, c.xmm[d], b);
    SimdState.endFloat(c);
    c.xmm[d] = result;
  }

  static void scalarSingle(Cpu c, Instruction i, SingleOp op) {
    SimdState.beginFloat(c);
    int b = i.kind1 == Instruction.XMM ? (int) c.xmm[2 * i.reg1] : c.memory.load32(Addressing.linear(c, i, 4, false));
    int d = 2 * i.reg0;
    int result = op.apply(c, (int) c.xmm[d], b);
    SimdState.endFloat(c);
    c.xmm[d] = c.xmm[d] & 0xFFFF_FFFF_0000_0000L | result & 0xFFFF_FFFFL;
  }

  static void packedDouble(Cpu c, Instruction i, DoubleOp op) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    long low = op.apply(c, c.xmm[d], bl);
    long high = op.apply(c, c.xmm[d + 1], bh);
    SimdState.endFloat(c);
    c.xmm[d] = low;
    c.xmm[d + 1] = high;
  }

  static void packedSingle(Cpu c, Instruction i, SingleOp op) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    long low = both(c, c.xmm[d], bl, op);
    long high = both(c, c.xmm[d + 1], bh, op);
    SimdState.endFloat(c);
    c.xmm[d] = low;
    c.xmm[d + 1] = high;
  }

  private static long both(Cpu c, long a, long b, SingleOp op) {
    return join(op.apply(c, (int) a, (int) b), op.apply(c, (int) (a >>> 32), (int) (b >>> 32)));
  }

  static long join(int low, int high) {
    return low & 0xFFFF_FFFFL | (long) high << 32;
  }
}
