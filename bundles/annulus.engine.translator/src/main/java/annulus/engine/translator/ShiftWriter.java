package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;

/** Writes shifts and rotations. */
final class ShiftWriter extends IntegerOperation {
  ShiftWriter(Frame f, FlagWriter flags, MemoryWriter memory) {
    super(f, flags, memory);
  }

  /** Writes SHL, SHR, SAR, ROL or ROR; the arguments are those of {@link IntegerWriter#write}. */
  void write(Instruction i, long next, boolean needed) {
    begin(i, next, needed);
    if (i.mnemonic == Mnemonic.ROL || i.mnemonic == Mnemonic.ROR) {
      rotate();
    } else {
      shift();
    }
  }

  private void shift() {
    int size = i.size0;
    int form = i.mnemonic == Mnemonic.SHL ? FlagForm.SHL : i.mnemonic == Mnemonic.SHR ? FlagForm.SHR : FlagForm.SAR;
    if (i.kind1 == IMMEDIATE) {
      int n = (int) i.immediate & (size == 8 ? 63 : 31);
      first();
      if (n != 0 && needed) {
        b.dup2().lstore(FLAG_A);
        f.constant((long) n);
        b.lstore(FLAG_B);
      }
      shiftBy(form, size, () -> f.constant(n));
      if (n != 0 && needed) {
        keep(form);
      }
      result();
      return;
    }
    if (needed) {
      flags.words();
    }
    count(size);
    first();
    b.lstore(T0).lload(T0);
    shiftBy(form, size, () -> b.lload(T4).l2i());
    if (needed) {
      b.dup2().lstore(T1);
      f.constant(FlagForm.code(form, size));
      b.lload(T0).lload(T4).l2i().lload(T1);
      memory.signExtend(size);
      b.lload(CARRIES);
      f.call(FORM_TYPE, "afterShift", J, I, J, I, J, J);
      b.lstore(CARRIES);
      resultUnlessZero(size);
      flags.changed();
    }
    result();
  }

  /** A count of zero keeps the flags: T1 becomes their result unless T4 is zero. */
  private void resultUnlessZero(int size) {
    Label zero = b.newLabel();
    b.lload(T4);
    f.constant(0L);
    b.lcmp().ifeq(zero);
    b.lload(T1);
    memory.signExtend(size);
    b.lstore(RESULT);
    b.labelBinding(zero);
  }

  /** The masked count, from a register, in T4. */
  private void count(int size) {
    memory.operand(i, 1, next, 1);
    f.constant(size == 8 ? 63L : 31L);
    b.land().lstore(T4);
  }

  private void shiftBy(int form, int size, Runnable count) {
    if (form == FlagForm.SAR) {
      memory.signExtend(size);
    }
    count.run();
    switch (form) {
      case FlagForm.SHL -> b.lshl();
      case FlagForm.SHR -> b.lushr();
      default -> b.lshr();
    }
  }

  private void rotate() {
    int size = i.size0;
    boolean left = i.mnemonic == Mnemonic.ROL;
    if (needed) {
      flags.words();
    }
    if (i.kind1 == IMMEDIATE) {
      f.constant(i.immediate & (size == 8 ? 63 : 31));
      b.lstore(T4);
    } else {
      count(size);
    }
    first();
    rotateBy(left, size);
    if (needed) {
      b.dup2().lstore(T1);
      b.lload(T1).lload(T4).l2i();
      f.constant(size);
      b.lload(CARRIES);
      f.call(FORM_TYPE, left ? "afterRol" : "afterRor", J, J, I, I, J);
      b.lstore(CARRIES);
      flags.changed();
    }
    result();
  }

  private void rotateBy(boolean left, int size) {
    if (size >= 4) {
      if (size == 4) {
        b.l2i();
      }
      b.lload(T4).l2i();
      ClassDesc value = size == 8 ? J : I;
      f.call(type(size == 8 ? Long.class : Integer.class), left ? "rotateLeft" : "rotateRight", value, value, I);
      if (size == 4) {
        b.i2l();
        memory.zeroExtend(4);
      }
      return;
    }
    // Two copies side by side, or four: any rotation is then a shift.
    int bits = 8 * size;
    b.lstore(T0);
    b.lload(T0).lload(T0);
    f.constant(bits);
    b.lshl().lor();
    if (left) {
      f.constant(bits);
    }
    b.lload(T4).l2i();
    f.constant(bits - 1);
    b.iand();
    if (left) {
      b.isub();
    }
    b.lushr();
    memory.zeroExtend(size);
  }
}
