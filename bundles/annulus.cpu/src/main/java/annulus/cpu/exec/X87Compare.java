package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.F32;
import annulus.cpu.fp.F64;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;
import annulus.vendor.VendorTrait;

/**
 * Comparisons: FCOM and FICOM signal every NaN, FUCOM only signalling ones; FCOMI and its like set EFLAGS (SDM 2A). An
 * unmasked exception keeps the stack; condition codes and EFLAGS tell the result even then, as silicon does.
 */
final class X87Compare implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.FCOM, (c, i) -> compare(c, i, true, 0));
    d.define(Mnemonic.FCOMP, (c, i) -> compare(c, i, true, 1));
    d.define(Mnemonic.FCOMPP, (c, i) -> registers(c, i, 1, true, 2));
    d.define(Mnemonic.FUCOM, (c, i) -> compare(c, i, false, 0));
    d.define(Mnemonic.FUCOMP, (c, i) -> compare(c, i, false, 1));
    d.define(Mnemonic.FUCOMPP, (c, i) -> registers(c, i, 1, false, 2));
    d.define(Mnemonic.FICOM, (c, i) -> integer(c, i, 0));
    d.define(Mnemonic.FICOMP, (c, i) -> integer(c, i, 1));
    d.define(Mnemonic.FCOMI, (c, i) -> toFlags(c, i, true, 0));
    d.define(Mnemonic.FCOMIP, (c, i) -> toFlags(c, i, true, 1));
    d.define(Mnemonic.FUCOMI, (c, i) -> toFlags(c, i, false, 0));
    d.define(Mnemonic.FUCOMIP, (c, i) -> toFlags(c, i, false, 1));
    d.define(Mnemonic.FTST, X87Compare::test);
    d.define(Mnemonic.FXAM, X87Compare::examine);
  }

  private static void compare(Cpu c, Instruction i, boolean signalling, int pops) {
    if (i.kind0 == Instruction.ST) {
      registers(c, i, i.reg1, signalling, pops);
    } else if (X87.ready(c, i)) {
      long raw = c.memory.load(Addressing.linear(c, i, i.size0, false), i.size0);
      FpContext x = X87.beginMemory(c, i);
      boolean single = i.size0 == 4;
      long s = single ? F32.widen((int) raw, x) : F64.widen(raw, x);
      withMemory(c.fpu, x.signExponent, s, single ? F32.isDenormal((int) raw) : F64.isDenormal(raw), pops);
    }
  }

  private static void integer(Cpu c, Instruction i, int pops) {
    if (X87.ready(c, i)) {
      long raw = c.memory.load(Addressing.linear(c, i, i.size0, false), i.size0);
      FpContext x = X87.beginMemory(c, i);
      long s = F80.fromInt64(i.size0 == 2 ? (short) raw : (int) raw, x);
      withMemory(c.fpu, x.signExponent, s, false, pops);
    }
  }

  private static void withMemory(Fpu f, int be, long bs, boolean denormal, int pops) {
    if (X87.empty(f, 0)) {
      finish(f, !X87.underflow(f), FpContext.UNORDERED, pops);
      return;
    }
    FpContext x = f.context;
    int order = F80.compare(f.signExponent[f.top], f.significand[f.top], be, bs, true, x);
    if (denormal && order != FpContext.UNORDERED) {
      x.flags |= FpContext.DE;
    }
    finish(f, !X87.commit(f), order, pops);
  }

  private static void registers(Cpu c, Instruction i, int st, boolean signalling, int pops) {
    if (!X87.ready(c, i)) {
      return;
    }
    X87.begin(c, i);
    Fpu f = c.fpu;
    if (X87.empty(f, 0) || X87.empty(f, st)) {
      finish(f, !X87.underflow(f), FpContext.UNORDERED, pops);
      return;
    }
    int order = order(f, st, signalling);
    finish(f, !X87.commit(f), order, pops);
  }

  private static int order(Fpu f, int st, boolean signalling) {
    int r = f.physical(st);
    return F80.compare(f.signExponent[f.top], f.significand[f.top], f.signExponent[r], f.significand[r], signalling, f.context);
  }

  private static void finish(Fpu f, boolean trapped, int order, int pops) {
    X87.conditions(f, order);
    if (!trapped) {
      pop(f, pops);
    }
  }

  private static void pop(Fpu f, int pops) {
    for (int k = 0; k < pops; k++) {
      X87.pop(f);
    }
  }

  /** ZF, PF and CF as an unsigned comparison sets them; the other status flags are cleared. */
  private static void toFlags(Cpu c, Instruction i, boolean signalling, int pops) {
    if (!X87.ready(c, i)) {
      return;
    }
    X87.begin(c, i);
    Fpu f = c.fpu;
    int order = FpContext.UNORDERED;
    boolean trapped;
    if (X87.empty(f, 0) || X87.empty(f, i.reg1)) {
      trapped = !X87.underflow(f);
    } else {
      int c1 = c.is(VendorTrait.FCOMI_KEEPS_C1) ? f.status & X87.C1 : 0;
      order = order(f, i.reg1, signalling);
      trapped = !X87.commit(f);
      f.status |= c1;
    }
    Flags.setStatus(c, switch (order) {
      case FpContext.GREATER -> 0;
      case FpContext.LESS -> Rflags.CF;
      case FpContext.EQUAL -> Rflags.ZF;
      default -> Rflags.ZF | Rflags.PF | Rflags.CF;
    });
    if (!trapped) {
      pop(f, pops);
    }
  }

  private static void test(Cpu c, Instruction i) {
    if (X87.ready(c, i)) {
      X87.begin(c, i);
      withMemory(c.fpu, 0, 0, false, 0);
    }
  }

  /**
   * FXAM: C1 is the sign, also of an empty register.
   *
   * <pre>
   * C3 C2 C0   000 unsupported   001 NaN   010 normal   011 infinity   100 zero   101 empty   110 denormal
   * </pre>
   */
  private static void examine(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    X87.begin(c, i);
    Fpu f = c.fpu;
    int se = f.signExponent[f.top];
    long s = f.significand[f.top];
    int code;
    if (X87.empty(f, 0)) {
      code = X87.C3 | X87.C0;
    } else if (F80.isUnsupported(se, s)) {
      code = 0;
    } else if (F80.isNan(se, s)) {
      code = X87.C0;
    } else if (F80.isInfinite(se, s)) {
      code = X87.C2 | X87.C0;
    } else if (s == 0) {
      code = X87.C3;
    } else {
      code = F80.isDenormal(se, s) ? X87.C3 | X87.C2 : X87.C2;
    }
    f.status = f.status & ~X87.CONDITIONS | code | ((se & F80.SIGN) != 0 ? X87.C1 : 0);
  }
}
