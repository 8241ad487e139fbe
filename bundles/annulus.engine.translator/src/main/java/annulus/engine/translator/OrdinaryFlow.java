package annulus.engine.translator;

import annulus.cpu.decode.Instruction;
import annulus.engine.translator.RegionPlan.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which halves of XMM registers hold ordinary doubles ({@link QuickDouble#requireOrdinary}) at the start of each block, whichever way
 * control comes in a region with registers in locals: results do, and operands that have been looked at. What a loop computes with and
 * leaves ordinary is looked at before control comes to it ({@link Node#looks}), and not each time round. Sets are two bits a register.
 */
final class OrdinaryFlow {
  private static final int ALL = -1;

  private final RegionPlan plan;
  private final Map<Node, Integer> before = new HashMap<>();
  /** What somebody may compute with, as it is at the start of the block. */
  private final Map<Node, Integer> wanted = new HashMap<>();
  /** Where loops begin. */
  private final Set<Node> heads = new HashSet<>();
  /** Where control comes in, and is looked at. */
  private final Set<Node> entries = new HashSet<>();

  OrdinaryFlow(RegionPlan plan) {
    this.plan = plan;
    while (widensWanted()) {
      // Until it is true of all ways.
    }
    for (Node n : plan.nodes) {
      for (Node to : plan.successors(n)) {
        if (goesBack(n, to)) {
          heads.add(to);
          before.put(to, wanted(to));
        }
      }
    }
    boolean comesBack = plan.comesBack();
    for (Node entry : plan.entryNodes()) {
      if (comesBack) {
        // What comes back is not looked at.
        before.put(entry, 0);
        heads.remove(entry);
      } else {
        before.put(entry, wanted(entry));
        entries.add(entry);
      }
    }
    while (narrows()) {
      // Until it is true of all ways.
    }
    for (Node n : plan.nodes) {
      n.looks = looks(n);
    }
  }

  private static boolean goesBack(Node from, Node to) {
    return to.offset <= from.offset && to.function == from.function;
  }

  private int wanted(Node n) {
    return wanted.getOrDefault(n, 0);
  }

  private boolean widensWanted() {
    boolean changed = false;
    for (Node n : plan.nodes.reversed()) {
      int all = 0;
      for (Node to : plan.successors(n)) {
        all |= wanted(to);
      }
      for (Instruction i : n.instructions.reversed()) {
        all = wantedBefore(i, all);
      }
      changed |= all != wanted(n);
      wanted.put(n, all);
    }
    return changed;
  }

  private static int wantedBefore(Instruction i, int after) {
    int all = after;
    if (i.kind0 == Instruction.XMM) {
      int to = 2 * i.reg0;
      int copied = SimdWriter.copies(i);
      if (copied != 0) {
        int from = all >>> to & copied;
        return all & ~(copied << to) | from << 2 * i.reg1;
      }
      all &= ~(3 << to);
    }
    if (FloatWriter.knows(i) && !FloatWriter.converts(i)) {
      if (i.kind1 == Instruction.XMM) {
        all |= FloatWriter.doubles(i, 1) << 2 * i.reg1;
      }
      if (i.kind0 == Instruction.XMM && FloatWriter.computesWithFirst(i)) {
        all |= FloatWriter.doubles(i, 0) << 2 * i.reg0;
      }
    }
    return all;
  }

  /** What has to be looked at at the end of {@code n}, for loops that it leads to. */
  private int looks(Node n) {
    int known = after(n, at(n));
    int looks = 0;
    for (Node to : plan.successors(n)) {
      if (heads.contains(to) && !goesBack(n, to)) {
        looks |= at(to) & ~known;
      }
    }
    return looks;
  }

  /** What has to be looked at where the region is entered at {@code n}. */
  int looksAtEntry(Node n) {
    return entries.contains(n) ? at(n) : 0;
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
      int known = after(n, before.getOrDefault(n, ALL));
      for (Node to : plan.successors(n)) {
        if (!heads.contains(to) || goesBack(n, to)) {
          changed |= reach(to, known);
        }
      }
    }
    return changed;
  }

  private boolean reach(Node n, int known) {
    int old = before.getOrDefault(n, ALL);
    before.put(n, old & known);
    return (old & known) != old;
  }

  private static int after(Node n, int before) {
    int known = before;
    for (Instruction i : n.instructions) {
      known = after(i, known);
    }
    return known;
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
