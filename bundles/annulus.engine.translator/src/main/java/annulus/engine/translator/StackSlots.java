package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.Fpu;
import annulus.cpu.block.Region;
import annulus.cpu.decode.Instruction;
import annulus.engine.translator.RegionPlan.Node;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;

/**
 * The x87 stack where registers are in locals ({@link Form#locals}). As TOP is known at each instruction, relative to where it was at the
 * entry ({@link StackDepth}), ST(i) is a local, and a push or a pop is nothing at all.
 *
 * <p>What is empty, TOP and the last instruction are known from a block's start on, and are brought up to date at its end. Where the region
 * is left in between, the number of the instruction tells ({@link Quick80.Points}).
 *
 * <pre>
 * 174 + 2k significand, 190 + k sign and exponent of slot k, physical register base + k & 7
 * 198 bits of slots that are not empty   199 base   200 TOP - base   201 last instruction's offset, or -1   202 its opcode
 * 203 segment of the last with an operand, or -1   204 that operand's address   206 C1   207 C1 that comparisons keep
 * 208 - 216 what {@link StackWriter} computes with
 * </pre>
 */
final class StackSlots {
  static final int SIGNIFICANDS = 174;
  static final int SIGN_EXPONENTS = 190;
  static final int C1 = 206;
  static final int KEPT = 207;
  private static final int VALID = 198;
  private static final int BASE = 199;
  private static final int TOP = 200;
  private static final int POINTER = 201;
  private static final int OPCODE = 202;
  private static final int SEGMENT = 203;
  private static final int DATA = 204;
  private static final int SLOTS = 8;
  private static final int NONE = -1;
  /** Of the status word. */
  private static final int CONDITION_1 = 0x200;

  private static final ClassDesc QUICK = type(Quick80.class);
  static final ClassDesc POINTS = type(Quick80.Points.class);
  static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();
  private static final ClassDesc FPU = type(Fpu.class);

  private final Frame f;
  private final CodeBuilder b;
  private final RegionPlan plan;
  private final StackDepth depth;
  private final Quick80.Points points;
  /** The stack is in locals, and there are instructions that use it. */
  private final boolean used;

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

  /** @param points are filled in */
  StackSlots(Frame f, RegionPlan plan, Quick80.Points points) {
    this.f = f;
    b = f.b;
    this.plan = plan;
    depth = plan.depth();
    this.points = points;
    used = f.locals && depth.used();
  }

  // ---- entry and exits --------------------------------------------------------------------------------------------------------------

  /** At the entry: takes the registers, and does not go on where the modes are not the common ones. */
  void load() {
    if (!used) {
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
    f.constant(CONDITION_1);
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
    for (Node entry : plan.entryNodes()) {
      if (depth.at(entry) != 0) {
        f.constant(depth.at(entry));
        b.istore(TOP).iload(ENTRY);
        f.constant(entry.offset);
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
    if (used) {
      registers();
      f.cpu().lload(START).iload(BASE).iload(TOP).iload(VALID);
      last();
      f.call(QUICK, "give", V, CPU_TYPE, J, I, I, I, I, I, I, I, J);
    }
  }

  /** The same before the instruction in {@link Frame#AT}. */
  void left() {
    if (used) {
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
    if (!used) {
      return;
    }
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

  // ---- slots ---------------------------------------------------------------------------------------------------------------------------

  /** The slot of ST({@code st}). */
  int slot(int st) {
    return top + st & 7;
  }

  /** Leaves the region where the int on the stack is positive. */
  void leaveIf() {
    f.call(ACCESS_TYPE, "unless", V, I);
  }

  /** Sees to it that none of {@code slots} is empty. */
  void taken(int slots) {
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
  void numbers(int slots) {
    taken(slots);
    for (int k = 0; k < SLOTS; k++) {
      if ((slots & ~normal & 1 << k) != 0) {
        value(k);
        f.call(QUICK, "requireNormal", V, I, J);
      }
    }
    normal |= slots;
  }

  /** Pushes sign and exponent, and significand. */
  void value(int k) {
    b.iload(SIGN_EXPONENTS + k).lload(SIGNIFICANDS + 2 * k);
  }

  /** Slot {@code k} has got a number. */
  void filled(int k, boolean isNormal) {
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

  void clearC1() {
    f.constant(0);
    b.istore(C1);
  }

  /** Sees to it that there is room for a push. */
  void room() {
    int k = slot(-1);
    if ((empty >>> k & 1) == 0) {
      valid();
      f.constant(1 << k);
      b.iand();
      leaveIf();
      empty |= 1 << k;
    }
  }

  boolean isNormal(int k) {
    return (normal >>> k & 1) != 0;
  }

  /** A slot for a push has been filled. */
  void pushed(boolean isNormal) {
    clearC1();
    filled(slot(-1), isNormal);
    top--;
  }

  /** {@code i} has been done, which ends at {@code next}; the address of its operand, if it has one, is in {@link Frame#T2}. */
  void done(Instruction i, int next) {
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
}
