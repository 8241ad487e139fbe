package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.engine.translator.RegionPlan.Node;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Accesses to the stack of a region with registers in locals: where RSP is known in blocks, relative to one place, whichever way control
 * comes, one probe at the entry serves all of them, in loops too. As no such region calls anything, what the probe has said holds until it
 * is left.
 */
final class StackWindow {
  /** The value of {@link NearAccesses} that RSP is at a distance from in all these blocks. */
  static final int VALUE = 0;
  /** Stands for a change of RSP that the code does not tell. */
  private static final long UNKNOWN = Long.MIN_VALUE;
  /** Fewer accesses are not worth a probe at the entry. */
  private static final int FEWEST = 2;

  /** RSP at the start of each block, relative to the same place. */
  private final Map<Node, Long> depths;
  private final RegionPlan plan;
  /** All accesses, in a range that grows while they are found. */
  final NearAccesses.Group accesses = NearAccesses.Group.ofWindow();

  private StackWindow(RegionPlan plan, Map<Node, Long> depths) {
    this.plan = plan;
    this.depths = depths;
  }

  /** Where the region accesses the stack most, or null where there are not enough such accesses. */
  static @Nullable StackWindow of(RegionPlan plan) {
    if (plan.bits != 64) {
      return null;
    }
    Map<Node, List<Node>> from = new HashMap<>();
    for (Node n : plan.nodes) {
      for (Node to : plan.successors(n)) {
        from.computeIfAbsent(to, key -> new ArrayList<>()).add(n);
      }
    }
    Map<Node, Long> all = new HashMap<>();
    Map<Node, Long> best = null;
    int most = FEWEST - 1;
    for (Node entry : plan.entryNodes()) {
      if (!all.containsKey(entry)) {
        Map<Node, Long> depths = new HashMap<>();
        boolean consistent = reach(plan, entry, from, depths);
        all.putAll(depths);
        int count = consistent ? count(depths) : 0;
        if (count > most) {
          most = count;
          best = depths;
        }
      }
    }
    return best == null ? null : new StackWindow(plan, best);
  }

  /** Sets depths of all blocks that control may come to from {@code start} or comes from. @return whether each has one */
  private static boolean reach(RegionPlan plan, Node start, Map<Node, List<Node>> from, Map<Node, Long> depths) {
    boolean consistent = true;
    Deque<Node> open = new ArrayDeque<>();
    open.add(start);
    depths.put(start, 0L);
    for (Node n = open.poll(); n != null; n = open.poll()) {
      long depth = depths.getOrDefault(n, 0L);
      long change = change(n);
      for (Node to : plan.successors(n)) {
        consistent &= change != UNKNOWN && agrees(to, depth + change, depths, open);
      }
      for (Node before : from.getOrDefault(n, List.of())) {
        long there = change(before);
        consistent &= there != UNKNOWN && agrees(before, depth - there, depths, open);
      }
    }
    return consistent;
  }

  private static boolean agrees(Node n, long depth, Map<Node, Long> depths, Deque<Node> open) {
    Long known = depths.putIfAbsent(n, depth);
    if (known == null) {
      open.add(n);
    }
    return known == null || known == depth;
  }

  /** Instructions that access the stack. */
  private static int count(Map<Node, Long> depths) {
    int count = 0;
    for (Node n : depths.keySet()) {
      for (Instruction i : n.instructions) {
        count += i.hasMemory() && i.base == Cpu.RSP || change(i) != 0 && !i.hasMemory() && i.kind1 != Instruction.IMMEDIATE ? 1 : 0;
      }
    }
    return count;
  }

  private static long change(Node n) {
    long sum = 0;
    for (Instruction i : n.instructions) {
      long change = change(i);
      if (change == UNKNOWN) {
        return UNKNOWN;
      }
      sum += change;
    }
    return sum;
  }

  /** Whether {@code i}, which a region with registers in locals does itself, leaves RSP as it is. */
  static boolean keepsPointer(Instruction i) {
    return change(i) == 0;
  }

  /** What {@code i} adds to RSP. */
  private static long change(Instruction i) {
    boolean toPointer = i.kind0 == Instruction.GPR && i.reg0 == Cpu.RSP;
    return switch (i.mnemonic) {
      case PUSH -> -i.operandSize;
      case POP -> toPointer ? UNKNOWN : i.operandSize;
      case CALL -> -8;
      case RET -> BranchWriter.release(i);
      case ADD, SUB -> {
        if (!toPointer) {
          yield 0;
        }
        boolean known = i.size0 == 8 && i.kind1 == Instruction.IMMEDIATE;
        yield known ? i.mnemonic == Mnemonic.ADD ? i.immediate : -i.immediate : UNKNOWN;
      }
      case LEA -> {
        boolean known = i.size0 == 8 && i.addressSize == 8 && i.base == Cpu.RSP && i.index == Instruction.NO_REGISTER;
        yield !toPointer ? 0 : known ? i.displacement : UNKNOWN;
      }
      case CMP, TEST -> 0;
      case LEAVE -> UNKNOWN;
      default -> toPointer || i.mnemonic == Mnemonic.XCHG && i.kind1 == Instruction.GPR && i.reg1 == Cpu.RSP
          ? UNKNOWN : 0;
    };
  }

  /** Where RSP is at the start of {@code n}, or null where that is not known. */
  @Nullable Long depth(Node n) {
    return depths.get(n);
  }

  /** Whether all accesses are in one page where RSP is {@code pointer} at {@code entry}. Once all blocks have been seen. */
  boolean inPage(long pointer, @Nullable Node entry) {
    Long depth = entry == null ? null : depths.get(entry);
    if (depth == null) {
      return true;
    }
    long lowest = pointer + accesses.distance(-depth);
    return (lowest ^ lowest + accesses.size() - 1) >>> 12 == 0;
  }

  /** Writes the probe, with the entry in its local. Control goes to {@code miss} where it does not allow all accesses. */
  void write(Frame f, MemoryWriter memory, Label miss) {
    CodeBuilder b = f.b;
    Label done = b.newLabel();
    Long usual = null;
    f.constant(0L);
    b.lstore(Frame.host(accesses.number));
    for (Node entry : plan.entryNodes()) {
      Long depth = depths.get(entry);
      if (depth == null) {
        b.iload(Frame.ENTRY);
        f.constant(entry.offset);
        b.if_icmpeq(done);
      } else if (usual == null) {
        usual = depth;
        lowest(f, depth);
      } else if (!depth.equals(usual)) {
        Label not = b.newLabel();
        b.iload(Frame.ENTRY);
        f.constant(entry.offset);
        b.if_icmpne(not);
        lowest(f, depth);
        b.labelBinding(not);
      }
    }
    f.get(Cpu.RSP);
    b.lload(Frame.T0).ladd();
    memory.probe(accesses, miss);
    b.labelBinding(done);
  }

  /** T0 becomes the distance of the lowest byte from RSP at an entry. */
  private void lowest(Frame f, long depth) {
    f.constant(accesses.distance(-depth));
    f.b.lstore(Frame.T0);
  }
}
