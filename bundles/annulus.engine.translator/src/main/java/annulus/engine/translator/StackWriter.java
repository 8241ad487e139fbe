package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.exec.X87Quick;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;

/**
 * Writes x87 instructions where registers are in locals ({@link StackSlots}): what is not the common case ({@link Quick80}) leaves the
 * region.
 *
 * <pre>
 * 208 and 210 a result and what has become of it by rounding
 * 213 and 215 sign and exponent, and significand of an operand
 * </pre>
 */
final class StackWriter {
  private static final int HIGH = 208;
  private static final int ROUNDED = 210;
  private static final int OPERAND_SIGN_EXPONENT = 213;
  private static final int OPERAND = 215;
  private static final int SIGN = 0x8000;

  private static final ClassDesc QUICK = type(Quick80.class);
  private static final int ST = Instruction.ST;

  private final CodeBuilder b;
  private final Frame f;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  private final StackSlots slots;

  StackWriter(Frame f, FlagWriter flags, MemoryWriter memory, StackSlots slots) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
    this.slots = slots;
  }

  /** Whether {@link #write} knows {@code i}. */
  static boolean knows(Instruction i) {
    return X87Writer.knows(i) && switch (i.mnemonic) {
      case FIADD, FISUB, FISUBR, FIMUL, FIDIV, FIDIVR -> false;
      case FST, FSTP -> i.kind0 == ST || i.size0 >= 8;
      default -> true;
    };
  }

  // ---- instructions -----------------------------------------------------------------------------------------------------------------

  /**
   * Writes {@code i}; {@code needed}: whether anybody can see its flags.
   *
   * @param next distance of the next instruction from the entry
   */
  void write(Instruction i, int next, boolean needed) {
    if (computes(i)) {
      slots.run();
    } else {
      slots.settle();
      flags.tell();
    }
    switch (i.mnemonic) {
      case FADD, FADDP -> arithmetic(i, next, "sum", 0, 0);
      case FSUB, FSUBP -> arithmetic(i, next, "sum", 0, SIGN);
      case FSUBR, FSUBRP -> arithmetic(i, next, "sum", SIGN, 0);
      case FMUL, FMULP -> arithmetic(i, next, "product", 0, 0);
      case FDIV, FDIVP, FDIVR, FDIVRP -> divide(i, next);
      case FSQRT -> root(slots.slot(0));
      case FXCH -> exchange(slots.slot(0), slots.slot(i.reg1));
      case FCHS -> sign(slots.slot(0), SIGN);
      case FABS -> sign(slots.slot(0), 0);
      case FLD1 -> {
        slots.room();
        f.constant(0x3FFF);
        f.constant(Long.MIN_VALUE);
        slots.push(true);
      }
      case FLDZ -> {
        slots.room();
        f.constant(0);
        f.constant(0L);
        slots.push(false);
      }
      case FLD, FILD -> load(i, next);
      case FST, FSTP -> store(i, next);
      default -> compare(i, needed);
    }
    slots.done(i, next);
  }

  /** Whether {@code i} changes nothing but the stack, by what means something for any numbers: {@link StackSlots#run}. */
  private static boolean computes(Instruction i) {
    return switch (i.mnemonic) {
      case FADD, FADDP, FSUB, FSUBP, FSUBR, FSUBRP, FMUL, FMULP, FXCH, FCHS, FABS, FLD1, FLDZ, FLD, FILD -> true;
      case FST, FSTP -> i.kind0 == ST;
      default -> false;
    };
  }

  // ---- arithmetic -------------------------------------------------------------------------------------------------------------------

  /** {@code flipFirst} and {@code flipSecond} turn signs. */
  private void arithmetic(Instruction i, int next, String name, int flipFirst, int flipSecond) {
    int d = operands(i, next);
    both(i, d, flipFirst, flipSecond);
    f.call(QUICK, name + "High", J, I, J, I, J);
    b.lstore(HIGH).lload(HIGH);
    both(i, d, flipFirst, flipSecond);
    f.call(QUICK, name + "Low", J, I, J, I, J);
    f.call(QUICK, "rounded", J, J, J);
    b.lstore(ROUNDED);
    both(i, d, flipFirst, flipSecond);
    b.lload(HIGH).lload(ROUNDED);
    f.call(QUICK, name + "End", I, I, J, I, J, J, J);
    end(d);
    b.lload(HIGH).lload(ROUNDED);
    f.call(QUICK, "c1", I, J, J);
    slots.setC1();
  }

  /** Slot {@code d} becomes what is in {@link #ROUNDED}, with the sign and exponent on the stack, if these are common. */
  private void end(int d) {
    b.dup();
    slots.require();
    b.lload(ROUNDED);
    slots.fill(d, true);
  }

  private void both(Instruction i, int d, int flipFirst, int flipSecond) {
    slots.signExponent(d);
    flip(flipFirst);
    slots.significand(d);
    second(i, flipSecond);
  }

  private void second(Instruction i, int flip) {
    if (i.hasMemory()) {
      b.iload(OPERAND_SIGN_EXPONENT);
    } else {
      slots.signExponent(slots.slot(i.reg1));
    }
    flip(flip);
    secondSignificand(i);
  }

  private void flip(int sign) {
    if (sign != 0) {
      f.constant(sign);
      b.ixor();
    }
  }

  /** Brings an operand from memory to {@link #OPERAND}, sees to it that both are normal. @return the destination's slot */
  private int operands(Instruction i, int next) {
    if (i.hasMemory()) {
      int d = slots.slot(0);
      slots.numbers(1 << d);
      memory.address(i, next);
      b.lstore(T2).lload(T2);
      real(i.size0);
      b.lload(T0);
      f.call(QUICK, "signExponent", I, J);
      b.istore(OPERAND_SIGN_EXPONENT).lload(T0);
      f.call(QUICK, "significand", J, J);
      b.lstore(OPERAND);
      return d;
    }
    int d = slots.slot(i.reg0);
    int k = slots.slot(i.reg1);
    slots.numbers(1 << d | 1 << k);
    return d;
  }

  /** Address on the stack; the number there, which is normal, as one of 64 bits in T0. */
  private void real(int size) {
    memory.load(size);
    if (size == 4) {
      f.call(type(X87Quick.class), "single", J, J);
    }
    b.lstore(T0).lload(T0);
    f.call(QUICK, "notNormal", I, J);
    slots.leaveIf();
  }

  private void divide(Instruction i, int next) {
    int d = operands(i, next);
    boolean reverse = i.mnemonic == Mnemonic.FDIVR || i.mnemonic == Mnemonic.FDIVRP;
    f.cpu();
    if (reverse) {
      secondSignificand(i);
      slots.significand(d);
    } else {
      slots.significand(d);
      secondSignificand(i);
    }
    f.call(QUICK, "quotient", J, CPU_TYPE, J, J);
    b.lstore(ROUNDED);
    if (reverse) {
      second(i, 0);
      slots.value(d);
    } else {
      both(i, d, 0, 0);
    }
    f.call(QUICK, "quotientEnd", I, I, J, I, J);
    called(d);
  }

  private void secondSignificand(Instruction i) {
    if (i.hasMemory()) {
      b.lload(OPERAND);
    } else {
      slots.significand(slots.slot(i.reg1));
    }
  }

  private void root(int d) {
    slots.numbers(1 << d);
    f.cpu();
    slots.value(d);
    f.call(QUICK, "root", J, CPU_TYPE, I, J);
    b.lstore(ROUNDED);
    slots.signExponent(d);
    f.call(QUICK, "rootEnd", I, I);
    called(d);
  }

  /** What a call has given is in {@link #ROUNDED}, its sign and exponent on the stack. */
  private void called(int d) {
    end(d);
    f.cpu();
    f.call(QUICK, "lastC1", I, CPU_TYPE);
    slots.setC1();
  }

  private void exchange(int x, int y) {
    slots.taken(1 << x | 1 << y);
    boolean wasCommon = slots.isCommon(x);
    slots.value(x);
    slots.value(y);
    slots.fill(x, slots.isCommon(y));
    slots.fill(y, wasCommon);
    slots.clearC1();
  }

  /** FCHS turns the sign, FABS clears it. */
  private void sign(int k, int flip) {
    slots.taken(1 << k);
    slots.signExponent(k);
    f.constant(flip != 0 ? flip : SIGN - 1);
    if (flip != 0) {
      b.ixor();
    } else {
      b.iand();
    }
    slots.significand(k);
    slots.fill(k, slots.isCommon(k));
    slots.clearC1();
  }

  // ---- loads and stores ---------------------------------------------------------------------------------------------------------------

  private void load(Instruction i, int next) {
    slots.room();
    if (i.kind0 == ST) {
      int k = slots.slot(i.reg0);
      slots.taken(1 << k);
      slots.value(k);
      slots.push(slots.isCommon(k));
      return;
    }
    memory.address(i, next);
    b.lstore(T2).lload(T2);
    if (i.size0 == 10) {
      memory.direct(false, 10);
      b.lstore(T3).lload(T3);
      f.constant(8L);
      b.ladd();
      f.call(RAM_TYPE, "getAt16", I, J);
      b.lload(T3);
      f.ramLoad(8);
      slots.push(false);
      return;
    }
    boolean integer = i.mnemonic == Mnemonic.FILD;
    if (integer) {
      memory.load(i.size0);
      memory.signExtend(i.size0);
      b.lstore(T0);
    } else {
      real(i.size0);
    }
    b.lload(T0);
    f.call(QUICK, integer ? "integerSignExponent" : "signExponent", I, J);
    b.lload(T0);
    f.call(QUICK, integer ? "integerSignificand" : "significand", J, J);
    slots.push(!integer);
  }

  private void store(Instruction i, int next) {
    int k = slots.slot(0);
    if (i.kind0 == ST) {
      slots.taken(1 << k);
      int to = slots.slot(i.reg0);
      slots.value(k);
      slots.fill(to, slots.isCommon(k));
      slots.clearC1();
      return;
    }
    if (i.size0 == 10) {
      slots.taken(1 << k);
      memory.address(i, next);
      b.lstore(T2).lload(T2);
      memory.direct(true, 10);
      b.lstore(T3).lload(T3);
      slots.significand(k);
      f.ramStore(8);
      b.lload(T3);
      f.constant(8L);
      b.ladd();
      slots.signExponent(k);
      b.i2l();
      f.ramStore(2);
      slots.clearC1();
      return;
    }
    slots.numbers(1 << k);
    slots.signExponent(k);
    f.call(QUICK, "noDouble", I, I);
    slots.leaveIf();
    memory.address(i, next);
    b.lstore(T2).lload(T2);
    slots.value(k);
    f.call(QUICK, "toDouble", J, I, J);
    memory.store(8);
    slots.significand(k);
    f.call(QUICK, "doubleC1", I, J);
    slots.setC1();
  }

  private void compare(Instruction i, boolean needed) {
    int x = slots.slot(0);
    int y = slots.slot(i.reg1);
    slots.taken(1 << x | 1 << y);
    for (int k : new int[] {x, y}) {
      if (!slots.isCommon(k)) {
        slots.value(k);
        f.call(QUICK, "notOrdered", I, I, J);
        slots.leaveIf();
      }
    }
    slots.value(x);
    slots.value(y);
    f.call(QUICK, "order", I, I, J, I, J);
    if (needed) {
      flags.compared();
    } else {
      b.pop();
    }
    slots.clearC1UnlessKept();
  }
}
