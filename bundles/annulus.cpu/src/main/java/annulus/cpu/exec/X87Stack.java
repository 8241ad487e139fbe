package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.F80;

/** Moves within the register stack and changes of sign: FXCH, FCMOVcc, FFREE, FINCSTP, FDECSTP, FABS, FCHS, FNOP (SDM 2A). */
final class X87Stack implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.FXCH, X87Stack::exchange);
    d.define(Mnemonic.FCMOVCC, X87Stack::conditionalMove);
    d.define(Mnemonic.FFREE, (c, i) -> free(c, i, false));
    d.define(Mnemonic.FFREEP, (c, i) -> free(c, i, true));
    d.define(Mnemonic.FINCSTP, (c, i) -> turn(c, i, 1));
    d.define(Mnemonic.FDECSTP, (c, i) -> turn(c, i, -1));
    d.define(Mnemonic.FABS, (c, i) -> sign(c, i, ~F80.SIGN, 0));
    d.define(Mnemonic.FCHS, (c, i) -> sign(c, i, -1, F80.SIGN));
    d.define(Mnemonic.FNOP, X87Stack::nothing);
    // The 8087's interrupt mask and the 80287's protected mode: no operations since (SDM 2A appendix, SDM 3B 22.18.9).
    // They do not wait, as their names say.
    d.define(Mnemonic.FNENI, (c, i) -> X87.available(c));
    d.define(Mnemonic.FNDISI, (c, i) -> X87.available(c));
    d.define(Mnemonic.FNSETPM, (c, i) -> X87.available(c));
  }

  private static void exchange(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    X87.begin(c, i);
    Fpu f = c.fpu;
    int st = i.reg1;
    boolean empty = X87.empty(f, 0);
    if (empty || X87.empty(f, st)) {
      if (!X87.underflow(f)) {
        return;
      }
      if (empty) {
        X87.write(f, 0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
      }
      if (X87.empty(f, st)) {
        X87.write(f, st, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
      }
    } else {
      f.status &= ~X87.C1;
    }
    int a = f.top;
    int b = f.physical(st);
    int se = f.signExponent[a];
    long s = f.significand[a];
    f.signExponent[a] = f.signExponent[b];
    f.significand[a] = f.significand[b];
    f.signExponent[b] = se;
    f.significand[b] = s;
  }

  private static void conditionalMove(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    X87.begin(c, i);
    Fpu f = c.fpu;
    int r = f.physical(i.reg1);
    if (X87.empty(f, 0) || X87.empty(f, i.reg1)) {
      if (X87.underflow(f)) {
        X87.write(f, 0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
      }
    } else if (Flags.condition(c, i.condition)) {
      X87.write(f, 0, f.signExponent[r], f.significand[r]);
    }
  }

  private static void free(Cpu c, Instruction i, boolean pop) {
    if (X87.ready(c, i)) {
      X87.begin(c, i);
      Fpu f = c.fpu;
      f.valid &= ~(1 << f.physical(i.reg0));
      f.status &= ~X87.C1;
      if (pop) {
        X87.pop(f);
      }
    }
  }

  private static void turn(Cpu c, Instruction i, int by) {
    if (X87.ready(c, i)) {
      X87.begin(c, i);
      c.fpu.top = c.fpu.top + by & 7;
      c.fpu.status &= ~X87.C1;
    }
  }

  private static void sign(Cpu c, Instruction i, int keep, int flip) {
    if (!X87.ready(c, i)) {
      return;
    }
    X87.begin(c, i);
    Fpu f = c.fpu;
    if (X87.empty(f, 0)) {
      if (X87.underflow(f)) {
        X87.write(f, 0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
      }
    } else {
      f.status &= ~X87.C1;
      f.signExponent[f.top] = f.signExponent[f.top] & keep ^ flip;
    }
  }

  private static void nothing(Cpu c, Instruction i) {
    if (X87.ready(c, i)) {
      X87.begin(c, i);
    }
  }
}
