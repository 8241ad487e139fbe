package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;

/**
 * Writes arithmetic on doubles where registers are in locals ({@link Form#locals}). With ordinary operands, those that are zero or normal,
 * and an ordinary result there is nothing to report, and anything else leaves the region. So results are known to be ordinary, and are
 * not looked at again as operands.
 */
final class DoubleWriter {
  private static final ClassDesc D = ConstantDescs.CD_double;
  private static final ClassDesc QUICK = type(QuickDouble.class);
  private static final int GPR = Instruction.GPR;

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  private final XmmOperands xmm;

  DoubleWriter(Frame f, FlagWriter flags, MemoryWriter memory, XmmOperands xmm) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
    this.xmm = xmm;
  }

  /**
   * Writes {@code i}, one of {@link FloatWriter#inPlace}.
   *
   * @param next distance of the next instruction from the entry
   * @param needed whether anybody can see its flags
   * @param elements that arithmetic is for
   */
  void write(Instruction i, long next, boolean needed, int elements) {
    switch (i.mnemonic) {
      case COMISD, UCOMISD -> {
        operands(i, next, 1);
        xmm.doubleHalf(i.reg0, 0);
        b.dload(T0);
        f.call(QUICK, "order", I, D, D);
        if (needed) {
          flags.compared();
        } else {
          b.pop();
        }
      }
      case CVTSI2SD -> {
        memory.operand(i, 1, next, i.size1);
        memory.signExtend(i.size1);
        b.lstore(T0);
        if (i.size1 == 8) {
          flags.tell();
          b.lload(T0);
          f.call(QUICK, "exactly", V, J);
        }
        b.lload(T0);
        if (i.size1 == 4) {
          b.l2i().i2d();
        } else {
          b.l2d();
        }
        xmm.setDouble(i.reg0, 0);
        xmm.foundOrdinary(i.reg0, 0);
      }
      case CVTTSD2SI -> truncate(i, next);
      default -> arithmetic(i, next, elements);
    }
  }

  /** Rounding is "inexact", which has to be masked and sticky already. */
  private void truncate(Instruction i, long next) {
    xmm.doubleOperand(i, next);
    flags.tell();
    b.dload(T0).lload(MODES);
    if (i.size0 == 8) {
      f.call(QUICK, "truncated64", J, D, J);
    } else {
      f.call(QUICK, "truncated32", I, D, J);
      b.i2l();
    }
    memory.toRegister(GPR, i.reg0, i.size0);
  }

  private static int operand(int h) {
    return h == 0 ? T0 : T1;
  }

  private static int result(int h) {
    return h == 0 ? T2 : T3;
  }

  /** All elements' looks come before the first is written. */
  private void arithmetic(Instruction i, long next, int elements) {
    operands(i, next, elements);
    for (int h = 0; h < elements; h++) {
      compute(i, h);
      b.dstore(result(h));
      look(i, h);
    }
    for (int h = 0; h < elements; h++) {
      b.dload(result(h));
      xmm.setDouble(i.reg0, h);
      xmm.foundOrdinary(i.reg0, h);
    }
  }

  /** Operand 1 in T0 and T1, and both operands seen to be ordinary. */
  private void operands(Instruction i, long next, int elements) {
    if (elements == 1) {
      xmm.doubleOperand(i, next);
    } else {
      xmm.doubleSource(i, next);
    }
    flags.tell();
    boolean unary = FloatWriter.name(i).equals("sqrt");
    for (int h = 0; h < elements; h++) {
      int operand = operand(h);
      ordinary(i.kind1 == Instruction.XMM, i.reg1, h, () -> b.dload(operand));
      if (!unary) {
        int half = h;
        ordinary(true, i.reg0, h, () -> xmm.doubleHalf(i.reg0, half));
      }
    }
  }

  private void ordinary(boolean register, int n, int h, Runnable value) {
    if (!register || !xmm.ordinary(n, h)) {
      value.run();
      f.call(QUICK, "requireOrdinary", V, D);
      if (register) {
        xmm.foundOrdinary(n, h);
      }
    }
  }

  private void compute(Instruction i, int h) {
    String name = FloatWriter.name(i);
    if (!name.equals("sqrt")) {
      xmm.doubleHalf(i.reg0, h);
    }
    b.dload(operand(h));
    switch (name) {
      case "add" -> b.dadd();
      case "sub" -> b.dsub();
      case "mul" -> b.dmul();
      case "div" -> b.ddiv();
      case "sqrt" -> f.call(type(Math.class), "sqrt", D, D);
      default -> f.call(QUICK, name.equals("min") ? "lesser" : "greater", D, D, D);
    }
  }

  /** Sees to it that the result needs no report. */
  private void look(Instruction i, int h) {
    switch (FloatWriter.name(i)) {
      case "add", "sub" -> {
        b.dload(result(h)).lload(MODES);
        f.call(QUICK, "lookAtSum", V, D, J);
      }
      case "mul" -> {
        xmm.doubleHalf(i.reg0, h);
        b.dload(operand(h)).dload(result(h)).lload(MODES);
        f.call(QUICK, "lookAtProduct", V, D, D, D, J);
      }
      case "div" -> {
        xmm.doubleHalf(i.reg0, h);
        b.dload(result(h)).lload(MODES);
        f.call(QUICK, "lookAtQuotient", V, D, D, J);
      }
      case "sqrt" -> {
        b.dload(operand(h)).dload(result(h)).lload(MODES);
        f.call(QUICK, "lookAtQuotient", V, D, D, J);
      }
      default -> { }
    }
  }
}
