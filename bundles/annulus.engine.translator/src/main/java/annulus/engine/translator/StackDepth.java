package annulus.engine.translator;

import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.engine.translator.RegionPlan.Node;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where TOP of the x87 stack is at each block, relative to the same place in all of the region: -1 after a push, +1 after a pop. Only
 * where each block has one such number, whichever way control comes, the registers of the stack can be in locals.
 */
final class StackDepth {
  private final RegionPlan plan;
  private final Map<Node, Integer> depths = new HashMap<>();
  private final Deque<Node> open = new ArrayDeque<>();
  private boolean consistent = true;
  private boolean used;
  /** Slots that instructions name, by number: those at TOP + i & 7. */
  private int slots;

  StackDepth(RegionPlan plan) {
    this.plan = plan;
    for (Node n : plan.nodes) {
      for (Instruction i : n.instructions) {
        used |= X87Writer.knows(i);
      }
    }
    if (!used) {
      return;
    }
    for (Node entry : plan.entryNodes()) {
      if (!depths.containsKey(entry)) {
        reach(entry, 0);
        follow();
      }
    }
  }

  /** Whether the region has instructions of the stack. */
  boolean used() {
    return used;
  }

  /** Whether each block that control reaches has one depth. */
  boolean consistent() {
    return consistent;
  }

  int slots() {
    return slots;
  }

  /** Of a block's start; of one that control never reaches, any. */
  int at(Node n) {
    return depths.getOrDefault(n, 0);
  }

  /** What {@code i} adds to TOP. */
  static int change(Instruction i) {
    return switch (i.mnemonic) {
      case FLD, FILD, FLD1, FLDZ -> -1;
      case FSTP, FADDP, FSUBP, FSUBRP, FMULP, FDIVP, FDIVRP, FCOMIP, FUCOMIP -> 1;
      default -> 0;
    };
  }

  private void reach(Node n, int depth) {
    Integer known = depths.putIfAbsent(n, depth & 7);
    if (known == null) {
      open.add(n);
    } else if (known != (depth & 7)) {
      consistent = false;
    }
  }

  private void follow() {
    Node n;
    while ((n = open.poll()) != null) {
      int depth = at(n);
      for (Instruction i : n.instructions) {
        if (X87Writer.knows(i)) {
          name(i, depth);
          depth += change(i);
        }
      }
      for (Node to : plan.successors(n)) {
        reach(to, depth);
      }
    }
  }

  private void name(Instruction i, int top) {
    slots |= 1 << (top & 7) | 1 << (top - 1 & 7);
    for (int register : registers(i)) {
      slots |= 1 << (top + register & 7);
    }
  }

  private static List<Integer> registers(Instruction i) {
    if (i.mnemonic == Mnemonic.FXCH || i.kind1 == Instruction.ST) {
      return List.of(i.reg0 & 7, i.reg1 & 7);
    }
    return i.kind0 == Instruction.ST ? List.of(i.reg0 & 7) : List.of();
  }
}
