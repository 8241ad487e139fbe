package annulus.engine.translator;

import annulus.cpu.block.Block;
import annulus.cpu.block.BlockEnds;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The guest code of a region: what is reached from the entry by direct jumps within the page and has been run before. Blocks in
 * the order of their addresses; offsets are from the start of the page.
 */
final class RegionPlan {
  static final int PAGE = 4096;

  /** A basic block. */
  static final class Node {
    final int offset;
    final List<Instruction> instructions = new ArrayList<>();
    /** Offset after the last instruction. */
    int end;
    /** Why the block ends, for people. */
    String reason = "";
    /** Ends in front of an instruction that the cold tier must run, or where code is not known: control leaves to {@link #end}. */
    boolean leaves;
    /** Its conditions depend on flags from before it. */
    boolean needsFlags;

    Node(int offset) {
      this.offset = offset;
    }

    @Nullable Instruction last() {
      return instructions.isEmpty() ? null : instructions.get(instructions.size() - 1);
    }
  }

  final int bits;
  /** Offsets where control can come from outside: the hot block, places that calls return to, functions that are called. */
  final BitSet entries = new BitSet(PAGE);
  final List<Node> nodes = new ArrayList<>();
  private final @Nullable Node[] at = new Node[PAGE];
  private final @Nullable Instruction[] code = new Instruction[PAGE];
  private final BitSet leaders = new BitSet(PAGE);
  private final BitSet run;

  /**
   * @param page the page's bytes
   * @param run where code has been run: other code is not worth compiling
   * @param elsewhere entries of other regions: control goes there by leaving this one
   * @param most instructions
   */
  RegionPlan(Decoder decoder, byte[] page, int entry, int bits, BitSet run, BitSet elsewhere, int most) {
    this.bits = bits;
    this.run = (BitSet) run.clone();
    this.run.andNot(elsewhere);
    this.run.set(entry);
    entries.set(entry);
    explore(decoder, page, elsewhere, entry, most);
    for (int n = leaders.nextSetBit(0); n >= 0; n = leaders.nextSetBit(n + 1)) {
      if (code[n] != null) {
        Node node = collect(n);
        nodes.add(node);
        at[n] = node;
      }
    }
    for (int n = entries.nextSetBit(0); n >= 0; n = entries.nextSetBit(n + 1)) {
      if (at[n] == null) {
        entries.clear(n);
      }
    }
  }

  /** The block at {@code offset}, or null where the region has none. */
  @Nullable Node node(long offset) {
    return offset >= 0 && offset < PAGE ? at[(int) offset] : null;
  }

  int instructions() {
    int sum = 0;
    for (Node n : nodes) {
      sum += n.instructions.size();
    }
    return sum;
  }

  private void explore(Decoder decoder, byte[] page, BitSet elsewhere, int entry, int most) {
    Deque<Integer> open = new ArrayDeque<>();
    open.add(entry);
    leaders.set(entry);
    int count = 0;
    while (!open.isEmpty() && count < most) {
      int offset = open.removeFirst();
      while (count < most && offset < PAGE) {
        if (code[offset] != null || elsewhere.get(offset) && offset != entry) {
          leaders.set(offset);
          break;
        }
        Instruction i = decoder.decode(page, offset, PAGE - offset, bits);
        if (i == null || BlockEnds.stops(i)) {
          break;
        }
        code[offset] = i;
        count++;
        int next = offset + i.length;
        if (BlockEnds.branches(i)) {
          long displacement = BlockEnds.displacement(i);
          boolean call = i.mnemonic == Mnemonic.CALL;
          if (call || continues(i)) {
            follow(next, call, open);
          }
          if (displacement != Block.NOWHERE) {
            follow(next + displacement, call, open);
          }
          break;
        }
        offset = next;
      }
    }
  }

  private void follow(long target, boolean entry, Deque<Integer> open) {
    if (target < 0 || target >= PAGE) {
      return;
    }
    int t = (int) target;
    if (code[t] != null || run.get(t)) {
      leaders.set(t);
      if (entry) {
        entries.set(t);
      }
      if (code[t] == null) {
        open.add(t);
      }
    }
  }

  /** Whether control can go on behind a branch. */
  static boolean continues(Instruction branch) {
    return switch (branch.mnemonic) {
      case JCC, LOOP, LOOPE, LOOPNE, JCXZ -> true;
      default -> false;
    };
  }

  private Node collect(int start) {
    Node node = new Node(start);
    int offset = start;
    for (;;) {
      Instruction i = offset < PAGE ? code[offset] : null;
      if (i == null) {
        node.leaves = true;
        node.reason = offset >= PAGE ? "page" : "stop or limit";
        break;
      }
      node.instructions.add(i);
      offset += i.length;
      if (BlockEnds.branches(i)) {
        node.reason = "branch";
        break;
      }
      if (offset < PAGE && leaders.get(offset) && code[offset] != null) {
        node.reason = "joins";
        break;
      }
    }
    node.end = offset;
    return node;
  }
}
