package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.exec.SseSingle;
import annulus.cpu.fp.FpContext;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.EnumMap;
import java.util.Map;

/**
 * Writes floating-point instructions on XMM registers: the common case in place ({@link QuickDouble}, {@link QuickSingle}), all others
 * by the value functions that the general meanings use too.
 */
final class FloatWriter {
  private static final int XMM = Instruction.XMM;
  private static final int MEMORY = Instruction.MEMORY;
  private static final int GPR = Instruction.GPR;

  /** How an instruction is written. */
  private enum Shape {
    SCALAR_DOUBLE, SCALAR_SINGLE, PACKED_DOUBLE, COMPARE_DOUBLE, COMPARE_SINGLE, INTEGER_TO_DOUBLE, INTEGER_TO_SINGLE,
    DOUBLE_TO_INTEGER, SINGLE_TO_INTEGER, DOUBLE_TO_SINGLE, SINGLE_TO_DOUBLE
  }

  private static final Map<Mnemonic, Shape> SHAPES = new EnumMap<>(Mnemonic.class);
  /** Names of the functions of arithmetic instructions. */
  private static final Map<Mnemonic, String> NAMES = new EnumMap<>(Mnemonic.class);

  static {
    arithmetic("add", Mnemonic.ADDSD, Mnemonic.ADDSS, Mnemonic.ADDPD);
    arithmetic("sub", Mnemonic.SUBSD, Mnemonic.SUBSS, Mnemonic.SUBPD);
    arithmetic("mul", Mnemonic.MULSD, Mnemonic.MULSS, Mnemonic.MULPD);
    arithmetic("div", Mnemonic.DIVSD, Mnemonic.DIVSS, Mnemonic.DIVPD);
    arithmetic("min", Mnemonic.MINSD, Mnemonic.MINSS, Mnemonic.MINPD);
    arithmetic("max", Mnemonic.MAXSD, Mnemonic.MAXSS, Mnemonic.MAXPD);
    arithmetic("sqrt", Mnemonic.SQRTSD, Mnemonic.SQRTSS, Mnemonic.SQRTPD);
    shape(Shape.COMPARE_DOUBLE, Mnemonic.COMISD, Mnemonic.UCOMISD);
    shape(Shape.COMPARE_SINGLE, Mnemonic.COMISS, Mnemonic.UCOMISS);
    shape(Shape.INTEGER_TO_DOUBLE, Mnemonic.CVTSI2SD);
    shape(Shape.INTEGER_TO_SINGLE, Mnemonic.CVTSI2SS);
    shape(Shape.DOUBLE_TO_INTEGER, Mnemonic.CVTSD2SI, Mnemonic.CVTTSD2SI);
    shape(Shape.SINGLE_TO_INTEGER, Mnemonic.CVTSS2SI, Mnemonic.CVTTSS2SI);
    shape(Shape.DOUBLE_TO_SINGLE, Mnemonic.CVTSD2SS);
    shape(Shape.SINGLE_TO_DOUBLE, Mnemonic.CVTSS2SD);
  }

  private static final ClassDesc STATE = type(SimdState.class);
  private static final ClassDesc CONTEXT_TYPE = type(FpContext.class);
  private static final ClassDesc DOUBLES = type(SseDouble.class);
  private static final ClassDesc SINGLES = type(SseSingle.class);
  private static final ClassDesc QUICK_DOUBLE = type(QuickDouble.class);
  private static final ClassDesc QUICK_SINGLE = type(QuickSingle.class);
  private static final ClassDesc D = ConstantDescs.CD_double;
  private static final ClassDesc S = ConstantDescs.CD_float;

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  private final XmmOperands xmm;
  private final DoubleWriter doubles;

  FloatWriter(Frame f, FlagWriter flags, MemoryWriter memory, XmmOperands xmm) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
    this.xmm = xmm;
    doubles = new DoubleWriter(f, flags, memory, xmm);
  }

  private static void shape(Shape shape, Mnemonic... mnemonics) {
    for (Mnemonic m : mnemonics) {
      SHAPES.put(m, shape);
    }
  }

  private static void arithmetic(String name, Mnemonic scalarDouble, Mnemonic scalarSingle, Mnemonic packedDouble) {
    shape(Shape.SCALAR_DOUBLE, scalarDouble);
    shape(Shape.SCALAR_SINGLE, scalarSingle);
    shape(Shape.PACKED_DOUBLE, packedDouble);
    for (Mnemonic m : new Mnemonic[] {scalarDouble, scalarSingle, packedDouble}) {
      NAMES.put(m, name);
    }
  }

  /** Whether {@link #write} knows {@code i}. */
  static boolean knows(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    if (s == null || i.vectorLength != 0 || !MemoryWriter.addressable(i)) {
      return false;
    }
    return switch (s) {
      case INTEGER_TO_DOUBLE, INTEGER_TO_SINGLE -> i.kind0 == XMM && (i.kind1 == GPR || i.kind1 == MEMORY);
      case DOUBLE_TO_INTEGER, SINGLE_TO_INTEGER -> i.kind0 == GPR && vector(i.kind1);
      default -> vector(i.kind0) && vector(i.kind1);
    };
  }

  private static boolean vector(int kind) {
    return kind == XMM || kind == MEMORY;
  }

  /** Whether a region with registers in locals does {@code i} in place, see {@link DoubleWriter}. */
  static boolean inPlace(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    return s != null && switch (s) {
      case SCALAR_DOUBLE, PACKED_DOUBLE, COMPARE_DOUBLE, INTEGER_TO_DOUBLE -> true;
      case DOUBLE_TO_INTEGER -> i.mnemonic == Mnemonic.CVTTSD2SI;
      default -> false;
    };
  }

  /** Whether {@code i} turns a double into an integer or a single: it does not look whether it is ordinary. */
  static boolean converts(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    return s == Shape.DOUBLE_TO_INTEGER || s == Shape.DOUBLE_TO_SINGLE;
  }

  /** Whether the first operand is one, and not the result only. */
  static boolean computesWithFirst(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    return (s == Shape.SCALAR_DOUBLE || s == Shape.PACKED_DOUBLE || s == Shape.COMPARE_DOUBLE) && !name(i).equals("sqrt");
  }

  /** Which halves of operand {@code n} {@code i} computes with as doubles: a bit for each. */
  static int doubles(Instruction i, int n) {
    Shape s = SHAPES.get(i.mnemonic);
    if (s == null || i.vectorLength != 0) {
      return 0;
    }
    return switch (s) {
      case SCALAR_DOUBLE, COMPARE_DOUBLE -> 1;
      case PACKED_DOUBLE -> 3;
      case INTEGER_TO_DOUBLE, SINGLE_TO_DOUBLE -> n == 0 ? 1 : 0;
      case DOUBLE_TO_INTEGER, DOUBLE_TO_SINGLE -> n;
      default -> 0;
    };
  }

  /** Whether {@code i} sets the status flags, all of them. */
  static boolean setsFlags(Instruction i) {
    Shape s = SHAPES.get(i.mnemonic);
    return s == Shape.COMPARE_DOUBLE || s == Shape.COMPARE_SINGLE;
  }

  static String name(Instruction i) {
    return NAMES.getOrDefault(i.mnemonic, "");
  }

  /**
   * Writes {@code i}; {@code needed}: whether anybody can see its flags.
   *
   * @param next distance of the next instruction from the entry
   */
  void write(Instruction i, long next, boolean needed) {
    Shape s = SHAPES.get(i.mnemonic);
    if (s == null) {
      throw new IllegalArgumentException(i.mnemonic + " is not among the floating-point instructions that are written");
    }
    xmm.require();
    if (f.locals) {
      doubles.write(i, next, needed, s == Shape.PACKED_DOUBLE ? 2 : 1);
      return;
    }
    switch (s) {
      case SCALAR_DOUBLE -> {
        xmm.doubleOperand(i, next);
        f.cpu();
        xmm.modes();
        xmm.doubleHalf(i.reg0, 0);
        b.dload(T0);
        f.call(QUICK_DOUBLE, name(i), D, CPU_TYPE, I, D, D);
        xmm.setDouble(i.reg0, 0);
      }
      case SCALAR_SINGLE -> {
        xmm.operand(i, next, 4);
        f.cpu();
        xmm.modes();
        xmm.half(i.reg0, 0);
        toSingle();
        b.lload(T0);
        toSingle();
        f.call(QUICK_SINGLE, name(i), S, CPU_TYPE, I, S, S);
        setSingle(i.reg0);
      }
      case PACKED_DOUBLE -> packedDouble(i, next);
      case COMPARE_DOUBLE -> {
        xmm.doubleOperand(i, next);
        f.cpu();
        xmm.doubleHalf(i.reg0, 0);
        b.dload(T0);
        f.constant(i.mnemonic == Mnemonic.COMISD ? 1 : 0);
        f.call(QUICK_DOUBLE, "compare", I, CPU_TYPE, D, D, Z);
        compared(needed);
      }
      case COMPARE_SINGLE -> {
        xmm.operand(i, next, 4);
        f.cpu();
        xmm.half(i.reg0, 0);
        toSingle();
        b.lload(T0);
        toSingle();
        f.constant(i.mnemonic == Mnemonic.COMISS ? 1 : 0);
        f.call(QUICK_SINGLE, "compare", I, CPU_TYPE, S, S, Z);
        compared(needed);
      }
      case INTEGER_TO_DOUBLE -> {
        integer(i, next);
        if (i.size1 == 4) {
          b.lload(T0).l2i().i2d();
        } else {
          f.cpu().lload(T0);
          f.call(QUICK_DOUBLE, "fromInt64", D, CPU_TYPE, J);
        }
        xmm.setDouble(i.reg0, 0);
      }
      case INTEGER_TO_SINGLE -> {
        integer(i, next);
        f.cpu().lload(T0);
        f.call(QUICK_SINGLE, "fromInt64", S, CPU_TYPE, J);
        setSingle(i.reg0);
      }
      case DOUBLE_TO_INTEGER -> {
        if (i.mnemonic == Mnemonic.CVTTSD2SI) {
          xmm.doubleOperand(i, next);
          f.cpu();
          xmm.modes();
          b.dload(T0);
          truncated(i, QUICK_DOUBLE, D);
        } else {
          xmm.operand(i, next, 8);
          rounded(i, DOUBLES, J);
        }
      }
      case SINGLE_TO_INTEGER -> {
        xmm.operand(i, next, 4);
        if (i.mnemonic == Mnemonic.CVTTSS2SI) {
          f.cpu();
          xmm.modes();
          b.lload(T0);
          toSingle();
          truncated(i, QUICK_SINGLE, S);
        } else {
          rounded(i, SINGLES, I);
        }
      }
      case DOUBLE_TO_SINGLE -> {
        xmm.doubleOperand(i, next);
        f.cpu();
        xmm.modes();
        b.dload(T0);
        f.call(QUICK_SINGLE, "ofDouble", S, CPU_TYPE, I, D);
        setSingle(i.reg0);
      }
      case SINGLE_TO_DOUBLE -> {
        xmm.operand(i, next, 4);
        f.cpu().lload(T0);
        toSingle();
        f.call(QUICK_SINGLE, "toDouble", D, CPU_TYPE, S);
        xmm.setDouble(i.reg0, 0);
      }
    }
  }

  /** The low half of the long on the stack, as a float. */
  private void toSingle() {
    b.l2i();
    f.call(ConstantDescs.CD_Float, "intBitsToFloat", S, I);
  }

  private void setSingle(int n) {
    f.call(ConstantDescs.CD_Float, "floatToRawIntBits", I, S);
    b.i2l();
    memory.zeroExtend(4);
    xmm.setLowSingle(n);
  }

  // ---- two doubles ----------------------------------------------------------------------------------------------------------------

  /** Both elements in place if both are common; else the exceptions of both count, and come before either is written. */
  private void packedDouble(Instruction i, long next) {
    String name = name(i);
    boolean quick = !f.calls && !name.equals("min") && !name.equals("max");
    Label slow = b.newLabel();
    Label end = b.newLabel();
    xmm.doubleSource(i, next);
    if (quick) {
      element(i, name, 0, T0, T2);
      element(i, name, 1, T1, T3);
      common(i, 0, T0, T2);
      common(i, 1, T1, T3);
      b.iand().ifle(slow).goto_(end);
      b.labelBinding(slow);
    }
    begin();
    elementSlow(i, name, 0, T0, T2);
    elementSlow(i, name, 1, T1, T3);
    end();
    b.labelBinding(end);
    b.dload(T2);
    xmm.setDouble(i.reg0, 0);
    b.dload(T3);
    xmm.setDouble(i.reg0, 1);
  }

  private void element(Instruction i, String name, int h, int operand, int result) {
    if (name.equals("sqrt")) {
      b.dload(operand);
      f.call(type(Math.class), "sqrt", D, D);
    } else {
      xmm.doubleHalf(i.reg0, h);
      b.dload(operand);
      switch (name) {
        case "add" -> b.dadd();
        case "sub" -> b.dsub();
        case "mul" -> b.dmul();
        default -> b.ddiv();
      }
    }
    b.dstore(result);
  }

  private void common(Instruction i, int h, int operand, int result) {
    xmm.modes();
    if (name(i).equals("sqrt")) {
      b.dload(operand);
    } else {
      xmm.doubleHalf(i.reg0, h);
    }
    b.dload(operand).dload(result);
    f.call(QUICK_DOUBLE, "common", Z, I, D, D, D);
  }

  private void elementSlow(Instruction i, String name, int h, int operand, int result) {
    f.cpu();
    if (name.equals("sqrt")) {
      b.dload(operand);
      xmm.toBits();
      f.call(DOUBLES, name, J, CPU_TYPE, J);
    } else {
      xmm.doubleHalf(i.reg0, h);
      xmm.toBits();
      b.dload(operand);
      xmm.toBits();
      f.call(DOUBLES, name, J, CPU_TYPE, J, J);
    }
    xmm.toDouble();
    b.dstore(result);
  }

  /** Starts collecting exceptions: after the operands, whose faults come first, as SSE has been found enabled. */
  private void begin() {
    f.cpu().getfield(CPU_TYPE, "sse", CONTEXT_TYPE);
    f.constant(0);
    b.putfield(CONTEXT_TYPE, "flags", I);
  }

  private void end() {
    f.cpu();
    f.call(STATE, "endFloat", V, CPU_TYPE);
  }

  // ---- comparisons and conversions ------------------------------------------------------------------------------------------------

  /** Flags from the order on the stack. */
  private void compared(boolean needed) {
    if (needed) {
      flags.compared();
    } else {
      b.pop();
    }
  }

  /** Operand 1, a signed integer, in T0. */
  private void integer(Instruction i, long next) {
    memory.operand(i, 1, next, i.size1);
    memory.signExtend(i.size1);
    b.lstore(T0);
  }

  /** Processor, modes and operand are on the stack. */
  private void truncated(Instruction i, ClassDesc owner, ClassDesc value) {
    if (i.size0 == 8) {
      f.call(owner, "truncate64", J, CPU_TYPE, I, value);
    } else {
      f.call(owner, "truncate32", I, CPU_TYPE, I, value);
      b.i2l();
    }
    memory.toRegister(GPR, i.reg0, i.size0);
  }

  /** The operand is in T0. */
  private void rounded(Instruction i, ClassDesc owner, ClassDesc value) {
    begin();
    f.cpu().lload(T0);
    if (value.equals(I)) {
      b.l2i();
    }
    f.cpu().getfield(CPU_TYPE, "mxcsr", I);
    f.constant(13);
    b.iushr();
    f.constant(3);
    b.iand();
    if (i.size0 == 8) {
      f.call(owner, "toInt64", J, CPU_TYPE, value, I);
    } else {
      f.call(owner, "toInt32", I, CPU_TYPE, value, I);
      b.i2l();
    }
    b.lstore(T1);
    end();
    b.lload(T1);
    memory.toRegister(GPR, i.reg0, i.size0);
  }
}
