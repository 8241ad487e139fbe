package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.Cpu;
import annulus.cpu.block.Block;
import annulus.cpu.block.BlockEnds;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.engine.translator.RegionPlan.Node;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the ends of blocks: jumps inside the region, with a look at budget and events where they go back, and exits. */
final class BranchWriter {
  /** log2 of the instructions between two looks at events, if there is a look in between. */
  private static final int BETWEEN_LOOKS = 8;

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  private final InlinedCallWriter inlined;
  private final RegionPlan plan;
  private final Spending spending;
  private final @Nullable StackWindow window;
  private final int most;
  /** Where control leaves to an offset in {@link Frame#ENTRY} that is none of the entries. */
  private final Label away;
  private final Map<Node, Label> labels = new HashMap<>();
  /** Exits to places of this page; written at the end. */
  private final Map<Exit, Label> exits = new HashMap<>();
  /** Exits before which flags are stored that are not with the processor; written at the end. */
  private final List<Stub> stubs = new ArrayList<>();

  /** The instruction at the block's end has changed nothing when it is seen to go somewhere. */
  private boolean repeatable;

  private record Stub(Label label, Exit exit, int form, int size) { }

  /** To an offset, {@code owed} instructions behind with the budget. */
  private record Exit(long offset, int owed) { }

  BranchWriter(Frame f, FlagWriter flags, MemoryWriter memory, RegionPlan plan, Spending spending,
      @Nullable StackWindow window) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
    this.plan = plan;
    this.spending = spending;
    this.window = window;
    inlined = new InlinedCallWriter(f, flags, memory, plan, this);
    most = plan.instructions();
    away = b.newLabel();
    for (Node n : plan.nodes) {
      labels.put(n, b.newLabel());
    }
  }

  /** Whether {@link #write} knows {@code i}, which ends a block. */
  static boolean knows(Instruction i) {
    if (!BlockEnds.branches(i) || i.operandSize != (i.codeBits == 64 ? 8 : 4) || !MemoryWriter.addressable(i)) {
      return false;
    }
    return switch (i.mnemonic) {
      case JCC, LOOP, JCXZ -> true;
      case JMP, CALL -> i.kind0 == Instruction.RELATIVE
          || i.codeBits == 64 && (i.kind0 == Instruction.GPR || i.kind0 == Instruction.MEMORY);
      case RET -> true;
      default -> false;
    };
  }

  /** Whether {@code i} is a jump that {@link #write} knows, with a target that the code gives and nothing else that can fault. */
  static boolean direct(Instruction i) {
    return knows(i) && switch (i.mnemonic) {
      case JCC, LOOP, JCXZ -> true;
      case JMP -> i.kind0 == Instruction.RELATIVE;
      default -> false;
    };
  }

  static boolean conditional(Instruction i) {
    return i.mnemonic == Mnemonic.JCC;
  }

  /** Offset of the target inside the page of a jump that ends {@code n}, or something that is no offset. */
  static long target(Node n, Instruction i) {
    long displacement = BlockEnds.displacement(i);
    return displacement == Block.NOWHERE ? -1 : n.end + displacement;
  }

  Label label(Node n) {
    return Objects.requireNonNull(labels.get(n));
  }

  /** Leaves {@code n}, which does not end with a branch. */
  void fallThrough(Node n) {
    repeatable = false;
    edge(n, n.end);
  }

  /** Writes the branch {@code i} at the end of {@code n}. */
  void write(Node n, Instruction i) {
    long target = target(n, i);
    repeatable = i.mnemonic != Mnemonic.LOOP;
    switch (i.mnemonic) {
      case JCC -> conditional(n, target, to -> flags.conditions.branch(i.condition, to), to -> flags.conditions.branch(i.condition ^ 1, to));
      case LOOP -> {
        memory.register(Instruction.GPR, Cpu.RCX, i.addressSize);
        f.constant(1L);
        b.lsub();
        memory.toRegister(Instruction.GPR, Cpu.RCX, i.addressSize);
        countZero(n, i, target, false);
      }
      case JCXZ -> countZero(n, i, target, true);
      case JMP -> jump(n, i, target);
      case CALL -> call(n, i, target);
      default -> {
        if (n.function == null) {
          ret(n, i);
        } else {
          inlined.ret(n, i, n.function);
        }
      }
    }
  }

  private void countZero(Node n, Instruction i, long target, boolean when) {
    memory.register(Instruction.GPR, Cpu.RCX, i.addressSize);
    f.constant(0L);
    b.lcmp();
    b.istore(INT);
    conditional(n, target, to -> zero(when, to), to -> zero(!when, to));
  }

  private void zero(boolean when, Label to) {
    b.iload(INT);
    if (when) {
      b.ifeq(to);
    } else {
      b.ifne(to);
    }
  }

  private interface Condition {
    void branch(Label to);
  }

  private void conditional(Node n, long target, Condition taken, Condition not) {
    Node inside = plan.to(n, target);
    boolean settles = settles(n, target);
    if (settles && settles(n, n.end)) {
      flags.settle();
      settles = false;
    }
    if (!settles && inside != null && target > n.offset && spending.owed(n, inside) == 0) {
      taken.branch(label(inside));
    } else if (!settles && inside == null && plan.inside(target)) {
      taken.branch(exitLabel(n, target));
    } else {
      Label over = b.newLabel();
      not.branch(over);
      edge(n, target);
      b.labelBinding(over);
    }
    edge(n, n.end);
  }

  /** Whether whoever goes to {@code offset} has to give the processor flags that it does not have. */
  private boolean settles(Node from, long offset) {
    Node to = plan.to(from, offset);
    return flags.pending() && (to == null || to.flagsLive && !(to.follows && offset == from.end));
  }

  /** Goes to {@code offset}: inside the region, or out of it. */
  private void edge(Node from, long offset) {
    Node to = plan.to(from, offset);
    boolean settles = settles(from, offset);
    if (settles) {
      flags.settleAside();
    }
    if (to == null) {
      if (plan.inside(offset)) {
        b.goto_(exitLabel(from, offset));
      } else {
        f.pointer(offset);
        b.lstore(TARGET);
        canonical();
        leave(from, f.exit);
      }
      return;
    }
    f.spend(spending.owed(from, to));
    if (offset > from.offset) {
      b.goto_(label(to));
      return;
    }
    int owed = -spending.ahead(to);
    Exit exit = new Exit(offset, owed);
    if (flags.pending() && !settles) {
      Stub stub = new Stub(b.newLabel(), exit, flags.form(), flags.size());
      stubs.add(stub);
      poll(stub.label, owed);
    } else {
      poll(exitLabel(exit), owed);
    }
    b.goto_(label(to));
  }

  /** Goes from the end of {@code from} to {@code out}, where nothing is owed. */
  private void leave(Node from, Label out) {
    f.spend(spending.owed(from));
    b.goto_(out);
  }

  /** Goes from the end of {@code from} to {@code to}, which lies further on. */
  void go(Node from, Node to) {
    f.spend(spending.owed(from, to));
    b.goto_(label(to));
  }

  /**
   * Goes to {@code out} when the budget, of which {@code owed} instructions are still to be taken, gets short or an event is pending; where
   * registers are in locals it does not look each time.
   */
  private void poll(Label out, int owed) {
    Label on = b.newLabel();
    if (f.locals) {
      // What is left here is a constant, not what came last on any of the ways to here.
      f.constant(0);
      b.istore(AT);
      flags.toldNothing();
      f.rest().lload(LOOK).lcmp().ifge(on);
    }
    if (!f.calls) {
      f.rest();
    }
    f.constant(most + owed);
    f.field("PENDING", PENDING_TYPE);
    f.field("GPR", LONGS);
    if (f.calls) {
      f.call(ACCESS_TYPE, "goesOn", I, I, PENDING_TYPE, LONGS);
    } else {
      f.call(ACCESS_TYPE, "goesOn", I, J, I, PENDING_TYPE, LONGS);
    }
    if (!f.locals) {
      b.ifeq(out);
    } else {
      b.istore(INT);
      b.iload(INT).ifeq(out);
      f.rest();
      // It is 1, but C2 does not know, and would work this out before it is known whether there is to be a look.
      b.iload(INT).i2l();
      f.constant(BETWEEN_LOOKS);
      b.lshl().lsub();
      // Wherever the next look is, at most so many are owed there.
      f.constant((long) most - spending.least());
      f.call(type(Math.class), "max", J, J, J);
      b.lstore(LOOK);
    }
    b.labelBinding(on);
  }

  /** Goes to the entry {@link Frame#ENTRY}. */
  void dispatch() {
    List<Integer> cases = new ArrayList<>();
    for (Node entry : plan.entryNodes()) {
      cases.add(entry.offset);
    }
    choose(cases);
  }

  /** A search by comparisons and no switch: HotSpot leaves out the cases of a switch that it has not seen taken. */
  private void choose(List<Integer> cases) {
    if (cases.size() > 3) {
      int middle = cases.size() / 2;
      Label upper = b.newLabel();
      b.iload(ENTRY);
      f.constant((int) cases.get(middle));
      b.if_icmpge(upper);
      choose(cases.subList(0, middle));
      b.labelBinding(upper);
      choose(cases.subList(middle, cases.size()));
      return;
    }
    for (int n : cases) {
      Node entry = Objects.requireNonNull(plan.node(n));
      int ahead = spending.ahead(entry);
      b.iload(ENTRY);
      f.constant(n);
      if (ahead == 0) {
        b.if_icmpeq(label(entry));
      } else {
        Label not = b.newLabel();
        b.if_icmpne(not);
        f.spend(ahead);
        b.goto_(label(entry));
        b.labelBinding(not);
      }
    }
    b.goto_(away);
  }

  /** Leaves from the end of {@code from} to {@code offset}. */
  Label exitLabel(Node from, long offset) {
    return exitLabel(new Exit(offset, spending.owed(from)));
  }

  private Label exitLabel(Exit exit) {
    return exits.computeIfAbsent(exit, o -> b.newLabel());
  }

  /**
   * Sees to it that the target is canonical: where it is not one of 48 bits, a call asks exactly, or who comes after the region does. That
   * one asks anyway, only that it knows no more which instruction led there.
   */
  private void canonical() {
    if (plan.bits != 64 || f.locals && !repeatable) {
      return;
    }
    if (f.calls) {
      f.cpu().lload(TARGET);
      f.constant(f.number);
      f.call(ACCESS_TYPE, "requireCanonical", V, CPU_TYPE, J, I);
      return;
    }
    Label canonical = b.newLabel();
    b.lload(TARGET);
    f.constant(1L << 47);
    b.ladd();
    f.constant(48);
    b.lushr().l2i().ifle(canonical);
    if (f.locals) {
      // Control comes to what is written next in another way too.
      flags.toldNothing();
      flags.tell();
      flags.toldNothing();
      b.getstatic(LEAVE_TYPE, "INSTANCE", LEAVE_TYPE).athrow();
      b.labelBinding(canonical);
      return;
    }
    f.cpu().lload(TARGET);
    flags.where();
    f.call(ACCESS_TYPE, "requireCanonicalSlow", V, CPU_TYPE, J, I, J, J, J);
    b.labelBinding(canonical);
  }

  /** Writes the exits that were asked for, and what follows an indirect branch. */
  void finish(Label dispatch) {
    if (f.goesIndirect) {
      indirect(dispatch);
    }
    b.labelBinding(away);
    b.lload(START).iload(ENTRY).i2l().ladd();
    f.masked();
    b.lstore(TARGET);
    b.goto_(f.exit);
    for (Stub s : stubs) {
      b.labelBinding(s.label);
      flags.settleAside(s.form, s.size);
      b.goto_(exitLabel(s.exit));
    }
    exits.forEach((exit, label) -> {
      b.labelBinding(label);
      f.spend(exit.owed);
      f.pointer(exit.offset);
      b.lstore(TARGET);
      b.goto_(f.exit);
    });
  }

  private void indirect(Label dispatch) {
    b.labelBinding(f.indirect);
    if (f.locals && (plan.depth().used() || !plan.comesBack())) {
      // Another entry may have another place for TOP. And if nothing comes back, C2 sees no loop around all that the region has.
      b.goto_(f.exit);
      return;
    }
    if (f.calls) {
      b.lload(TARGET).lload(START);
      f.constant(plan.pages.span());
      f.constant(most);
      f.field("PENDING", PENDING_TYPE);
      f.field("GPR", LONGS);
      f.call(ACCESS_TYPE, "inside", I, J, J, I, I, PENDING_TYPE, LONGS);
      b.dup().istore(ENTRY);
      b.iflt(f.exit);
      b.goto_(dispatch);
      return;
    }
    b.lload(TARGET).lload(START).lsub().lstore(T0);
    b.lload(T0);
    f.constant(12);
    b.lushr();
    f.constant((long) plan.pages.span());
    b.lcmp().ifge(f.exit);
    poll(f.exit, 0);
    b.lload(T0).l2i().istore(ENTRY);
    if (window != null) {
      window.write(f, memory, f.exit);
    }
    b.goto_(dispatch);
  }

  // ---- unconditional --------------------------------------------------------------------------------------------------------

  private void jump(Node n, Instruction i, long target) {
    if (i.kind0 == Instruction.RELATIVE) {
      edge(n, target);
      return;
    }
    flags.settle();
    memory.operand(i, 0, n.end, 8);
    b.lstore(TARGET);
    canonical();
    f.spend(spending.owed(n));
    f.goIndirect();
  }

  private void call(Node n, Instruction i, long target) {
    if (!n.inlined.isEmpty()) {
      inlined.call(n, i);
      return;
    }
    int size = i.operandSize;
    Node inside = plan.to(n, target);
    if (inside == null) {
      flags.settle();
      if (i.kind0 == Instruction.RELATIVE) {
        f.pointer(target);
      } else {
        memory.operand(i, 0, n.end, 8);
      }
      b.lstore(TARGET);
      canonical();
      if (!f.locals && i.kind0 != Instruction.RELATIVE) {
        b.lload(TARGET).lload(START);
        f.field("CALLED", LONGS);
        f.constant(2 * f.indirectCalls.size());
        f.call(ACCESS_TYPE, "goesTo", V, J, J, LONGS, I);
        f.indirectCalls.add(n.end);
      }
    }
    memory.push(size, () -> f.pointer(n.end));
    if (inside != null) {
      edge(n, target);
    } else if (f.calls && plan.entry(n.end)) {
      callOut(n);
    } else if (i.kind0 == Instruction.RELATIVE) {
      leave(n, f.exit);
    } else {
      f.spend(spending.owed(n));
      f.goIndirect();
    }
  }

  /** Has what is called run below this region, which goes on when control comes back. */
  private void callOut(Node n) {
    f.callsOut = true;
    f.field("REGIONS", RUNNER_TYPE);
    b.aload(0).lload(TARGET);
    f.pointer(n.end);
    b.invokevirtual(RUNNER_TYPE, "call", MethodTypeDesc.of(Z, REGION_TYPE, J, J));
    b.ifne(label(Objects.requireNonNull(plan.node(n.end))));
    b.goto_(f.gone);
  }

  /** How far RET takes the stack pointer. */
  static long release(Instruction ret) {
    return ret.operandSize + (ret.kind0 == Instruction.IMMEDIATE ? ret.immediate & 0xFFFF : 0);
  }

  private void ret(Node n, Instruction i) {
    int size = i.operandSize;
    long release = release(i);
    flags.settle();
    if (memory.callsForStack(size)) {
      memory.returns((int) release);
      b.lstore(TARGET);
      f.goIndirect();
      return;
    }
    memory.top(Cpu.RSP, size);
    b.lstore(TARGET);
    canonical();
    memory.release(release);
    f.spend(spending.owed(n));
    f.goIndirect();
  }
}
