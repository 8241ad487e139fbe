package annulus.engine.translator;

import annulus.cpu.block.BlockEnds;
import annulus.cpu.decode.Instruction;
import annulus.engine.translator.RegionPlan.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Finds extended basic blocks: trees of blocks to which control comes from one other block only ({@link Node#before}). What is known at the
 * end of a block is known in all that it is the only way to.
 */
final class ExtendedBlocks {
  private final RegionPlan plan;
  private final Map<Node, List<Node>> after = new HashMap<>();
  private final Set<Node> seen = new HashSet<>();
  private final List<Node> order = new ArrayList<>();

  private ExtendedBlocks(RegionPlan plan) {
    this.plan = plan;
  }

  /**
   * Sets {@link Node#before} and {@link Node#follows}.
   *
   * @return all blocks, each behind the one that is before it, and at once if it follows
   */
  static List<Node> of(RegionPlan plan) {
    ExtendedBlocks blocks = new ExtendedBlocks(plan);
    blocks.findWays();
    blocks.findFollowers();
    for (Node n : plan.nodes) {
      if (n.before == null) {
        blocks.tree(n);
      }
    }
    for (Node n : plan.nodes) {
      if (!blocks.seen.contains(n)) {
        // A loop to which control never comes.
        n.before = null;
        n.follows = false;
        blocks.tree(n);
      }
    }
    return blocks.order;
  }

  private void findWays() {
    Set<Node> joins = new HashSet<>(plan.entryNodes());
    for (Node n : plan.nodes) {
      List<Node> ways = plan.successors(n);
      after.put(n, ways);
      for (Node to : ways) {
        if (to.before == null) {
          to.before = n;
        } else if (to.before != n) {
          joins.add(to);
        }
      }
    }
    for (Node join : joins) {
      join.before = null;
    }
  }

  private void findFollowers() {
    for (int k = 1; k < plan.nodes.size(); k++) {
      Node n = plan.nodes.get(k);
      Node from = plan.nodes.get(k - 1);
      n.follows = n.before == from && n.function == from.function && from.end == n.offset && onlyGoesOn(from);
    }
  }

  /** Whether control may come from {@code n} to what follows it in the region, and not by a jump. */
  private static boolean onlyGoesOn(Node n) {
    Instruction last = n.last();
    if (n.leaves || last == null || !BlockEnds.branches(last)) {
      return !n.leaves;
    }
    return BranchWriter.knows(last) && RegionPlan.continues(last) && BranchWriter.target(n, last) != n.end;
  }

  /** Adds what {@code root} is the only way to. */
  private void tree(Node root) {
    Deque<Node> open = new ArrayDeque<>();
    open.push(root);
    for (Node n = open.poll(); n != null; n = open.poll()) {
      if (!seen.add(n)) {
        continue;
      }
      order.add(n);
      List<Node> ways = Objects.requireNonNull(after.get(n)).reversed();
      for (Node to : ways) {
        if (to.before == n && !to.follows) {
          open.push(to);
        }
      }
      for (Node to : ways) {
        if (to.before == n && to.follows) {
          open.push(to);
        }
      }
    }
  }
}
