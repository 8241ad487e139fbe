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
 * The guest code of a region: what is reached from the entry by direct jumps within its pages and has been run before, and what else
 * is warm there, as far as there is room: it may be reached by indirect branches. Blocks in the order of their addresses; offsets are
 * from the start of the first page.
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
  /** Bytes that it may cover: whole pages that lie side by side. */
  final int size;
  private final @Nullable Node[] at;
  private final @Nullable Instruction[] code;
  private final BitSet leaders = new BitSet(PAGE);
  private final BitSet run;

  /**
   * @param bytes what the pages hold
   * @param run where code has been run: other code is not worth compiling
   * @param warm where code is run often: compiled too, while there is room
   * @param elsewhere entries of other regions: control goes there by leaving this one
   * @param most instructions
   */
  RegionPlan(Decoder decoder, byte[] bytes, int entry, int bits, BitSet run, BitSet warm, BitSet elsewhere, int most) {
    this.bits = bits;
    size = bytes.length;
    at = new Node[size];
    code = new Instruction[size];
    this.run = (BitSet) run.clone();
    this.run.set(entry);
    entries.set(entry);
    int count = explore(decoder, bytes, elsewhere, entry, most, 0);
    for (int n = warm.nextSetBit(0); n >= 0 && count < most; n = warm.nextSetBit(n + 1)) {
      if (!elsewhere.get(n) && (n & -PAGE) == (entry & -PAGE)) {
        if (code[n] == null) {
          count = explore(decoder, bytes, elsewhere, n, most, count);
        }
        if (leaders.get(n)) {
          entries.set(n);
        }
      }
    }
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
    return inside(offset) ? at[(int) offset] : null;
  }

  /** Whether {@code offset} lies in one of the pages. */
  boolean inside(long offset) {
    return offset >= 0 && offset < size;
  }

  /** First page with code of it. */
  int firstPage() {
    return nodes.isEmpty() ? 0 : nodes.get(0).offset / PAGE;
  }

  /** Last page with code of it. */
  int lastPage() {
    return nodes.isEmpty() ? 0 : Math.max(nodes.get(nodes.size() - 1).end - 1, 0) / PAGE;
  }

  int instructions() {
    int sum = 0;
    for (Node n : nodes) {
      sum += n.instructions.size();
    }
    return sum;
  }

  /** Decodes what is reached from {@code entry}. @return {@code count} with the instructions that were found */
  private int explore(Decoder decoder, byte[] bytes, BitSet elsewhere, int entry, int most, int count) {
    Deque<Integer> open = new ArrayDeque<>();
    open.add(entry);
    leaders.set(entry);
    while (!open.isEmpty() && count < most) {
      int offset = open.removeFirst();
      while (count < most && offset < size) {
        if (code[offset] != null || elsewhere.get(offset) && offset != entry) {
          leaders.set(offset);
          break;
        }
        Instruction i = decoder.decode(bytes, offset, size - offset, bits);
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
    return count;
  }

  private void follow(long target, boolean entry, Deque<Integer> open) {
    if (!inside(target)) {
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
      Instruction i = offset < size ? code[offset] : null;
      if (i == null) {
        node.leaves = true;
        node.reason = offset >= size ? "page" : "stop or limit";
        break;
      }
      node.instructions.add(i);
      offset += i.length;
      if (BlockEnds.branches(i)) {
        node.reason = "branch";
        break;
      }
      if (offset < size && leaders.get(offset) && code[offset] != null) {
        node.reason = "joins";
        break;
      }
    }
    node.end = offset;
    return node;
  }
}
