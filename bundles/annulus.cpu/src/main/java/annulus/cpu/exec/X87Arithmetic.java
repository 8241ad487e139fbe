package annulus.cpu.exec;

import static annulus.cpu.fp.FpContext.DE;
import static annulus.cpu.fp.FpContext.IE;
import static annulus.cpu.fp.FpContext.OE;
import static annulus.cpu.fp.FpContext.PE;
import static annulus.cpu.fp.FpContext.UE;
import static annulus.cpu.fp.FpContext.ZE;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.F32;
import annulus.cpu.fp.F64;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;

/** FADD, FSUB, FMUL, FDIV with their reversed, popping and integer forms (SDM 2A), rounded to the precision of the control word. */
final class X87Arithmetic implements Family {
  private static final int ADD = 0;
  private static final int MUL = 1;
  private static final int SUB = 2;
  private static final int SUBR = 3;
  private static final int DIV = 4;
  private static final int DIVR = 5;

  @Override public void define(Definitions d) {
    d.define(Mnemonic.FADD, (c, i) -> real(c, i, ADD));
    d.define(Mnemonic.FMUL, (c, i) -> real(c, i, MUL));
    d.define(Mnemonic.FSUB, (c, i) -> real(c, i, SUB));
    d.define(Mnemonic.FSUBR, (c, i) -> real(c, i, SUBR));
    d.define(Mnemonic.FDIV, (c, i) -> real(c, i, DIV));
    d.define(Mnemonic.FDIVR, (c, i) -> real(c, i, DIVR));
    d.define(Mnemonic.FADDP, (c, i) -> registers(c, i, ADD, true));
    d.define(Mnemonic.FMULP, (c, i) -> registers(c, i, MUL, true));
    d.define(Mnemonic.FSUBP, (c, i) -> registers(c, i, SUB, true));
    d.define(Mnemonic.FSUBRP, (c, i) -> registers(c, i, SUBR, true));
    d.define(Mnemonic.FDIVP, (c, i) -> registers(c, i, DIV, true));
    d.define(Mnemonic.FDIVRP, (c, i) -> registers(c, i, DIVR, true));
    d.define(Mnemonic.FIADD, (c, i) -> integer(c, i, ADD));
    d.define(Mnemonic.FIMUL, (c, i) -> integer(c, i, MUL));
    d.define(Mnemonic.FISUB, (c, i) -> integer(c, i, SUB));
    d.define(Mnemonic.FISUBR, (c, i) -> integer(c, i, SUBR));
    d.define(Mnemonic.FIDIV, (c, i) -> integer(c, i, DIV));
    d.define(Mnemonic.FIDIVR, (c, i) -> integer(c, i, DIVR));
  }

  private static void real(Cpu c, Instruction i, int operation) {
    if (i.kind0 == Instruction.ST) {
      registers(c, i, operation, false);
    } else if (X87.ready(c, i)) {
      long raw = c.memory.load(Addressing.linear(c, i, i.size0, false), i.size0);
      X87.beginMemory(c, i);
      real(c.fpu, i.size0, operation, raw);
    }
  }

  private static void real(Fpu f, int size, int operation, long raw) {
    FpContext x = f.context;
    boolean single = size == 4;
    long s = single ? F32.widen((int) raw, x) : F64.widen(raw, x);
    toTop(f, operation, x.signExponent, s, single ? F32.isDenormal((int) raw) : F64.isDenormal(raw));
  }

  private static void integer(Cpu c, Instruction i, int operation) {
    if (X87.ready(c, i)) {
      long raw = c.memory.load(Addressing.linear(c, i, i.size0, false), i.size0);
      X87.beginMemory(c, i);
      integer(c.fpu, i.size0, operation, raw);
    }
  }

  private static void integer(Fpu f, int size, int operation, long raw) {
    FpContext x = f.context;
    long s = F80.fromInt64(size == 2 ? (short) raw : (int) raw, x);
    toTop(f, operation, x.signExponent, s, false);
  }

  /** What {@code i} does once its operand {@code raw} has been loaded and the pointers are written. */
  static void loaded(Fpu f, Instruction i, long raw) {
    switch (i.mnemonic) {
      case FADD -> real(f, i.size0, ADD, raw);
      case FMUL -> real(f, i.size0, MUL, raw);
      case FSUB -> real(f, i.size0, SUB, raw);
      case FSUBR -> real(f, i.size0, SUBR, raw);
      case FDIV -> real(f, i.size0, DIV, raw);
      case FDIVR -> real(f, i.size0, DIVR, raw);
      case FIADD -> integer(f, i.size0, ADD, raw);
      case FIMUL -> integer(f, i.size0, MUL, raw);
      case FISUB -> integer(f, i.size0, SUB, raw);
      case FISUBR -> integer(f, i.size0, SUBR, raw);
      case FIDIV -> integer(f, i.size0, DIV, raw);
      case FIDIVR -> integer(f, i.size0, DIVR, raw);
      default -> throw new IllegalArgumentException(i.mnemonic + " is not x87 arithmetic with an operand in memory");
    }
  }

  private static void registers(Cpu c, Instruction i, int operation, boolean pop) {
    if (!X87.ready(c, i)) {
      return;
    }
    FpContext x = X87.begin(c, i);
    Fpu f = c.fpu;
    int d = f.top + i.reg0 & 7;
    int r = f.top + i.reg1 & 7;
    if ((f.valid >>> d & f.valid >>> r & 1) == 0) {
      if (X87.underflow(f)) {
        X87.write(f, i.reg0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
        if (pop) {
          X87.pop(f);
        }
      }
      return;
    }
    long s = apply(operation, f.signExponent[d], f.significand[d], f.signExponent[r], f.significand[r], x);
    if (X87.commit(f)) {
      f.signExponent[d] = x.signExponent;
      f.significand[d] = s;
      if (pop) {
        X87.pop(f);
      }
    }
  }

  /** ST0 with an operand from memory, {@code denormal} in its own format. */
  private static void toTop(Fpu f, int operation, int be, long bs, boolean denormal) {
    FpContext x = f.context;
    int top = f.top;
    if (X87.empty(f, 0)) {
      if (X87.underflow(f)) {
        X87.write(f, 0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
      }
      return;
    }
    int ae = f.signExponent[top];
    long as = f.significand[top];
    long s = apply(operation, ae, as, be, bs, x);
    if (denormal && (x.flags & (IE | ZE)) == 0 && !F80.isNan(ae, as)) {
      // The denormal has become a normal 80-bit number. Unmasked, it stops the operation before the later exceptions.
      boolean stops = (x.masks & DE) == 0;
      x.flags = stops ? x.flags & ~(OE | UE | PE) | DE : x.flags | DE;
      x.roundedUp &= !stops;
    }
    if (X87.commit(f)) {
      f.signExponent[top] = x.signExponent;
      f.significand[top] = s;
    }
  }

  private static long apply(int operation, int ae, long as, int be, long bs, FpContext x) {
    return switch (operation) {
      case ADD -> F80.add(ae, as, be, bs, x);
      case MUL -> F80.mul(ae, as, be, bs, x);
      case SUB -> F80.sub(ae, as, be, bs, x);
      case SUBR -> F80.sub(be, bs, ae, as, x);
      case DIV -> F80.div(ae, as, be, bs, x);
      default -> F80.div(be, bs, ae, as, x);
    };
  }
}
