package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.fp.FpContext;

/**
 * Conversions between two 32-bit integers in an MMX register and floating point (SDM 2A CVTPI2PS ... CVTTPD2PI). They switch the
 * x87 registers to MMX and meet a pending x87 exception, but not with the integers in memory: so SDM 2A for CVTPI2PD, and
 * processors for CVTPI2PS too.
 */
public final class FloatConvertMmx implements Family {
  @Override public void define(Definitions d) {
    d.define(CVTPI2PS, FloatConvertMmx::cvtpi2ps);
    d.define(CVTPI2PD, FloatConvertMmx::cvtpi2pd);
    d.define(CVTPS2PI, (c, i) -> singles(c, i, FloatConvert.rounding(c)));
    d.define(CVTTPS2PI, (c, i) -> singles(c, i, FpContext.ZERO));
    d.define(CVTPD2PI, (c, i) -> doubles(c, i, FloatConvert.rounding(c)));
    d.define(CVTTPD2PI, (c, i) -> doubles(c, i, FpContext.ZERO));
  }

  private static boolean begin(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    return SimdState.noX87Exception(c, i);
  }

  private static void cvtpi2ps(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    boolean mmx = i.kind1 == Instruction.MMX;
    if (mmx && !SimdState.noX87Exception(c, i)) {
      return;
    }
    long source = SimdOperands.narrowSource(c, i);
    long result = FloatArithmetic.join(SseSingle.fromInt32(c, (int) source), SseSingle.fromInt32(c, (int) (source >>> 32)));
    SimdState.endFloat(c);
    c.xmm[2 * i.reg0] = result;
    if (mmx) {
      SimdState.enterMmx(c);
    }
  }

  private static void cvtpi2pd(Cpu c, Instruction i) {
    if (i.kind1 == Instruction.MMX) {
      if (!begin(c, i)) {
        return;
      }
      SimdState.enterMmx(c);
    }
    SimdOperands.widen(c, i, (a, half) -> Double.doubleToRawLongBits((int) (a >>> 32 * half)));
  }

  private static void singles(Cpu c, Instruction i, int rounding) {
    if (!begin(c, i)) {
      return;
    }
    long source = SimdOperands.narrowSource(c, i);
    int low = SseSingle.toInt32(c, (int) source, rounding);
    int high = SseSingle.toInt32(c, (int) (source >>> 32), rounding);
    SimdState.endFloat(c);
    SimdState.writeMmx(c, i.reg0, FloatArithmetic.join(low, high));
  }

  private static void doubles(Cpu c, Instruction i, int rounding) {
    if (!begin(c, i)) {
      return;
    }
    long at = SimdOperands.source(c, i);
    int low = SseDouble.toInt32(c, SimdOperands.half(c, i, at, 0), rounding);
    int high = SseDouble.toInt32(c, SimdOperands.half(c, i, at, 1), rounding);
    SimdState.endFloat(c);
    SimdState.writeMmx(c, i.reg0, FloatArithmetic.join(low, high));
  }
}
