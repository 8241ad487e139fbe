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
 * <p>Each way out of the region costs C2 as much as an addition: at each all registers are brought to one place. So instructions that only
 * compute or load are done in {@linkplain #run runs}: their results are set aside, what is out of the common is noted, and one question
 * behind them decides whether they count or the region is left before the first of them.
 *
 * <pre>
 * 174 + 2k significand, 190 + k sign and exponent of slot k, physical register base + k & 7
 * 198 bits of slots that are not empty   199 base   200 TOP - base   201 last instruction's offset, or -1   202 its opcode
 * 203 segment of the last with an operand, or -1   204 that operand's address   206 C1   207 C1 that comparisons keep
 * 208 - 216 what {@link StackWriter} computes with
 * of a run: 70 + 2k significand, 86 + k sign and exponent of slot k   94 C1   95 address
 * 97 and 98 what {@link Quick80#require} is to be asked
 * </pre>
 */
final class StackSlots {
  private static final int SIGNIFICANDS = 174;
  private static final int SIGN_EXPONENTS = 190;
  private static final int C1 = 206;
  private static final int KEPT = 207;
  private static final int VALID = 198;
  private static final int BASE = 199;
  private static final int TOP = 200;
  private static final int POINTER = 201;
  private static final int OPCODE = 202;
  private static final int SEGMENT = 203;
  private static final int DATA = 204;
  private static final int RUN_SIGNIFICANDS = 70;
  private static final int RUN_SIGN_EXPONENTS = 86;
  private static final int RUN_C1 = 94;
  private static final int RUN_DATA = 95;
  private static final int DIFFERENCES = 97;
  private static final int ALL_SIGNIFICANDS = 98;
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
  private final FlagWriter flags;
  private final RegionPlan plan;
  private final StackDepth depth;
  private final Quick80.Points points;
  /** The stack is in locals, and there are instructions that use it. */
  private final boolean used;

  /** TOP - base at the instruction at hand. */
  private int top;
  /** Slots known to be empty, not to be, and to hold a common number ({@link Quick80}). */
  private int empty;
  private int full;
  private int common;
  /** What became of the slots that are not empty since the block's start: those kept, and those set. */
  private int keep = NONE;
  private int set;
  private int pointer = NONE;
  private int opcode;
  private int segment = NONE;
  /** In a run: slots with a number that is set aside, and what else is. */
  private boolean run;
  private int aside;
  private boolean c1Aside;
  private boolean dataAside;
  private boolean differencesAside;
  private boolean significandsAside;

  /** @param points are filled in */
  StackSlots(Frame f, FlagWriter flags, RegionPlan plan, Quick80.Points points) {
    this.f = f;
    b = f.b;
    this.flags = flags;
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
      common = 0;
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
    settle();
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

  // ---- runs -------------------------------------------------------------------------------------------------------------------------

  /** The next instruction belongs to a run: to the one at hand, or to one that begins with it. */
  void run() {
    flags.tell();
    if (!run) {
      run = true;
      flags.hold(true);
    }
  }

  /** The run ends, if there is one: leaves the region before it or makes its results count. Before anything else is done or stored. */
  void settle() {
    if (!run) {
      return;
    }
    if (differencesAside) {
      b.iload(DIFFERENCES);
      if (significandsAside) {
        b.lload(ALL_SIGNIFICANDS);
      } else {
        f.constant(-1L);
      }
      f.call(QUICK, "require", V, I, J);
    }
    for (int k = 0; k < SLOTS; k++) {
      if ((aside >>> k & 1) != 0) {
        b.lload(RUN_SIGNIFICANDS + 2 * k).lstore(SIGNIFICANDS + 2 * k).iload(RUN_SIGN_EXPONENTS + k).istore(SIGN_EXPONENTS + k);
      }
    }
    if (c1Aside) {
      b.iload(RUN_C1).istore(C1);
    }
    if (dataAside) {
      b.lload(RUN_DATA).lstore(DATA);
    }
    run = false;
    aside = 0;
    c1Aside = false;
    dataAside = false;
    differencesAside = false;
    significandsAside = false;
    flags.hold(false);
  }

  /** Leaves the region where sign and exponent on the stack are not common, at once or when the run ends. */
  void require() {
    f.constant(Quick80.LEAST);
    b.isub();
    if (run) {
      putAside();
    } else {
      f.constant(-1L);
      f.call(QUICK, "require", V, I, J);
    }
  }

  private void putAside() {
    if (differencesAside) {
      b.iload(DIFFERENCES).ior();
    }
    b.istore(DIFFERENCES);
    differencesAside = true;
  }

  /** The same where the number in slot {@code k} is not a common one. */
  private void requireCommon(int k) {
    signExponent(k);
    f.constant(Quick80.LEAST);
    b.isub();
    if (run) {
      putAside();
      significand(k);
      if (significandsAside) {
        b.lload(ALL_SIGNIFICANDS).land();
      }
      b.lstore(ALL_SIGNIFICANDS);
      significandsAside = true;
    } else {
      significand(k);
      f.call(QUICK, "require", V, I, J);
    }
  }

  private boolean isAside(int k) {
    return (aside >>> k & 1) != 0;
  }

  // ---- slots ---------------------------------------------------------------------------------------------------------------------------

  /** The slot of ST({@code st}). */
  int slot(int st) {
    return top + st & 7;
  }

  /** The same where the int on the stack is positive: one of a few bits. */
  void leaveIf() {
    if (run) {
      b.ineg();
      putAside();
    } else {
      f.call(ACCESS_TYPE, "unless", V, I);
    }
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

  /** Sees to it that {@code slots} hold common numbers. */
  void numbers(int slots) {
    taken(slots);
    for (int k = 0; k < SLOTS; k++) {
      if ((slots & ~common & 1 << k) != 0) {
        requireCommon(k);
      }
    }
    common |= slots;
  }

  /** Pushes sign and exponent, and significand. */
  void value(int k) {
    signExponent(k);
    significand(k);
  }

  void signExponent(int k) {
    b.iload((isAside(k) ? RUN_SIGN_EXPONENTS : SIGN_EXPONENTS) + k);
  }

  void significand(int k) {
    b.lload((isAside(k) ? RUN_SIGNIFICANDS : SIGNIFICANDS) + 2 * k);
  }

  /** Slot {@code k} gets the sign and exponent, and the significand on the stack. */
  void fill(int k, boolean isCommon) {
    b.lstore((run ? RUN_SIGNIFICANDS : SIGNIFICANDS) + 2 * k).istore((run ? RUN_SIGN_EXPONENTS : SIGN_EXPONENTS) + k);
    if (run) {
      aside |= 1 << k;
    }
    filled(k, isCommon);
  }

  private void filled(int k, boolean isCommon) {
    keep |= 1 << k;
    set |= 1 << k;
    full |= 1 << k;
    empty &= ~(1 << k);
    common = isCommon ? common | 1 << k : common & ~(1 << k);
  }

  private void pop() {
    int k = slot(0);
    keep &= ~(1 << k);
    set &= ~(1 << k);
    empty |= 1 << k;
    full &= ~(1 << k);
    common &= ~(1 << k);
    top++;
  }

  void clearC1() {
    f.constant(0);
    setC1();
  }

  /** C1 becomes the int on the stack. */
  void setC1() {
    b.istore(run ? RUN_C1 : C1);
    c1Aside = run;
  }

  /** Comparisons clear C1, or keep it. */
  void clearC1UnlessKept() {
    b.iload(C1).iload(KEPT).iand();
    setC1();
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

  boolean isCommon(int k) {
    return (common >>> k & 1) != 0;
  }

  /** Pushes the sign and exponent, and the significand on the stack. There is room. */
  void push(boolean isCommon) {
    fill(slot(-1), isCommon);
    clearC1();
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
      b.lload(T2).lstore(run ? RUN_DATA : DATA);
      dataAside |= run;
      segment = i.segment;
    }
  }
}
