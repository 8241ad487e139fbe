package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.SimdState;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;

/**
 * Writes accesses to XMM registers and to operands in memory of their width. What a block writes goes to the processor's array at
 * once, so that no fault finds it half-way, and stays in a local as well: what the block reads again is not read from the array.
 * Halves that are computed with as doubles are doubles in their locals.
 */
final class XmmOperands {
  private static final ClassDesc D = ConstantDescs.CD_double;
  private static final ClassDesc DOUBLE = ConstantDescs.CD_Double;
  /** Locals of the 32 halves: as longs, and as doubles. */
  private static final int FIRST_LONG = 110;
  private static final int FIRST_DOUBLE = 174;

  private final Frame f;
  private final CodeBuilder b;
  private final MemoryWriter memory;
  /** Which locals hold their halves, bits by number. */
  private int longs;
  private int doubles;
  /** The block has found SSE enabled: what changes that ends blocks. */
  private boolean enabled;
  /** {@link Frame#MODES} holds. */
  private boolean modes;

  XmmOperands(Frame f, MemoryWriter memory) {
    this.f = f;
    b = f.b;
    this.memory = memory;
  }

  /** At the start of a block. */
  void join() {
    forget();
    enabled = false;
  }

  /** The registers and MXCSR may have been changed. */
  void forget() {
    longs = 0;
    doubles = 0;
    modes = false;
  }

  /** Before each instruction on XMM registers: sees to it that they are there. */
  void require() {
    if (!enabled) {
      f.cpu();
      f.call(type(SimdState.class), "requireSse", V, CPU_TYPE);
      enabled = true;
    }
  }

  /** Pushes what {@link QuickMode#of} says of MXCSR: within a block its modes stay as they are. */
  void modes() {
    if (!modes) {
      f.cpu().getfield(CPU_TYPE, "mxcsr", I);
      f.call(type(QuickMode.class), "of", I, I);
      b.istore(MODES);
      modes = true;
    }
    b.iload(MODES);
  }

  // ---- registers ------------------------------------------------------------------------------------------------------------------

  /** Pushes half {@code h} of XMM register {@code n}. */
  void half(int n, int h) {
    int k = 2 * n + h;
    if (absent(longs, k)) {
      if (absent(doubles, k)) {
        element(k);
      } else {
        b.dload(FIRST_DOUBLE + 2 * k);
        toBits();
      }
      b.lstore(FIRST_LONG + 2 * k);
      longs |= 1 << k;
    }
    b.lload(FIRST_LONG + 2 * k);
  }

  /** The same as a double. */
  void doubleHalf(int n, int h) {
    int k = 2 * n + h;
    if (absent(doubles, k)) {
      if (absent(longs, k)) {
        element(k);
      } else {
        b.lload(FIRST_LONG + 2 * k);
      }
      toDouble();
      b.dstore(FIRST_DOUBLE + 2 * k);
      doubles |= 1 << k;
    }
    b.dload(FIRST_DOUBLE + 2 * k);
  }

  /** The long on the stack becomes half {@code h} of register {@code n}. */
  void set(int n, int h) {
    int k = 2 * n + h;
    b.lstore(FIRST_LONG + 2 * k);
    longs |= 1 << k;
    doubles &= ~(1 << k);
    f.field("XMM", LONGS);
    f.constant(k);
    b.lload(FIRST_LONG + 2 * k).lastore();
  }

  /** The double on the stack becomes half {@code h} of register {@code n}. */
  void setDouble(int n, int h) {
    int k = 2 * n + h;
    b.dstore(FIRST_DOUBLE + 2 * k);
    doubles |= 1 << k;
    longs &= ~(1 << k);
    f.field("XMM", LONGS);
    f.constant(k);
    b.dload(FIRST_DOUBLE + 2 * k);
    toBits();
    b.lastore();
  }

  /** Copies a half in the form that it is known in. */
  void copy(int to, int toHalf, int from, int fromHalf) {
    int k = 2 * from + fromHalf;
    if (absent(longs, k) && !absent(doubles, k)) {
      doubleHalf(from, fromHalf);
      setDouble(to, toHalf);
    } else {
      half(from, fromHalf);
      set(to, toHalf);
    }
  }

  /** The 32-bit pattern on the stack, a long with zeros above, becomes the lowest element of register {@code n}. */
  void setLowSingle(int n) {
    half(n, 0);
    f.constant(~MemoryWriter.LOW32);
    b.land().lor();
    set(n, 0);
  }

  private static boolean absent(int bits, int k) {
    return (bits >>> k & 1) == 0;
  }

  private void element(int k) {
    f.field("XMM", LONGS);
    f.constant(k);
    b.laload();
  }

  void toDouble() {
    f.call(DOUBLE, "longBitsToDouble", D, J);
  }

  void toBits() {
    f.call(DOUBLE, "doubleToRawLongBits", J, D);
  }

  // ---- operands -------------------------------------------------------------------------------------------------------------------

  /** The low {@code size} bytes of operand 1 in T0. */
  void operand(Instruction i, long next, int size) {
    if (i.kind1 == Instruction.XMM) {
      half(i.reg1, 0);
    } else {
      memory.address(i, next);
      memory.load(size);
    }
    b.lstore(T0);
  }

  /** The low half of operand 1 in T0, as a double. */
  void doubleOperand(Instruction i, long next) {
    if (i.kind1 == Instruction.XMM) {
      doubleHalf(i.reg1, 0);
    } else {
      memory.address(i, next);
      memory.load(8);
      toDouble();
    }
    b.dstore(T0);
  }

  /** Operand 1, all 16 bytes, in T0 and T1. */
  void source(Instruction i, long next, boolean aligned) {
    if (i.kind1 == Instruction.XMM) {
      half(i.reg1, 0);
      b.lstore(T0);
      half(i.reg1, 1);
      b.lstore(T1);
      return;
    }
    address(i, next, aligned);
    b.lstore(T2);
    b.lload(T2);
    memory.wide();
    b.lstore(T3);
    loadHalf(0);
    b.lstore(T0);
    loadHalf(8);
    b.lstore(T1);
  }

  /** Operand 1, two doubles, in T0 and T1. */
  void doubleSource(Instruction i, long next) {
    if (i.kind1 == Instruction.XMM) {
      doubleHalf(i.reg1, 0);
      b.dstore(T0);
      doubleHalf(i.reg1, 1);
      b.dstore(T1);
      return;
    }
    source(i, next, true);
    b.lload(T0);
    toDouble();
    b.dstore(T0).lload(T1);
    toDouble();
    b.dstore(T1);
  }

  private void loadHalf(int distance) {
    b.lload(T3).lload(T2);
    f.constant(distance);
    f.field("MEMORY", MEMORY_TYPE);
    f.call(ACCESS_TYPE, "half", J, J, J, I, MEMORY_TYPE);
  }

  /** Pushes the address of an operand of 16 bytes. */
  void address(Instruction i, long next, boolean aligned) {
    memory.address(i, next);
    if (aligned) {
      f.cpu();
      f.call(ACCESS_TYPE, "aligned", J, J, CPU_TYPE);
    }
  }
}
