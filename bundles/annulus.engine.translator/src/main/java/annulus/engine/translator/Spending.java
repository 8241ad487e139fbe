package annulus.engine.translator;

import annulus.engine.translator.RegionPlan.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Where a region takes the instructions that it runs from the budget. To do so in each block costs an addition for each and has the budget
 * in a register of the host's. But of the ways between blocks only those outside of a spanning tree need be counted (Knuth, The Art of
 * Computer Programming 1, 2.3.4.1): at the start of each block it is known how many instructions have been taken too many or too few, and
 * what is amiss is made up for on the other ways. Deep in loops as many ways as can be belong to the tree, and those back last.
 *
 * <p>Outside of the region nothing is amiss.
 */
final class Spending {
  private final Map<Node, Integer> ahead = new HashMap<>();
  private final boolean inBlocks;

  private Spending(boolean inBlocks) {
    this.inBlocks = inBlocks;
  }

  /** Each block takes its instructions itself, as it begins: nothing is amiss between blocks. */
  static Spending byBlocks(RegionPlan plan) {
    Spending s = new Spending(true);
    for (Node n : plan.nodes) {
      s.ahead.put(n, 0);
    }
    return s;
  }

  /** Only the ways between blocks take them. */
  static Spending byWays(RegionPlan plan) {
    Spending s = new Spending(false);
    Map<Node, List<Node>> tree = new Ways(plan).tree();
    for (Node entry : plan.entryNodes()) {
      s.follow(tree, entry);
    }
    for (Node n : plan.nodes) {
      s.follow(tree, n);
    }
    return s;
  }

  /** How many instructions more have been taken at the start of {@code n} than have run before it; often a negative number. */
  int ahead(Node n) {
    return Objects.requireNonNull(ahead.get(n));
  }

  /** How many {@code n} takes itself, as it begins. */
  int inBlock(Node n) {
    return inBlocks ? n.instructions.size() : 0;
  }

  /** How many are to be taken where control leaves the region behind {@code n}. */
  int owed(Node n) {
    return n.instructions.size() - inBlock(n) - ahead(n);
  }

  /** The same on the way from {@code from} to {@code to}. */
  int owed(Node from, Node to) {
    return owed(from) + ahead(to);
  }

  /** The lowest number of {@link #ahead}, or 0. */
  int least() {
    int least = 0;
    for (int a : ahead.values()) {
      least = Math.min(least, a);
    }
    return least;
  }

  /** Gives {@code start} and all that {@code tree} connects with it their numbers, unless they have one. */
  private void follow(Map<Node, List<Node>> tree, Node start) {
    if (ahead.putIfAbsent(start, 0) != null) {
      return;
    }
    Deque<Node> open = new ArrayDeque<>(List.of(start));
    for (Node n = open.poll(); n != null; n = open.poll()) {
      for (Node to : tree.getOrDefault(n, List.of())) {
        if (ahead.putIfAbsent(to, ahead(n) - n.instructions.size()) == null) {
          open.add(to);
        }
      }
      for (Map.Entry<Node, List<Node>> from : tree.entrySet()) {
        Node before = from.getKey();
        if (from.getValue().contains(n) && ahead.putIfAbsent(before, ahead(n) + before.instructions.size()) == null) {
          open.add(before);
        }
      }
    }
  }

  /** The ways between the blocks of a region, and how deep in loops they are. */
  private static final class Ways {
    private final RegionPlan plan;
    /** The blocks' order: as they lie, copies of functions behind their calls. */
    private final Map<Node, Integer> places = new HashMap<>();
    /** Up to which place there are jumps back to a place. */
    private final Map<Integer, Integer> loops = new HashMap<>();
    private final Map<Node, Node> trees = new HashMap<>();

    Ways(RegionPlan plan) {
      this.plan = plan;
      for (Node n : plan.nodes) {
        if (n.function == null) {
          places.put(n, places.size());
          for (InlinedFunction f : n.inlined) {
            for (Node of : f.nodes()) {
              places.put(of, places.size());
            }
          }
        }
      }
      for (Node n : plan.nodes) {
        for (Node to : plan.successors(n)) {
          if (back(n, to)) {
            loops.merge(place(to), place(n), Math::max);
          }
        }
      }
    }

    private int place(Node n) {
      return Objects.requireNonNull(places.get(n));
    }

    private boolean back(Node from, Node to) {
      return place(to) <= place(from);
    }

    private int depth(Node n) {
      int depth = 0;
      for (Map.Entry<Integer, Integer> loop : loops.entrySet()) {
        depth += loop.getKey() <= place(n) && place(n) <= loop.getValue() ? 1 : 0;
      }
      return depth;
    }

    /** Those that need not be counted, by the block that they come from. */
    Map<Node, List<Node>> tree() {
      Map<Node, Integer> depths = new HashMap<>();
      for (Node n : plan.nodes) {
        depths.put(n, depth(n));
      }
      Map<Node, List<Node>> tree = new HashMap<>();
      for (int depth = loops.size(); depth >= 0; depth--) {
        add(tree, depths, depth, false);
        add(tree, depths, depth, true);
      }
      return tree;
    }

    private void add(Map<Node, List<Node>> tree, Map<Node, Integer> depths, int depth, boolean back) {
      for (Node n : plan.nodes) {
        for (Node to : plan.successors(n)) {
          if (back(n, to) == back && Math.min(depths.getOrDefault(n, 0), depths.getOrDefault(to, 0)) == depth && root(n) != root(to)) {
            trees.put(root(n), root(to));
            tree.computeIfAbsent(n, x -> new ArrayList<>()).add(to);
          }
        }
      }
    }

    private Node root(Node n) {
      Node root = n;
      for (Node up = trees.get(root); up != null; up = trees.get(root)) {
        root = up;
      }
      return root;
    }
  }
}
