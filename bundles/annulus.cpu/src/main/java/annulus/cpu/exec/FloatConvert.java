package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.fp.FpContext;

/** Conversions between integers, single and double precision in general and XMM registers (SDM 2A CVTDQ2PD ... CVTTSS2SI). */
public final class FloatConvert implements Family {
  @Override public void define(Definitions d) {
    d.define(CVTSI2SS, FloatConvert::cvtsi2ss);
    d.define(CVTSI2SD, FloatConvert::cvtsi2sd);
    d.define(CVTSS2SI, (c, i) -> fromSingle(c, i, rounding(c)));
    d.define(CVTTSS2SI, (c, i) -> fromSingle(c, i, FpContext.ZERO));
    d.define(CVTSD2SI, (c, i) -> fromDouble(c, i, rounding(c)));
    d.define(CVTTSD2SI, (c, i) -> fromDouble(c, i, FpContext.ZERO));
    d.define(CVTSS2SD, FloatConvert::cvtss2sd);
    d.define(CVTSD2SS, FloatConvert::cvtsd2ss);
    d.define(CVTDQ2PS, (c, i) -> FloatArithmetic.packedSingle(c, i, (cpu, a, b) -> SseSingle.fromInt32(cpu, b)));
    d.define(CVTPS2DQ, (c, i) -> FloatArithmetic.packedSingle(c, i, (cpu, a, b) -> SseSingle.toInt32(cpu, b, rounding(cpu))));
    d.define(CVTTPS2DQ, (c, i) -> FloatArithmetic.packedSingle(c, i, (cpu, a, b) -> SseSingle.toInt32(cpu, b, FpContext.ZERO)));
    d.define(CVTDQ2PD, FloatConvert::cvtdq2pd);
    d.define(CVTPS2PD, FloatConvert::cvtps2pd);
    d.define(CVTPD2PS, (c, i) -> narrow(c, i, SseDouble::toSingle));
    d.define(CVTPD2DQ, (c, i) -> narrow(c, i, (cpu, a) -> SseDouble.toInt32(cpu, a, rounding(cpu))));
    d.define(CVTTPD2DQ, (c, i) -> narrow(c, i, (cpu, a) -> SseDouble.toInt32(cpu, a, FpContext.ZERO)));
  }

  /** Rounding by MXCSR.RC. */
  static int rounding(Cpu c) {
    return c.mxcsr >>> 13 & 3;
  }

  private static void cvtsi2ss(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    long value = Operands.read(c, i, 1);
    int result = SseSingle.fromInt64(c, i.size1 == 8 ? value : (int) value);
    SimdState.endFloat(c);
    c.xmm[2 * i.reg0] = SimdElement.replace(c.xmm[2 * i.reg0], result, 0, 32);
  }

  private static void cvtsi2sd(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    long value = Operands.read(c, i, 1);
    long result = SseDouble.fromInt64(c, i.size1 == 8 ? value : (int) value);
    SimdState.endFloat(c);
    c.xmm[2 * i.reg0] = result;
  }

  private static void fromSingle(Cpu c, Instruction i, int rounding) {
    SimdState.beginFloat(c);
    int value = i.kind1 == Instruction.XMM ? (int) c.xmm[2 * i.reg1] : c.memory.load32(Addressing.linear(c, i, 4, false));
    long result = i.size0 == 8 ? SseSingle.toInt64(c, value, rounding) : SseSingle.toInt32(c, value, rounding);
    SimdState.endFloat(c);
    Operands.writeRegister(c, i.reg0, i.size0, result);
  }

  private static void fromDouble(Cpu c, Instruction i, int rounding) {
    SimdState.beginFloat(c);
    long value = i.kind1 == Instruction.XMM ? c.xmm[2 * i.reg1] : c.memory.load64(Addressing.linear(c, i, 8, false));
    long result = i.size0 == 8 ? SseDouble.toInt64(c, value, rounding) : SseDouble.toInt32(c, value, rounding);
    SimdState.endFloat(c);
    Operands.writeRegister(c, i.reg0, i.size0, result);
  }

  private static void cvtss2sd(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    int value = i.kind1 == Instruction.XMM ? (int) c.xmm[2 * i.reg1] : c.memory.load32(Addressing.linear(c, i, 4, false));
    long result = SseSingle.toDouble(c, value);
    SimdState.endFloat(c);
    c.xmm[2 * i.reg0] = result;
  }

  private static void cvtsd2ss(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    long value = i.kind1 == Instruction.XMM ? c.xmm[2 * i.reg1] : c.memory.load64(Addressing.linear(c, i, 8, false));
    int result = SseDouble.toSingle(c, value);
    SimdState.endFloat(c);
    c.xmm[2 * i.reg0] = SimdElement.replace(c.xmm[2 * i.reg0], result, 0, 32);
  }

  private static void cvtdq2pd(Cpu c, Instruction i) {
    SimdOperands.widen(c, i, (a, half) -> Double.doubleToRawLongBits((int) (a >>> 32 * half)));
  }

  private static void cvtps2pd(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    long source = SimdOperands.narrowSource(c, i);
    long low = SseSingle.toDouble(c, (int) source);
    long high = SseSingle.toDouble(c, (int) (source >>> 32));
    SimdState.endFloat(c);
    c.xmm[2 * i.reg0] = low;
    c.xmm[2 * i.reg0 + 1] = high;
  }

  @FunctionalInterface
  interface Narrowing {
    int apply(Cpu c, long a);
  }

  /** Two doubles to two 32-bit elements; the high half of the destination is cleared. */
  private static void narrow(Cpu c, Instruction i, Narrowing op) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long a = SimdOperands.half(c, i, at, 0);
    long b = SimdOperands.half(c, i, at, 1);
    long result = FloatArithmetic.join(op.apply(c, a), op.apply(c, b));
    SimdState.endFloat(c);
    c.xmm[2 * i.reg0] = result;
    c.xmm[2 * i.reg0 + 1] = 0;
  }
}
