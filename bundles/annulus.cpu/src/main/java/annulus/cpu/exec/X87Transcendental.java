package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;
import annulus.cpu.fp.Transcendental;

/**
 * FSIN, FCOS, FSINCOS, FPTAN, FPATAN, F2XM1, FYL2X, FYL2XP1: special cases by the tables of SDM 2A, the rest by
 * {@link Transcendental}. Trigonometric arguments of 2^63 and more set C2 and stay. Outside their domains, where the manual leaves
 * results undefined, F2XM1 and, for -1 and below, FYL2XP1 return their operand x as inexact, as processors do.
 */
final class X87Transcendental implements Family {
  private static final long INTEGER_BIT = Long.MIN_VALUE;

  @Override public void define(Definitions d) {
    d.define(Mnemonic.FSIN, (c, i) -> trigonometric(c, i, true, false, false));
    d.define(Mnemonic.FCOS, (c, i) -> trigonometric(c, i, false, false, false));
    d.define(Mnemonic.FSINCOS, (c, i) -> trigonometric(c, i, true, false, true));
    d.define(Mnemonic.FPTAN, (c, i) -> trigonometric(c, i, false, true, true));
    d.define(Mnemonic.F2XM1, X87Transcendental::exponential);
    d.define(Mnemonic.FPATAN, (c, i) -> binary(c, i, X87Transcendental::arcTangent));
    d.define(Mnemonic.FYL2X, (c, i) -> binary(c, i, X87Transcendental::logarithm));
    d.define(Mnemonic.FYL2XP1, (c, i) -> binary(c, i, X87Transcendental::logarithmPlusOne));
  }

  private static void trigonometric(Cpu c, Instruction i, boolean sine, boolean tangent, boolean pushes) {
    if (!X87.ready(c, i)) {
      return;
    }
    FpContext x = X87.begin(c, i);
    Fpu f = c.fpu;
    f.status &= ~X87.C2;
    boolean empty = X87.empty(f, 0);
    if (empty || pushes && X87.full(f)) {
      if (empty ? X87.underflow(f) : X87Scaling.fullStack(f)) {
        X87.write(f, 0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
        if (pushes) {
          X87.push(f, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
        }
      }
      return;
    }
    int se = f.signExponent[f.top];
    long s = f.significand[f.top];
    int exponent = se & F80.EXPONENT;
    if (exponent != F80.EXPONENT && exponent > Transcendental.MAX_ANGLE_EXPONENT && s < 0) {
      f.status = f.status & ~X87.C1 | X87.C2;
      return;
    }
    // ST0 first; where the instruction pushes, the cosine, a one, or the NaN again.
    long first;
    int firstSe;
    long second = INTEGER_BIT;
    int secondSe = F80.EXPONENT >> 1;
    if (F80.isUnsupported(se, s) || exponent == F80.EXPONENT) {
      first = F80.isInfinite(se, s) ? F80.invalid(x) : F80.propagateNan(se, s, x);
      firstSe = x.signExponent;
      second = first;
      secondSe = firstSe;
    } else if (s == 0) {
      first = sine || tangent ? 0 : INTEGER_BIT;
      firstSe = sine || tangent ? se : F80.EXPONENT >> 1;
    } else {
      x.flags |= exponent == 0 ? FpContext.DE : 0;
      Transcendental t = f.transcendental;
      t.angle(se, s);
      if (sine && pushes) {
        second = Transcendental.round(t.cosine(x), x);
        secondSe = x.signExponent;
      }
      first = Transcendental.round(tangent ? t.tangent(x) : sine ? t.sine(x) : t.cosine(x), x);
      firstSe = x.signExponent;
    }
    if (X87.commit(f)) {
      X87.write(f, 0, firstSe, first);
      if (pushes) {
        X87.push(f, secondSe, second);
      }
    }
  }

  private static void exponential(Cpu c, Instruction i) {
    X87Scaling.unary(c, i, (se, s, x) -> {
      if (F80.isUnsupported(se, s) || F80.isNan(se, s)) {
        return F80.propagateNan(se, s, x);
      }
      int exponent = se & F80.EXPONENT;
      boolean minus = (se & F80.SIGN) != 0;
      if (F80.isInfinite(se, s)) {
        return minus ? F80.result(0xBFFF, INTEGER_BIT, x) : F80.result(se, s, x);
      }
      if (s == 0) {
        return F80.result(se, s, x);
      }
      if (exponent >= 0x3FFF) {
        boolean one = exponent == 0x3FFF && s == INTEGER_BIT;
        x.flags |= FpContext.PE;
        return one && minus ? F80.result(0xBFFE, s, x) : F80.result(se, s, x);
      }
      x.flags |= exponent == 0 ? FpContext.DE : 0;
      return Transcendental.round(c.fpu.transcendental.exponentialMinusOne(se, s, x), x);
    });
  }

  /** A function of y = ST1 and x = ST0, whose result replaces ST1 before the stack is popped. */
  @FunctionalInterface
  private interface Binary {
    long apply(Transcendental t, int ye, long ys, int xe, long xs, FpContext c);
  }

  private static void binary(Cpu c, Instruction i, Binary function) {
    if (!X87.ready(c, i)) {
      return;
    }
    FpContext x = X87.begin(c, i);
    Fpu f = c.fpu;
    int y = f.physical(1);
    if (X87.empty(f, 0) || X87.empty(f, 1)) {
      if (X87.underflow(f)) {
        X87.write(f, 1, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
        X87.pop(f);
      }
      return;
    }
    int xe = f.signExponent[f.top];
    long xs = f.significand[f.top];
    int ye = f.signExponent[y];
    long ys = f.significand[y];
    long s;
    if (F80.isUnsupported(xe, xs) || F80.isUnsupported(ye, ys) || F80.isNan(xe, xs) || F80.isNan(ye, ys)) {
      s = F80.propagateNan(xe, xs, ye, ys, x);
    } else {
      s = function.apply(f.transcendental, ye, ys, xe, xs, x);
      if ((x.flags & (FpContext.IE | FpContext.ZE)) == 0 && (F80.isDenormal(xe, xs) || F80.isDenormal(ye, ys))) {
        x.flags |= FpContext.DE;
      }
    }
    if (X87.commit(f)) {
      X87.write(f, 1, x.signExponent, s);
      X87.pop(f);
    }
  }

  /** SDM 2A table 3-30: the angle of the point (x, y). */
  private static long arcTangent(Transcendental t, int ye, long ys, int xe, long xs, FpContext c) {
    int sign = ye >>> 15 & 1;
    boolean left = (xe & F80.SIGN) != 0;
    boolean infiniteX = F80.isInfinite(xe, xs);
    if (F80.isInfinite(ye, ys)) {
      return Transcendental.quarters(infiniteX ? left ? 3 : 1 : 2, sign, c);
    }
    if (ys == 0 || infiniteX) {
      return left ? Transcendental.quarters(4, sign, c) : F80.zero(sign, c);
    }
    if (xs == 0) {
      return Transcendental.quarters(2, sign, c);
    }
    return Transcendental.round(t.arcTangent(ye, ys, xe, xs, c), c);
  }

  /** SDM 2A table 3-54: y * log2 x. */
  private static long logarithm(Transcendental t, int ye, long ys, int xe, long xs, FpContext c) {
    int sign = ye >>> 15 & 1;
    boolean infiniteY = F80.isInfinite(ye, ys);
    if (xs == 0) {
      if (ys == 0) {
        return F80.invalid(c);
      }
      c.flags |= infiniteY ? 0 : FpContext.ZE;
      return F80.infinity(sign ^ 1, c);
    }
    boolean one = xe == 0x3FFF && xs == INTEGER_BIT;
    if ((xe & F80.SIGN) != 0 || infiniteY && one) {
      return F80.invalid(c);
    }
    if (F80.isInfinite(xe, xs)) {
      return ys == 0 ? F80.invalid(c) : F80.infinity(sign, c);
    }
    int below = xe < 0x3FFF ? 1 : 0;
    if (infiniteY) {
      return F80.infinity(sign ^ below, c);
    }
    if (ys == 0 || one) {
      return F80.zero(sign ^ below, c);
    }
    return Transcendental.round(t.logarithm(ye, ys, xe, xs, c), c);
  }

  /** SDM 2A table 3-55: y * log2(x + 1). */
  private static long logarithmPlusOne(Transcendental t, int ye, long ys, int xe, long xs, FpContext c) {
    int sign = ye >>> 15 & 1;
    int below = xe >>> 15 & 1;
    boolean infiniteY = F80.isInfinite(ye, ys);
    if (below != 0 && F80.isInfinite(xe, xs) || infiniteY && xs == 0 || ys == 0 && F80.isInfinite(xe, xs)) {
      return F80.invalid(c);
    }
    if (infiniteY || F80.isInfinite(xe, xs)) {
      return F80.infinity(sign ^ below, c);
    }
    if (xs == 0 || ys == 0) {
      return F80.zero(sign ^ below, c);
    }
    if (below != 0 && (xe & F80.EXPONENT) >= 0x3FFF) {
      c.flags |= FpContext.PE;
      return F80.result(xe, xs, c);
    }
    return Transcendental.round(t.logarithmPlusOne(ye, ys, xe, xs, c), c);
  }
}
