package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.block.Region;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.engine.translator.RegionPlan.Node;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;

/**
 * Writes x87 instructions where registers are in locals ({@link Form#locals}): those of the stack too. As TOP is known at each
 * instruction, relative to where it was at the entry ({@link StackDepth}), ST(i) is a local, a push or a pop is nothing at all, and what is
 * not the common case ({@link Quick80}) leaves the region.
 *
 * <p>What is empty, TOP and the last instruction are known from a block's start on, and are brought up to date at its end. Where the region
 * is left in between, the number of the instruction tells ({@link Quick80.Points}).
 *
 * <pre>
 * 174 + 2k significand, 190 + k sign and exponent of slot k, physical register base + k & 7
 * 198 bits of slots that are not empty   199 base   200 TOP - base   201 last instruction's offset, or -1   202 its opcode
 * 203 segment of the last with an operand, or -1   204 that operand's address   206 C1   207 C1 that comparisons keep
 * 208 and 210 a result and what has become of it by rounding   212 its sign and exponent   213 and 215 sign and exponent, significand of an operand
 * </pre>
 */
final class StackWriter {
  private static final int SIGNIFICANDS = 174;
  private static final int SIGN_EXPONENTS = 190;
  private static final int VALID = 198;
  private static final int BASE = 199;
  private static final int TOP = 200;
  private static final int POINTER = 201;
  private static final int OPCODE = 202;
  private static final int SEGMENT = 203;
  private static final int DATA = 204;
  private static final int C1 = 206;
  private static final int KEPT = 207;
  private static final int HIGH = 208;
  private static final int ROUNDED = 210;
  private static final int SIGN_EXPONENT = 212;
  private static final int OPERAND_SIGN_EXPONENT = 213;
  private static final int OPERAND = 215;
  private static final int SLOTS = 8;
  private static final int NONE = -1;
  private static final int SIGN = 0x8000;

  private static final ClassDesc QUICK = type(Quick80.class);
  static final ClassDesc POINTS = type(Quick80.Points.class);
  static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
  private static final ClassDesc FPU = type(Fpu.class);
  private static final int ST = Instruction.ST;

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  private final RegionPlan plan;
  private final StackDepth depth;
  private final Quick80.Points points;

  /** TOP - base at the instruction at hand. */
  private int top;
  /** Slots known to be empty, not to be, and to hold a normal number. */
  private int empty;
  private int full;
  private int normal;
  /** What became of the slots that are not empty since the block's start: those kept, and those set. */
  private int keep = NONE;
  private int set;
  private int pointer = NONE;
  private int opcode;
  private int segment = NONE;

  StackWriter(Frame f, FlagWriter flags, MemoryWriter memory, RegionPlan plan, Quick80.Points points) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
    this.plan = plan;
    depth = plan.depth();
    this.points = points;
  }

  /** Whether {@link #write} knows {@code i}. */
  static boolean knows(Instruction i) {
    return X87Writer.knows(i) && switch (i.mnemonic) {
      case FIADD, FISUB, FISUBR, FIMUL, FIDIV, FIDIVR -> false;
      case FST, FSTP -> i.kind0 == ST || i.size0 >= 8;
      default -> true;
    };
  }

  // ---- entry and exits --------------------------------------------------------------------------------------------------------------

  /** At the entry: takes the registers, and does not go on where the modes are not the common ones. */
  void load() {
    if (!depth.used()) {
      return;
    }
    Label there = b.newLabel();
    f.cpu();
    f.call(QUICK, "missing", I, CPU_TYPE);
    b.ifle(there);
    f.constant(Region.NOT_ENTERED);
    b.lreturn();
    b.labelBinding(there);
    loadTop();
    f.cpu().getfield(CPU_TYPE, "fpu", FPU).getfield(FPU, "top", I).iload(TOP).isub();
    f.constant(7);
    b.iand().istore(BASE);
    for (int k = 0; k < SLOTS; k++) {
      if ((depth.slots() >>> k & 1) != 0) {
        register("ST_S", LONGS, k);
        b.laload().lstore(SIGNIFICANDS + 2 * k);
        register("ST_E", INTS, k);
        b.iaload().istore(SIGN_EXPONENTS + k);
      }
    }
    f.cpu().iload(BASE);
    f.call(QUICK, "valid", I, CPU_TYPE, I);
    b.istore(VALID);
    f.constant(NONE);
    b.istore(POINTER);
    f.constant(0);
    b.istore(OPCODE);
    f.constant(NONE);
    b.istore(SEGMENT);
    f.constant(0L);
    b.lstore(DATA);
    f.cpu().getfield(CPU_TYPE, "fpu", FPU).getfield(FPU, "status", I);
    f.constant(0x200);
    b.iand().istore(C1);
    f.cpu();
    f.call(QUICK, "kept", I, CPU_TYPE);
    b.istore(KEPT);
  }

  /** TOP - base at the entry that control comes by. */
  private void loadTop() {
    Label known = b.newLabel();
    f.constant(0);
    b.istore(TOP);
    for (int n = plan.entries.nextSetBit(0); n >= 0; n = plan.entries.nextSetBit(n + 1)) {
      Node node = plan.node(plan.pages.offset(n));
      if (node != null && depth.at(node) != 0) {
        f.constant(depth.at(node));
        b.istore(TOP).iload(ENTRY);
        f.constant(plan.pages.offset(n));
        b.if_icmpeq(known);
      }
    }
    f.constant(0);
    b.istore(TOP);
    b.labelBinding(known);
  }

  private void register(String array, ClassDesc type, int k) {
    f.field(array, type);
    b.iload(BASE);
    f.constant(k);
    b.iadd();
    f.constant(7);
    b.iand();
  }

  /** At the exit: gives all back. */
  void spill() {
    if (depth.used()) {
      registers();
      f.cpu().lload(START).iload(BASE).iload(TOP).iload(VALID);
      last();
      f.call(QUICK, "give", V, CPU_TYPE, J, I, I, I, I, I, I, I, J);
    }
  }

  /** The same before the instruction in {@link Frame#AT}. */
  void left() {
    if (depth.used()) {
      registers();
      f.cpu();
      f.field("POINTS", POINTS);
      b.iload(AT).lload(START).iload(BASE).iload(VALID);
      last();
      f.call(QUICK, "giveAt", V, CPU_TYPE, POINTS, I, J, I, I, I, I, I, I, J);
    }
  }

  private void registers() {
    for (int k = 0; k < SLOTS; k++) {
      if ((depth.slots() >>> k & 1) != 0) {
        register("ST_S", LONGS, k);
        b.lload(SIGNIFICANDS + 2 * k).lastore();
        register("ST_E", INTS, k);
        b.iload(SIGN_EXPONENTS + k).iastore();
      }
    }
  }

  private void last() {
    b.iload(C1).iload(POINTER).iload(OPCODE).iload(SEGMENT).lload(DATA);
  }

  // ---- blocks -----------------------------------------------------------------------------------------------------------------------

  /** At the start of {@code n}; {@code joins}: control comes there in several ways. */
  void begin(Node n, boolean joins) {
    top = depth.at(n);
    nothingYet();
    if (joins) {
      empty = 0;
      full = 0;
      normal = 0;
    }
  }

  /** Before instruction {@code number}. */
  void point(int number) {
    points.top()[number] = top;
    points.keep()[number] = keep;
    points.set()[number] = set;
    points.pointer()[number] = pointer;
    points.opcode()[number] = opcode;
    points.segment()[number] = segment;
  }

  /** Before the block ends: brings locals up to date. */
  void end() {
    if (pointer == NONE) {
      return;
    }
    if (keep != NONE || set != 0) {
      b.iload(VALID);
      f.constant(keep & 0xFF);
      b.iand();
      f.constant(set);
      b.ior().istore(VALID);
    }
    f.constant(top & 7);
    b.istore(TOP);
    f.constant(pointer);
    b.istore(POINTER);
    f.constant(opcode);
    b.istore(OPCODE);
    if (segment != NONE) {
      f.constant(segment);
      b.istore(SEGMENT);
    }
    nothingYet();
  }

  private void nothingYet() {
    keep = NONE;
    set = 0;
    pointer = NONE;
    segment = NONE;
  }

  // ---- instructions -----------------------------------------------------------------------------------------------------------------

  /**
   * Writes {@code i}; {@code needed}: whether anybody can see its flags.
   *
   * @param next distance of the next instruction from the entry
   */
  void write(Instruction i, int next, boolean needed) {
    flags.tell();
    switch (i.mnemonic) {
      case FADD, FADDP -> arithmetic(i, next, "sum", 0, 0);
      case FSUB, FSUBP -> arithmetic(i, next, "sum", 0, SIGN);
      case FSUBR, FSUBRP -> arithmetic(i, next, "sum", SIGN, 0);
      case FMUL, FMULP -> arithmetic(i, next, "product", 0, 0);
      case FDIV, FDIVP, FDIVR, FDIVRP -> divide(i, next);
      case FSQRT -> {
        int k = slot(0);
        numbers(1 << k);
        f.cpu();
        value(k);
        f.call(QUICK, "root", J, CPU_TYPE, I, J);
        last(k);
        b.iload(SIGN_EXPONENTS + k);
        f.constant(15);
        b.iushr();
        leaveIf();
        b.lload(HIGH).lstore(SIGNIFICANDS + 2 * k).iload(SIGN_EXPONENT).istore(SIGN_EXPONENTS + k);
      }
      case FXCH -> exchange(slot(0), slot(i.reg1));
      case FCHS -> sign(slot(0), SIGN);
      case FABS -> sign(slot(0), 0);
      case FLD1 -> {
        f.constant(Long.MIN_VALUE);
        b.lstore(HIGH);
        f.constant(0x3FFF);
        b.istore(SIGN_EXPONENT);
        push(true);
      }
      case FLDZ -> {
        f.constant(0L);
        b.lstore(HIGH);
        f.constant(0);
        b.istore(SIGN_EXPONENT);
        push(false);
      }
      case FLD, FILD -> load(i, next);
      case FST, FSTP -> store(i, next);
      default -> compare(i, needed);
    }
    if (StackDepth.change(i) > 0) {
      pop();
    }
    pointer = next - i.length;
    opcode = (int) i.immediate;
    if (i.hasMemory()) {
      b.lload(T2).lstore(DATA);
      segment = i.segment;
    }
  }

  private int slot(int st) {
    return top + st & 7;
  }

  /** Leaves the region where the int on the stack is positive. */
  private void leaveIf() {
    f.call(ACCESS_TYPE, "unless", V, I);
  }

  /** Sees to it that none of {@code slots} is empty. */
  private void taken(int slots) {
    int unknown = slots & ~full;
    if (unknown == 0) {
      return;
    }
    valid();
    f.constant(unknown);
    b.iand();
    f.constant(unknown);
    b.ixor();
    leaveIf();
    full |= unknown;
  }

  private void valid() {
    b.iload(VALID);
    if (keep != NONE) {
      f.constant(keep & 0xFF);
      b.iand();
    }
    if (set != 0) {
      f.constant(set);
      b.ior();
    }
  }

  /** Sees to it that {@code slots} hold normal numbers. */
  private void numbers(int slots) {
    taken(slots);
    for (int k = 0; k < SLOTS; k++) {
      if ((slots & ~normal & 1 << k) != 0) {
        value(k);
        f.call(QUICK, "requireNormal", V, I, J);
      }
    }
    normal |= slots;
  }

  private void value(int k) {
    b.iload(SIGN_EXPONENTS + k).lload(SIGNIFICANDS + 2 * k);
  }

  private void filled(int k, boolean isNormal) {
    keep |= 1 << k;
    set |= 1 << k;
    full |= 1 << k;
    empty &= ~(1 << k);
    normal = isNormal ? normal | 1 << k : normal & ~(1 << k);
  }

  private void pop() {
    int k = slot(0);
    keep &= ~(1 << k);
    set &= ~(1 << k);
    empty |= 1 << k;
    full &= ~(1 << k);
    normal &= ~(1 << k);
    top++;
  }

  private void clearC1() {
    f.constant(0);
    b.istore(C1);
  }

  /** Pushes what is in {@link #HIGH} and {@link #SIGN_EXPONENT}. */
  private void push(boolean isNormal) {
    room();
    int k = slot(-1);
    b.lload(HIGH).lstore(SIGNIFICANDS + 2 * k).iload(SIGN_EXPONENT).istore(SIGN_EXPONENTS + k);
    pushed(isNormal);
  }

  /** What was pushed is in its slot. */
  private void pushed(boolean isNormal) {
    clearC1();
    filled(slot(-1), isNormal);
    top--;
  }

  /** Sees to it that there is room for a push. */
  private void room() {
    int k = slot(-1);
    if ((empty >>> k & 1) == 0) {
      valid();
      f.constant(1 << k);
      b.iand();
      leaveIf();
      empty |= 1 << k;
    }
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
    b.istore(SIGN_EXPONENTS + d).lload(ROUNDED).lstore(SIGNIFICANDS + 2 * d).lload(HIGH).lload(ROUNDED);
    f.call(QUICK, "c1", I, J, J);
    b.istore(C1);
    filled(d, true);
  }

  private void both(Instruction i, int d, int flipFirst, int flipSecond) {
    b.iload(SIGN_EXPONENTS + d);
    flip(flipFirst);
    b.lload(SIGNIFICANDS + 2 * d);
    second(i, flipSecond);
  }

  private void second(Instruction i, int flip) {
    int k = slot(i.reg1);
    b.iload(i.hasMemory() ? OPERAND_SIGN_EXPONENT : SIGN_EXPONENTS + k);
    flip(flip);
    b.lload(i.hasMemory() ? OPERAND : SIGNIFICANDS + 2 * k);
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
      int d = slot(0);
      numbers(1 << d);
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
    int d = slot(i.reg0);
    int k = slot(i.reg1);
    numbers(1 << d | 1 << k);
    return d;
  }

  /** Address on the stack; the number there, which is normal, as one of 64 bits in T0. */
  private void real(int size) {
    memory.load(size);
    if (size == 4) {
      f.call(type(annulus.cpu.exec.X87Quick.class), "single", J, J);
    }
    b.lstore(T0).lload(T0);
    f.call(QUICK, "notNormal", I, J);
    leaveIf();
  }

  private void divide(Instruction i, int next) {
    int d = operands(i, next);
    boolean reverse = i.mnemonic == Mnemonic.FDIVR || i.mnemonic == Mnemonic.FDIVRP;
    f.cpu();
    if (reverse) {
      second(i, 0);
      value(d);
    } else {
      value(d);
      second(i, 0);
    }
    f.call(QUICK, "quotient", J, CPU_TYPE, I, J, I, J);
    last(d);
    b.lload(HIGH).lstore(SIGNIFICANDS + 2 * d).iload(SIGN_EXPONENT).istore(SIGN_EXPONENTS + d);
  }

  /** The significand that a call has given goes to {@link #HIGH}, the rest of the result where it belongs. */
  private void last(int d) {
    b.lstore(HIGH);
    f.cpu();
    f.call(QUICK, "noLast", I, CPU_TYPE);
    leaveIf();
    f.cpu();
    f.call(QUICK, "lastSignExponent", I, CPU_TYPE);
    b.istore(SIGN_EXPONENT);
    f.cpu();
    f.call(QUICK, "lastC1", I, CPU_TYPE);
    b.istore(C1);
    filled(d, true);
  }

  private void exchange(int x, int y) {
    taken(1 << x | 1 << y);
    b.iload(SIGN_EXPONENTS + x).iload(SIGN_EXPONENTS + y).istore(SIGN_EXPONENTS + x).istore(SIGN_EXPONENTS + y);
    b.lload(SIGNIFICANDS + 2 * x).lload(SIGNIFICANDS + 2 * y).lstore(SIGNIFICANDS + 2 * x).lstore(SIGNIFICANDS + 2 * y);
    clearC1();
    int changes = (normal >>> x ^ normal >>> y) & 1;
    normal ^= changes << x | changes << y;
  }

  /** FCHS turns the sign, FABS clears it. */
  private void sign(int k, int flip) {
    taken(1 << k);
    b.iload(SIGN_EXPONENTS + k);
    f.constant(flip != 0 ? flip : SIGN - 1);
    if (flip != 0) {
      b.ixor();
    } else {
      b.iand();
    }
    b.istore(SIGN_EXPONENTS + k);
    clearC1();
  }

  // ---- loads and stores ---------------------------------------------------------------------------------------------------------------

  private void load(Instruction i, int next) {
    room();
    if (i.kind0 == ST) {
      int k = slot(i.reg0);
      taken(1 << k);
      b.lload(SIGNIFICANDS + 2 * k).lstore(HIGH).iload(SIGN_EXPONENTS + k).istore(SIGN_EXPONENT);
      push((normal >>> k & 1) != 0);
      return;
    }
    memory.address(i, next);
    b.lstore(T2).lload(T2);
    if (i.size0 == 10) {
      memory.direct(false, 10);
      b.lstore(T3).lload(T3);
      f.ramLoad(8);
      b.lstore(SIGNIFICANDS + 2 * slot(-1)).lload(T3);
      f.constant(8L);
      b.ladd();
      f.call(RAM_TYPE, "get16", I, J);
      b.istore(SIGN_EXPONENTS + slot(-1));
      pushed(false);
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
    f.call(QUICK, integer ? "integerSignificand" : "significand", J, J);
    b.lstore(HIGH).lload(T0);
    f.call(QUICK, integer ? "integerSignExponent" : "signExponent", I, J);
    b.istore(SIGN_EXPONENT);
    push(!integer);
  }

  private void store(Instruction i, int next) {
    int k = slot(0);
    if (i.kind0 == ST) {
      taken(1 << k);
      int to = slot(i.reg0);
      b.lload(SIGNIFICANDS + 2 * k).lstore(SIGNIFICANDS + 2 * to).iload(SIGN_EXPONENTS + k).istore(SIGN_EXPONENTS + to);
      clearC1();
      filled(to, (normal >>> k & 1) != 0);
      return;
    }
    if (i.size0 == 10) {
      taken(1 << k);
      memory.address(i, next);
      b.lstore(T2).lload(T2);
      memory.direct(true, 10);
      b.lstore(T3).lload(T3).lload(SIGNIFICANDS + 2 * k);
      f.ramStore(8);
      b.lload(T3);
      f.constant(8L);
      b.ladd().iload(SIGN_EXPONENTS + k).i2l();
      f.ramStore(2);
      clearC1();
      return;
    }
    numbers(1 << k);
    b.iload(SIGN_EXPONENTS + k);
    f.call(QUICK, "noDouble", I, I);
    leaveIf();
    memory.address(i, next);
    b.lstore(T2).lload(T2);
    value(k);
    f.call(QUICK, "toDouble", J, I, J);
    memory.store(8);
    b.lload(SIGNIFICANDS + 2 * k);
    f.call(QUICK, "doubleC1", I, J);
    b.istore(C1);
  }

  private void compare(Instruction i, boolean needed) {
    int x = slot(0);
    int y = slot(i.reg1);
    taken(1 << x | 1 << y);
    for (int k : new int[] {x, y}) {
      if ((normal >>> k & 1) == 0) {
        value(k);
        f.call(QUICK, "notOrdered", I, I, J);
        leaveIf();
      }
    }
    value(x);
    value(y);
    f.call(QUICK, "order", I, I, J, I, J);
    if (needed) {
      flags.compared();
    } else {
      b.pop();
    }
    b.iload(C1).iload(KEPT).iand().istore(C1);
  }
}
