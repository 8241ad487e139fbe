package annulus.engine.translator;

import annulus.cpu.decode.Instruction;
import annulus.engine.translator.RegionPlan.Node;
import java.util.HashMap;
import java.util.Map;

/**
 * Which halves of XMM registers hold ordinary doubles ({@link QuickDouble#requireOrdinary}) at the start of each block, whichever way
 * control comes in a region with registers in locals: results do, and operands that have been looked at. Sets are two bits a register.
 */
final class OrdinaryFlow {
  private static final int ALL = -1;

  private final RegionPlan plan;
  private final Map<Node, Integer> before = new HashMap<>();

  OrdinaryFlow(RegionPlan plan) {
    this.plan = plan;
    for (int n = plan.entries.nextSetBit(0); n >= 0; n = plan.entries.nextSetBit(n + 1)) {
      Node entry = plan.node(plan.pages.offset(n));
      if (entry != null) {
        before.put(entry, 0);
      }
    }
    while (narrows()) {
      // Until it is true of all ways.
    }
  }

  /** At the start of {@code n}. */
  int at(Node n) {
    int known = before.getOrDefault(n, 0);
    // Where control never comes nothing has been found out.
    return known == ALL ? 0 : known;
  }

  private boolean narrows() {
    boolean changed = false;
    for (Node n : plan.nodes) {
      int known = before.getOrDefault(n, ALL);
      for (Instruction i : n.instructions) {
        known = after(i, known);
      }
      for (Node to : plan.successors(n)) {
        changed |= reach(to, known);
      }
    }
    return changed;
  }

  private boolean reach(Node n, int known) {
    int old = before.getOrDefault(n, ALL);
    before.put(n, old & known);
    return (old & known) != old;
  }

  private static int after(Instruction i, int known) {
    int all = known;
    if (FloatWriter.knows(i)) {
      int operands = FloatWriter.doubles(i, 1);
      if (i.kind1 == Instruction.XMM && !FloatWriter.converts(i)) {
        all |= operands << 2 * i.reg1;
      }
      return i.kind0 == Instruction.XMM ? all | FloatWriter.doubles(i, 0) << 2 * i.reg0 : all;
    }
    if (i.kind0 != Instruction.XMM) {
      return all;
    }
    int to = 3 << 2 * i.reg0;
    if (SimdWriter.knows(i)) {
      int copied = SimdWriter.copies(i);
      if (copied != 0) {
        int from = known >>> 2 * i.reg1 & copied;
        return all & ~(copied << 2 * i.reg0) | from << 2 * i.reg0;
      }
      if (SimdWriter.clears(i)) {
        return all | to;
      }
    }
    return all & ~to;
  }
}
