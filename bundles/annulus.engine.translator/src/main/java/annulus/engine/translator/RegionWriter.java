package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.block.BlockEnds;
import annulus.cpu.block.CodePage;
import annulus.cpu.block.Region;
import annulus.cpu.block.RegionRunner;
import annulus.cpu.block.op.Op;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.exec.Semantics;
import annulus.engine.translator.RegionPlan.Node;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes the class of a region. With registers that stay with the processor ({@link Form}):
 *
 * <pre>
 * run:  to the block of the entry
 *       blocks: each instruction stores the registers it changes; its slow path, or it, leaves word first of its number, of rest and
 *               of flags that nobody else wants to see
 *       rest -= instructions: in the blocks where accesses are calls, else on ways between them, as {@link Spending} says
 *       calls out of it: run what is called; behind them, or return rest
 *       exit: rip = target; return rest
 * </pre>
 *
 * and with registers in locals:
 *
 * <pre>
 * run:  registers into locals; to the block of the entry
 *       blocks: each instruction that may have to be left to others says first which it is
 *       rest -= instructions: on ways between blocks
 *       exit: registers back; rip = target; return rest
 *       left: registers, flags, number and rest back; return LEFT
 * </pre>
 *
 * Either holds the processor's registers exactly as they are before the current instruction whenever something can throw, or at
 * {@code left}, because an instruction changes none before it is past its faults.
 */
final class RegionWriter {
  private static final ClassDesc SHAPE = type(Region.Shape.class);
  private static final MethodTypeDesc RUN = MethodTypeDesc.of(J, J, I, J);
  private static final MethodTypeDesc MEANING = MethodTypeDesc.of(V, CPU_TYPE, INSTRUCTION_TYPE);

  private final RegionPlan plan;
  private final Form form;
  private final ClassDesc self;
  private final RegisterUse use;
  private final Spending spending;
  private final List<Instruction> constants = Frame.newConstants();
  private final int[] offsets;
  private final short[] unrun;
  private final boolean[] stack;
  private final Quick80.Points points;
  /** Where registers are in locals. */
  private final @Nullable OrdinaryFlow ordinary;
  private final @Nullable StackWindow window;
  private final Map<Node, List<List<NearAccesses.Access>>> accesses;
  /** Offsets behind calls of which the region keeps where they go, and the targets. */
  private int[] calls = {};
  private long[] called = {};
  private boolean callsOut;
  private int[] constantOffsets = {};
  private int number;

  private record Writers(Frame frame, FlagWriter flags, MemoryWriter memory, BranchWriter branches, IntegerWriter integers, XmmOperands xmm,
      SimdWriter simd, FloatWriter floats, X87Writer x87, StackSlots slots, StackWriter stack) { }

  /**
   * @param entry offset of where it was entered when it was asked for
   * @param stackPointer RSP there, or nothing where it differs from time to time: if accesses to the stack do not all lie in the same page,
   *     they share no probes
   */
  RegionWriter(RegionPlan plan, String name, Form form, int entry, OptionalLong stackPointer) {
    this.plan = plan;
    this.form = form;
    self = ClassDesc.of(name);
    use = RegisterUse.of(plan);
    spending = form.calls() ? Spending.byBlocks(plan) : Spending.byWays(plan);
    ordinary = form.locals() && use.doubles() != 0 ? new OrdinaryFlow(plan) : null;
    StackWindow onStack = form == Form.LOCALS ? StackWindow.of(plan) : null;
    Map<Node, List<List<NearAccesses.Access>>> all = form.sharesProbes() ? NearAccesses.of(plan, onStack) : Map.of();
    boolean apart = onStack != null && (stackPointer.isEmpty() || !onStack.inPage(stackPointer.getAsLong(), plan.node(entry)));
    window = apart || onStack != null && onStack.accesses.isEmpty() ? null : onStack;
    accesses = apart ? NearAccesses.withoutStack(plan) : all;
    int count = plan.instructions();
    for (RegionPlan.Node n : plan.nodes) { // no stream: see CompileQueue
      for (Instruction i : n.instructions) {
        count += IntegerWriter.pushesMemory(i) ? 1 : 0;
      }
    }
    offsets = new int[count];
    unrun = new short[count];
    stack = new boolean[count];
    points = Quick80.Points.of(stackInLocals() ? count : 0);
  }

  /** What the region knows of its code; after {@link #write}. */
  Region.Shape shape(CodePage[] pages, int[] distances) {
    if (form.locals()) {
      keepCopied();
    }
    return new Region.Shape(offsets.length, form.tier(), pages, distances, offsets, unrun, stack, calls, called);
  }

  /** Keeps where those calls go that it has copies for: what takes its place has use for them too. */
  private void keepCopied() {
    List<Node> copied = new ArrayList<>();
    for (Node n : plan.nodes) { // no stream: see CompileQueue
      Instruction last = n.last();
      if (last != null && !n.inlined.isEmpty() && last.kind0 != Instruction.RELATIVE) {
        copied.add(n);
      }
    }
    calls = new int[copied.size()];
    called = new long[2 * calls.length];
    for (int n = 0; n < calls.length; n++) {
      List<InlinedFunction> functions = copied.get(n).inlined;
      calls[n] = copied.get(n).end;
      for (int k = 0; k < functions.size(); k++) {
        called[2 * n + k] = functions.get(k).first().offset;
      }
    }
  }

  /** Whether control is looked at for where the stack is before it comes in. */
  boolean looksAtStack() {
    return window != null;
  }

  // What there is to keep of a region, after write: see KeptRegion

  int[] offsets() {
    return offsets;
  }

  short[] unrun() {
    return unrun;
  }

  boolean[] stack() {
    return stack;
  }

  int[] calls() {
    return calls;
  }

  boolean callsOut() {
    return callsOut;
  }

  /** Of instructions that run by their general meaning: the class data after the fixed entries. */
  int[] constantOffsets() {
    return constantOffsets;
  }

  byte[] write() {
    return ClassFile.of().build(self, c -> {
      c.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
      c.withSuperclass(REGION_TYPE);
      c.withMethodBody(ConstantDescs.INIT_NAME, MethodTypeDesc.of(V, SHAPE), 0,
          b -> b.aload(0).aload(1).invokespecial(REGION_TYPE, ConstantDescs.INIT_NAME, MethodTypeDesc.of(V, SHAPE)).return_());
      c.withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, this::run);
      constants(c);
    });
  }

  // ---- constants --------------------------------------------------------------------------------------------------------------

  /** The class data's entries by name; {@link #data} gives their values in the same order. */
  private Map<String, ClassDesc> fields() {
    Map<String, ClassDesc> fields = new LinkedHashMap<>();
    fields.put("CPU", CPU_TYPE);
    fields.put("GPR", LONGS);
    fields.put("XMM", LONGS);
    fields.put("TLB", LONGS);
    fields.put("MEMORY", MEMORY_TYPE);
    fields.put("PENDING", PENDING_TYPE);
    if (stackInLocals()) {
      fields.put("ST_S", LONGS);
      fields.put("ST_E", StackSlots.INTS);
      fields.put("POINTS", StackSlots.POINTS);
    }
    if (called.length != 0) {
      fields.put("CALLED", LONGS);
    }
    if (callsOut) {
      fields.put("REGIONS", RUNNER_TYPE);
    }
    for (int n = 0; n < constants.size(); n++) {
      fields.put("I" + n, INSTRUCTION_TYPE);
      fields.put("S" + n, SEMANTICS_TYPE);
    }
    return fields;
  }

  private boolean stackInLocals() {
    return form.locals() && plan.depth().used();
  }

  /** The class data, for {@code c} and what runs its {@code regions}. After {@link #write}. */
  List<Object> data(Cpu c, RegionRunner regions) {
    return data(c, stackInLocals() ? List.of(c.fpu.significand, c.fpu.signExponent, points) : List.of(), called,
        callsOut ? regions : null, constants);
  }

  /**
   * The class data of a region.
   *
   * @param x87 what registers of the x87 stack in locals take
   * @param called where it keeps what it calls
   * @param regions null where it runs none
   * @param constants instructions that run by their general meaning
   */
  static List<Object> data(Cpu c, List<Object> x87, long[] called, @Nullable RegionRunner regions, List<Instruction> constants) {
    List<Object> data = new ArrayList<>(List.of(c, c.gpr, c.xmm, c.tlb, c.memory, c.context.pending()));
    data.addAll(x87);
    if (called.length != 0) {
      data.add(called);
    }
    if (regions != null) {
      data.add(regions);
    }
    for (Instruction i : constants) {
      data.add(i);
      data.add(i.semantics);
    }
    return data;
  }

  private void constants(ClassBuilder c) {
    Map<String, ClassDesc> fields = fields();
    fields.forEach((name, type) -> c.withField(name, type, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL | ClassFile.ACC_PRIVATE));
    c.withMethodBody(ConstantDescs.CLASS_INIT_NAME, ConstantDescs.MTD_void, ClassFile.ACC_STATIC, b -> {
      ClassDesc list = type(List.class);
      b.invokestatic(ConstantDescs.CD_MethodHandles, "lookup", MethodTypeDesc.of(ConstantDescs.CD_MethodHandles_Lookup));
      b.ldc(ConstantDescs.DEFAULT_NAME).ldc(list);
      b.invokestatic(ConstantDescs.CD_MethodHandles, "classData",
          MethodTypeDesc.of(ConstantDescs.CD_Object, ConstantDescs.CD_MethodHandles_Lookup, ConstantDescs.CD_String,
              ConstantDescs.CD_Class));
      b.checkcast(list).astore(0);
      int n = 0;
      for (Map.Entry<String, ClassDesc> field : fields.entrySet()) {
        b.aload(0).loadConstant(n++).invokeinterface(list, "get", MethodTypeDesc.of(ConstantDescs.CD_Object, I));
        b.checkcast(field.getValue()).putstatic(self, field.getKey(), field.getValue());
      }
      b.return_();
    });
  }

  // ---- the method -------------------------------------------------------------------------------------------------------------

  private void run(CodeBuilder b) {
    Frame f = new Frame(b, self, use, constants, plan.bits, form);
    FlagWriter flags = new FlagWriter(f);
    MemoryWriter memory = new MemoryWriter(f, flags);
    BranchWriter branches = new BranchWriter(f, flags, memory, plan, spending, window);
    XmmOperands xmm = new XmmOperands(f, flags, memory);
    StackSlots slots = new StackSlots(f, flags, plan, points);
    Writers writers = new Writers(f, flags, memory, branches, new IntegerWriter(f, flags, memory), xmm, new SimdWriter(f, memory, xmm),
        new FloatWriter(f, flags, memory, xmm), new X87Writer(f, flags, memory), slots,
        new StackWriter(f, flags, memory, slots));
    FlagLiveness.analyse(plan);
    Label from = b.newLabel();
    Label to = b.newLabel();
    enter(f, writers);
    lookAtEntries(writers);
    b.labelBinding(from);
    branches.dispatch();
    for (Node n : plan.order) {
      block(writers, n, accesses.getOrDefault(n, List.of()));
    }
    branches.finish(from);
    calls = new int[f.indirectCalls.size()];
    for (int n = 0; n < calls.length; n++) { // no stream: see CompileQueue
      calls[n] = f.indirectCalls.get(n);
    }
    called = new long[2 * calls.length];
    callsOut = f.callsOut;
    constantOffsets = new int[constants.size()];
    for (int n = 0; n < constantOffsets.length; n++) {
      constantOffsets[n] = offsets[f.constantNumbers.get(n)];
    }
    b.labelBinding(to);
    exit(f, writers);
    if (f.locals) {
      left(f, writers, from, to);
    }
  }

  private static void enter(Frame f, Writers w) {
    CodeBuilder b = f.b;
    b.iload(ENTRY);
    f.call(type(Warmup.class), "enter", V, I);
    if (f.calls) {
      f.field("GPR", LONGS);
      f.constant(Op.REST);
      b.lload(REST).lastore();
      return;
    }
    context(f);
    if (!f.locals) {
      return;
    }
    f.constant(Long.MAX_VALUE);
    b.lstore(LOOK);
    f.load();
    w.xmm.load();
    w.slots.load();
    f.constant(0);
    b.istore(AT);
    f.constant(0);
    b.istore(LEFT_FORM);
    f.constant(0L);
    b.lstore(LEFT_A);
    f.constant(0L);
    b.lstore(LEFT_B);
    if (f.use.fs) {
      base(f, Seg.FS, FS);
    }
    if (f.use.gs) {
      base(f, Seg.GS, GS);
    }
  }

  /** Does not go on at an entry where the stack is not to be had, or the doubles that are computed with from there are not ordinary. */
  private void lookAtEntries(Writers w) {
    CodeBuilder b = w.frame.b;
    Label not = b.newLabel();
    Label on = b.newLabel();
    boolean looks = window != null;
    if (window != null) {
      window.write(w.frame, w.memory, not);
    }
    for (Node entry : plan.entryNodes()) {
      int halves = ordinary == null ? 0 : ordinary.looksAtEntry(entry);
      if (halves != 0) {
        looks = true;
        Label next = b.newLabel();
        b.iload(ENTRY);
        w.frame.constant(entry.offset);
        b.if_icmpne(next);
        w.xmm.unlessOrdinary(halves, not);
        b.labelBinding(next);
      }
    }
    if (looks) {
      b.goto_(on);
      b.labelBinding(not);
      w.frame.constant(Region.NOT_ENTERED);
      b.lreturn();
      b.labelBinding(on);
    }
  }

  private static void base(Frame f, int segment, int local) {
    ClassDesc type = type(annulus.cpu.Segment.class);
    f.cpu().getfield(CPU_TYPE, "seg", type.arrayType());
    f.constant(segment);
    f.b.aaload().getfield(type, "base", J).lstore(local);
  }

  private void block(Writers w, Node n, List<List<NearAccesses.Access>> accesses) {
    Frame f = w.frame;
    CodeBuilder b = f.b;
    b.labelBinding(w.branches.label(n));
    if (!n.follows) {
      f.join();
      w.flags.join();
      w.xmm.join(ordinary == null ? 0 : ordinary.at(n));
      w.x87.join();
    }
    w.slots.begin(n, !n.follows);
    w.simd.begin(n.instructions);
    int count = n.instructions.size();
    f.spend(spending.inBlock(n));
    int ahead = spending.ahead(n) + spending.inBlock(n);
    FlagLiveness.Needs needs = FlagLiveness.needs(plan, n);
    boolean[] needed = needs.needed();
    int offset = n.offset;
    for (int k = 0; k < count; k++) {
      Instruction i = n.instructions.get(k);
      w.memory.begin(accesses.isEmpty() ? List.of() : accesses.get(k));
      offsets[number] = offset;
      unrun[number] = (short) (ahead - k);
      w.flags.visible(needs.visible()[k]);
      if (!f.locals && FlagLiveness.faults(plan, n, k) && !IntegerWriter.knows(i) && !BranchWriter.knows(i)) {
        w.flags.settle();
        tell(f);
      }
      f.number = number;
      StackRun run = f.calls ? StackRun.of(n.instructions, k) : null;
      if (run != null && run.worthwhile()) {
        run.write(f, number);
        for (int last = k + run.count(); k < last; k++) {
          offsets[number] = offset;
          unrun[number] = (short) (ahead - k);
          stack[number++] = true;
          offset += n.instructions.get(k).length;
        }
        k--;
        continue;
      }
      offset += i.length;
      if (!X87Writer.knows(i)) {
        w.slots.settle();
      }
      w.slots.point(number);
      if (BranchWriter.knows(i)) {
        if (n.looks != 0) {
          w.flags.tell();
          w.xmm.requireOrdinary(n.looks);
        }
        w.slots.end();
        stack[number++] = i.mnemonic == Mnemonic.CALL || i.mnemonic == Mnemonic.RET;
        w.branches.write(n, i);
        return;
      }
      if (IntegerWriter.knows(i)) {
        stack[number++] = IntegerWriter.stack(i);
        if (IntegerWriter.pushesMemory(i)) {
          w.slots.point(number);
          offsets[number] = offsets[number - 1];
          unrun[number] = unrun[number - 1];
          stack[number++] = true;
        }
        w.integers.write(i, offset, needed[k]);
      } else if (SimdWriter.knows(i)) {
        stack[number++] = i.hasMemory() && i.segment == Seg.SS;
        w.simd.write(i, k, offset);
      } else if (FloatWriter.knows(i)) {
        stack[number++] = i.hasMemory() && i.segment == Seg.SS;
        w.floats.write(i, offset, needed[k]);
      } else if (X87Writer.knows(i)) {
        stack[number++] = i.hasMemory() && i.segment == Seg.SS;
        if (f.locals) {
          w.stack.write(i, offset, needed[k]);
        } else {
          w.x87.write(i, offset, needed[k]);
        }
      } else {
        number++;
        boolean passed = BlockEnds.passed(i) && (i.mnemonic != Mnemonic.STI || plan.node(offset) != null);
        boolean ends = !passed && (BlockEnds.branches(i) || BlockEnds.endsRegion(i));
        general(f, w.flags, i, offset, ends);
        w.xmm.forget();
        if (ends) {
          return;
        }
      }
    }
    w.slots.end();
    if (n.looks != 0) {
      w.flags.settle();
      w.xmm.unlessOrdinary(n.looks, w.branches.exitLabel(n, n.end));
    }
    w.branches.fallThrough(n);
  }

  /** Leaves word of where it is, for a fault. */
  private void tell(Frame f) {
    f.field("GPR", LONGS);
    f.constant(Op.AT);
    f.constant((long) number);
    f.b.lastore();
    if (!f.calls) {
      f.field("GPR", LONGS);
      f.constant(Op.REST);
      f.b.lload(REST).lastore();
    }
  }

  /** Runs {@code i} by its general meaning, on the processor. */
  private void general(Frame f, FlagWriter flags, Instruction i, int next, boolean ends) {
    CodeBuilder b = f.b;
    int n = f.constantOf(i);
    GeneralUse used = GeneralUse.of(i);
    f.cpu();
    f.pointer(next);
    b.putfield(CPU_TYPE, "rip", J);
    f.field("S" + n, SEMANTICS_TYPE);
    f.cpu();
    f.field("I" + n, INSTRUCTION_TYPE);
    b.invokeinterface(type(Semantics.class), "execute", MEANING);
    f.called(used.written);
    if (used.flags) {
      flags.join();
    }
    Label on = b.newLabel();
    if (ends) {
      if (BlockEnds.endsRegion(i)) {
        endBlock(f);
      }
    } else if (!BlockEnds.passed(i)) {
      f.cpu().getfield(CPU_TYPE, "endBlock", Z).ifle(on);
    } else if (i.repeat != 0) {
      f.cpu();
      f.pointer(next);
      f.call(ACCESS_TYPE, "complete", I, CPU_TYPE, J);
      b.ifgt(on);
    } else if (i.mnemonic == Mnemonic.STI) {
      f.cpu();
      f.field("PENDING", PENDING_TYPE);
      f.call(ACCESS_TYPE, "passesSti", I, CPU_TYPE, PENDING_TYPE);
      b.ifgt(on);
    } else {
      readAgain(f, i);
      return;
    }
    f.cpu().getfield(CPU_TYPE, "rip", J).lstore(TARGET);
    // What has not run of the block was not run.
    f.spend(1L - unrun[number - 1]);
    b.goto_(f.exit);
    b.labelBinding(on);
  }

  /** Takes over what {@code i} has changed of what accesses and looks at events go by. */
  private static void readAgain(Frame f, Instruction i) {
    switch (i.mnemonic) {
      case SWAPGS -> {
        f.cpu();
        f.call(ACCESS_TYPE, "takeBases", V, CPU_TYPE);
        f.forgetBases();
      }
      case CLI -> {
        f.cpu();
        f.call(ACCESS_TYPE, "attend", V, CPU_TYPE);
      }
      default -> {
        // What code is fetched by may have changed too: the engine looks at it when the region is left.
        endBlock(f);
        if (!f.calls) {
          context(f);
        }
      }
    }
  }

  private static void endBlock(Frame f) {
    f.cpu();
    f.constant(1);
    f.b.putfield(CPU_TYPE, "endBlock", Z);
  }

  private static void context(Frame f) {
    f.field("MEMORY", MEMORY_TYPE);
    f.b.getfield(MEMORY_TYPE, "dataContext", I).i2l().lstore(CONTEXT);
  }

  private static void exit(Frame f, Writers w) {
    CodeBuilder b = f.b;
    b.labelBinding(f.exit);
    if (f.locals) {
      f.spill();
      w.xmm.spill();
      w.slots.spill();
      w.flags.storeParked();
    }
    f.cpu().lload(TARGET).putfield(CPU_TYPE, "rip", J);
    b.labelBinding(f.gone);
    f.rest().lreturn();
  }

  /** Where what an instruction needs is not to be had in place: it is as if it had not begun. */
  private static void left(Frame f, Writers w, Label from, Label to) {
    CodeBuilder b = f.b;
    Label left = b.newLabel();
    b.labelBinding(left);
    b.pop();
    f.spill();
    w.xmm.spill();
    w.slots.left();
    w.flags.storeParked();
    f.field("GPR", LONGS);
    f.constant(Op.AT);
    b.iload(AT).i2l().lastore();
    f.field("GPR", LONGS);
    f.constant(Op.REST);
    b.lload(REST).lastore();
    f.constant(Region.LEFT);
    b.lreturn();
    b.exceptionCatch(from, to, left, LEAVE_TYPE);
  }

  /** Whether a region with registers in locals does {@code i} itself, and without a call. */
  static boolean inPlace(Instruction i) {
    return BranchWriter.knows(i) || IntegerWriter.knows(i) || SimdWriter.knows(i) || FloatWriter.knows(i) && FloatWriter.inPlace(i)
        || StackWriter.knows(i);
  }
}
