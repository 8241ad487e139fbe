package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.engine.translator.RegionPlan.Node;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;

/** Writes calls and returns of {@link InlinedFunction}s. Where control goes another way than usual the region is left before it. */
final class InlinedCallWriter {
  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  private final RegionPlan plan;
  private final BranchWriter branches;

  InlinedCallWriter(Frame f, FlagWriter flags, MemoryWriter memory, RegionPlan plan, BranchWriter branches) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
    this.plan = plan;
    this.branches = branches;
  }

  /** Calls what the region has a copy of for this call. Where it goes elsewhere than it used to the region is left before it. */
  void call(Node n, Instruction i) {
    Node one = n.inlined.getFirst().first();
    Node other = n.inlined.getLast().first();
    Node first = one.offset < other.offset ? one : other;
    Node second = first == one ? other : one;
    if (i.kind0 != Instruction.RELATIVE) {
      memory.operand(i, 0, n.end, 8);
      b.lstore(TARGET);
      flags.tell();
      b.lload(TARGET);
      if (second == first) {
        f.pointer(first.offset);
      } else {
        b.lload(TARGET);
        f.pointer(first.offset);
        f.pointer(second.offset);
        f.call(ACCESS_TYPE, "candidate", J, J, J, J);
      }
      b.lxor();
      require();
    }
    memory.push(i.operandSize, () -> f.pointer(n.end));
    if (flags.pending() && (first.flagsLive || second.flagsLive)) {
      flags.settle();
    }
    if (second != first) {
      // By order: C2 thinks that an equality fails.
      b.lload(TARGET);
      f.pointer(first.offset);
      b.lcmp();
      Label higher = b.newLabel();
      b.ifgt(higher);
      branches.go(n, first);
      b.labelBinding(higher);
    }
    branches.go(n, second);
  }

  /** Leaves the region before the instruction, of which word has been left, where the number on the stack is not 0. */
  private void require() {
    f.constant(0L);
    f.call(ACCESS_TYPE, "hit", J, J, J);
    b.pop2();
  }

  /** Returns from a copy of a function. Where that does not lead back to its call the region is left before it. */
  void ret(Node n, Instruction i, InlinedFunction function) {
    if (function.keepsReturnAddress()) {
      f.get(Cpu.RSP);
      b.lstore(T1);
    } else {
      memory.top(Cpu.RSP, i.operandSize);
      f.pointer(function.returnTo);
      b.lxor();
      flags.tell();
      require();
    }
    memory.release(BranchWriter.release(i));
    Node to = plan.node(function.returnTo);
    if (flags.pending() && (to == null || to.flagsLive)) {
      flags.settle();
    }
    if (to == null) {
      b.goto_(branches.exitLabel(n, function.returnTo));
    } else {
      branches.go(n, to);
    }
  }
}
