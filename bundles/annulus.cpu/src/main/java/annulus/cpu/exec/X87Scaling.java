package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;
import annulus.cpu.fp.Scaling;

/** FSQRT, FRNDINT, FSCALE, FXTRACT and the partial remainders FPREM and FPREM1 (SDM 2A). */
final class X87Scaling implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.FSQRT, (c, i) -> unary(c, i, F80::sqrt));
    d.define(Mnemonic.FRNDINT, (c, i) -> unary(c, i, F80::roundToInt));
    d.define(Mnemonic.FSCALE, X87Scaling::scale);
    d.define(Mnemonic.FPREM, (c, i) -> remainder(c, i, false));
    d.define(Mnemonic.FPREM1, (c, i) -> remainder(c, i, true));
    d.define(Mnemonic.FXTRACT, X87Scaling::extract);
  }

  /** A function of ST0. */
  @FunctionalInterface
  interface Unary {
    long apply(int se, long s, FpContext x);
  }

  static void unary(Cpu c, Instruction i, Unary function) {
    if (!X87.ready(c, i)) {
      return;
    }
    FpContext x = X87.begin(c, i);
    Fpu f = c.fpu;
    if (X87.empty(f, 0)) {
      if (X87.underflow(f)) {
        X87.write(f, 0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
      }
      return;
    }
    int top = f.top;
    long s = function.apply(f.signExponent[top], f.significand[top], x);
    if (X87.commit(f)) {
      X87.write(f, 0, x.signExponent, s);
    }
  }

  private static void scale(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    FpContext x = X87.begin(c, i);
    Fpu f = c.fpu;
    if (underflow(f)) {
      return;
    }
    int b = f.physical(1);
    long s = Scaling.scale(f.signExponent[f.top], f.significand[f.top], f.signExponent[b], f.significand[b], x);
    if (X87.commit(f)) {
      X87.write(f, 0, x.signExponent, s);
    }
  }

  /** C0, C3 and C1 get bits 2, 1 and 0 of the quotient; C2 says that the reduction is incomplete. */
  private static void remainder(Cpu c, Instruction i, boolean nearest) {
    if (!X87.ready(c, i)) {
      return;
    }
    FpContext x = X87.begin(c, i);
    Fpu f = c.fpu;
    f.status &= ~X87.C2;
    if (underflow(f)) {
      return;
    }
    int b = f.physical(1);
    long s = Scaling.remainder(f.signExponent[f.top], f.significand[f.top], f.signExponent[b], f.significand[b], nearest, x);
    if (X87.commit(f)) {
      int q = x.quotient;
      // A NaN has no quotient: C0 and C3 stay, as silicon leaves them.
      int bits = F80.isNan(x.signExponent, s) ? f.status & (X87.C0 | X87.C3)
          : q < 0 ? X87.C2
          : ((q & 4) != 0 ? X87.C0 : 0) | ((q & 2) != 0 ? X87.C3 : 0) | ((q & 1) != 0 ? X87.C1 : 0);
      f.status = f.status & ~X87.CONDITIONS | bits;
      X87.write(f, 0, x.signExponent, s);
    }
  }

  /** Whether ST0 or ST1 is empty; then the fault is reported. */
  private static boolean underflow(Fpu f) {
    if (!X87.empty(f, 0) && !X87.empty(f, 1)) {
      return false;
    }
    if (X87.underflow(f)) {
      X87.write(f, 0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
    }
    return true;
  }

  /** FXTRACT: the exponent replaces ST0, the significand is pushed. */
  private static void extract(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    FpContext x = X87.begin(c, i);
    Fpu f = c.fpu;
    if (X87.empty(f, 0) || X87.full(f)) {
      boolean masked = X87.empty(f, 0) ? X87.underflow(f) : fullStack(f);
      if (masked) {
        X87.write(f, 0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
        X87.push(f, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
      }
      return;
    }
    int se = f.signExponent[f.top];
    long s = f.significand[f.top];
    long exponent;
    int exponentSe;
    if (F80.isUnsupported(se, s) || F80.isNan(se, s)) {
      exponent = F80.propagateNan(se, s, x);
      exponentSe = x.signExponent;
      se = exponentSe;
      s = exponent;
    } else if (F80.isInfinite(se, s)) {
      exponent = F80.infinity(0, x);
      exponentSe = x.signExponent;
    } else if (s == 0) {
      x.flags |= FpContext.ZE;
      exponent = F80.infinity(1, x);
      exponentSe = x.signExponent;
    } else {
      x.flags |= F80.isDenormal(se, s) ? FpContext.DE : 0;
      exponent = F80.fromInt64(Scaling.exponentOf(se, s), x);
      exponentSe = x.signExponent;
      s = Scaling.significandOf(se, s, x);
      se = x.signExponent;
    }
    if (X87.commit(f)) {
      X87.write(f, 0, exponentSe, exponent);
      X87.push(f, se, s);
    }
  }

  /** Reports stack overflow without pushing; returns whether IE is masked. */
  static boolean fullStack(Fpu f) {
    boolean masked = X87.underflow(f);
    f.status |= X87.C1;
    return masked;
  }
}
