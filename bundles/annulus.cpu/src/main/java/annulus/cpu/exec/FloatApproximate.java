package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Cpu;
import annulus.cpu.fp.F32;

/**
 * RCPPS, RCPSS, RSQRTPS, RSQRTSS (SDM 2B). The architecture asks for a relative error below 1.5 * 2^-12 and vendors differ in the
 * bits; here results are correctly rounded, an error of at most 2^-24. No exceptions; denormal operands count as zero and tiny
 * results are zero whatever MXCSR says.
 */
public final class FloatApproximate implements Family {
  private static final int SIGN = Integer.MIN_VALUE;
  private static final int INFINITY = 0x7F80_0000;

  @Override public void define(Definitions d) {
    d.define(RCPSS, (c, i) -> FloatArithmetic.scalarSingle(c, i, FloatApproximate::reciprocal));
    d.define(RCPPS, (c, i) -> FloatArithmetic.packedSingle(c, i, FloatApproximate::reciprocal));
    d.define(RSQRTSS, (c, i) -> FloatArithmetic.scalarSingle(c, i, FloatApproximate::reciprocalRoot));
    d.define(RSQRTPS, (c, i) -> FloatArithmetic.packedSingle(c, i, FloatApproximate::reciprocalRoot));
  }

  private static int reciprocal(Cpu c, int a, int b) {
    return rcp(b);
  }

  private static int reciprocalRoot(Cpu c, int a, int b) {
    return rsqrt(b);
  }

  public static int rcp(int a) {
    if (F32.isNan(a)) {
      return F32.quiet(a);
    }
    if ((a & INFINITY) == 0) {
      return a & SIGN | INFINITY;
    }
    int result = Float.floatToRawIntBits((float) (1 / (double) Float.intBitsToFloat(a)));
    return (result & INFINITY) == 0 ? result & SIGN : result;
  }

  public static int rsqrt(int a) {
    if (F32.isNan(a)) {
      return F32.quiet(a);
    }
    if ((a & INFINITY) == 0) {
      return a & SIGN | INFINITY;
    }
    return a < 0 ? F32.DEFAULT_NAN : Float.floatToRawIntBits((float) (1 / Math.sqrt(Float.intBitsToFloat(a))));
  }
}
