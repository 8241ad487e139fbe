package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.block.Region;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.SimdState;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;

/**
 * Writes accesses to XMM registers and to operands in memory of their width. What a block writes goes to the processor's array at
 * once, so that no fault finds it half-way, and stays in a local as well: what the block reads again is not read from the array.
 * Halves that are computed with as doubles are doubles in their locals. Where registers are in locals for the whole region
 * ({@link Form#locals}), each half is one or the other there, and in the array only before the entry and after the exit.
 */
final class XmmOperands {
  private static final ClassDesc D = ConstantDescs.CD_double;
  private static final ClassDesc DOUBLE = ConstantDescs.CD_Double;
  private static final ClassDesc QUICK_TYPE = type(QuickDouble.class);
  /** Locals of the 32 halves: as longs, and as doubles. */
  private static final int FIRST_LONG = 110;
  private static final int FIRST_DOUBLE_OF_BLOCK = 174;
  private static final int HALVES = 32;

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  /** Where a half is one or the other in the whole region, both are in the same place. */
  private final int firstDouble;
  /** Halves that are doubles there. */
  private final int asDoubles;
  /** Which locals hold their halves, bits by number. */
  private int longs;
  private int doubles;
  /** The block has found SSE enabled: what changes that ends blocks. */
  private boolean enabled;
  /** {@link Frame#MODES} holds. */
  private boolean modes;
  /** Halves known to hold a double that {@link QuickDouble#ordinary} would let pass. */
  private int ordinary;

  XmmOperands(Frame f, FlagWriter flags, MemoryWriter memory) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
    asDoubles = f.use.doubles();
    firstDouble = f.locals ? FIRST_LONG : FIRST_DOUBLE_OF_BLOCK;
  }

  /** At the start of a block; {@code ordinary}: halves that hold ordinary doubles whichever way control comes. */
  void join(int ordinary) {
    forget();
    enabled = false;
    this.ordinary = ordinary;
  }

  /**
   * At the entry, where registers are in locals: takes those that the region names, and does not go on where instructions on them would
   * fault.
   */
  void load() {
    if (!f.use.sse) {
      return;
    }
    Label there = b.newLabel();
    f.cpu();
    f.call(type(SimdState.class), "missing", I, CPU_TYPE);
    b.ifle(there);
    f.constant(Region.NOT_ENTERED);
    b.lreturn();
    b.labelBinding(there);
    f.cpu().getfield(CPU_TYPE, "mxcsr", I);
    f.call(type(QuickMode.class), "mask", J, I);
    b.lstore(MODES);
    for (int k = 0; k < HALVES; k++) {
      if (!absent(f.use.halves(), k)) {
        element(k);
        if (absent(asDoubles, k)) {
          b.lstore(FIRST_LONG + 2 * k);
        } else {
          toDouble();
          b.dstore(firstDouble + 2 * k);
        }
      }
    }
  }

  /** Leaves before the instruction at hand, of which word has been left, where one of {@code halves} is no ordinary double. */
  void requireOrdinary(int halves) {
    for (int k = 0; k < HALVES; k++) {
      if (!absent(halves, k)) {
        doubleHalf(k >> 1, k & 1);
        f.call(QUICK_TYPE, "requireOrdinary", V, D);
        foundOrdinary(k >> 1, k & 1);
      }
    }
  }

  /** Goes to {@code elsewhere} where one of {@code halves} is no ordinary double. */
  void unlessOrdinary(int halves, Label elsewhere) {
    for (int k = 0; k < HALVES; k++) {
      if (!absent(halves, k)) {
        doubleHalf(k >> 1, k & 1);
        f.call(QUICK_TYPE, "extraordinary", I, D);
        b.ifne(elsewhere);
        foundOrdinary(k >> 1, k & 1);
      }
    }
  }

  /** At the exit: gives back those that the region writes. */
  void spill() {
    for (int k = 0; k < HALVES; k++) {
      if (!absent(f.use.writtenHalves(), k)) {
        f.field("XMM", LONGS);
        f.constant(k);
        half(k >> 1, k & 1);
        b.lastore();
      }
    }
  }

  /** Whether half {@code h} of register {@code n} is known to be an ordinary double. */
  boolean ordinary(int n, int h) {
    return !absent(ordinary, 2 * n + h);
  }

  /** It is one. */
  void foundOrdinary(int n, int h) {
    ordinary |= 1 << 2 * n + h;
  }

  /** The registers and MXCSR may have been changed. */
  void forget() {
    longs = 0;
    doubles = 0;
    modes = false;
  }

  /** Before each instruction on XMM registers: sees to it that they are there. */
  void require() {
    if (enabled) {
      return;
    }
    enabled = true;
    if (!f.locals) {
      f.cpu();
      f.call(type(SimdState.class), "requireSse", V, CPU_TYPE);
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
    if (f.locals && !absent(asDoubles, k)) {
      b.dload(firstDouble + 2 * k);
      toBits();
      return;
    }
    if (!f.locals && absent(longs, k)) {
      if (absent(doubles, k)) {
        element(k);
      } else {
        b.dload(firstDouble + 2 * k);
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
    if (f.locals && absent(asDoubles, k)) {
      b.lload(FIRST_LONG + 2 * k);
      toDouble();
      return;
    }
    if (!f.locals && absent(doubles, k)) {
      if (absent(longs, k)) {
        element(k);
      } else {
        b.lload(FIRST_LONG + 2 * k);
      }
      toDouble();
      b.dstore(firstDouble + 2 * k);
      doubles |= 1 << k;
    }
    b.dload(firstDouble + 2 * k);
  }

  /** The long on the stack becomes half {@code h} of register {@code n}. */
  void set(int n, int h) {
    int k = 2 * n + h;
    ordinary &= ~(1 << k);
    if (f.locals) {
      if (absent(asDoubles, k)) {
        b.lstore(FIRST_LONG + 2 * k);
      } else {
        toDouble();
        b.dstore(firstDouble + 2 * k);
      }
      return;
    }
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
    ordinary &= ~(1 << k);
    if (f.locals) {
      if (absent(asDoubles, k)) {
        toBits();
        b.lstore(FIRST_LONG + 2 * k);
      } else {
        b.dstore(firstDouble + 2 * k);
      }
      return;
    }
    b.dstore(firstDouble + 2 * k);
    doubles |= 1 << k;
    longs &= ~(1 << k);
    f.field("XMM", LONGS);
    f.constant(k);
    b.dload(firstDouble + 2 * k);
    toBits();
    b.lastore();
  }

  /** Makes register {@code n} zero. */
  void clear(int n) {
    for (int h = 0; h < 2; h++) {
      if (f.locals && !absent(asDoubles, 2 * n + h)) {
        b.dconst_0();
        setDouble(n, h);
      } else {
        f.constant(0L);
        set(n, h);
      }
      foundOrdinary(n, h);
    }
  }

  /** Copies a half in the form that it is known in. */
  void copy(int to, int toHalf, int from, int fromHalf) {
    int k = 2 * from + fromHalf;
    boolean known = ordinary(from, fromHalf);
    if (f.locals ? !absent(asDoubles, k) : absent(longs, k) && !absent(doubles, k)) {
      doubleHalf(from, fromHalf);
      setDouble(to, toHalf);
    } else {
      half(from, fromHalf);
      set(to, toHalf);
    }
    if (known) {
      foundOrdinary(to, toHalf);
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
    if (f.locals) {
      b.lload(T3);
      f.constant((long) distance);
      b.ladd();
      f.ramLoad(8);
      return;
    }
    b.lload(T3).lload(T2);
    f.constant(distance);
    f.field("MEMORY", MEMORY_TYPE);
    f.call(ACCESS_TYPE, "half", J, J, J, I, MEMORY_TYPE);
  }

  /** Pushes the address of an operand of 16 bytes. */
  void address(Instruction i, long next, boolean aligned) {
    memory.address(i, next);
    if (aligned && f.locals) {
      flags.tell();
      b.dup2().l2i();
      f.constant(15);
      b.iand();
      f.call(ACCESS_TYPE, "unless", V, I);
    } else if (aligned) {
      f.cpu();
      f.call(ACCESS_TYPE, "aligned", J, J, CPU_TYPE);
    }
  }
}
