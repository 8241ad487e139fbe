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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The guest code of a region: what is reached from the entry by direct jumps within its pages and has been run before, what runs often
 * first, up to the entries of other regions but for short functions, and, unless control stays, what else is warm there, as far as there is
 * room: it may be reached by indirect branches. Blocks in the order of their addresses; offsets are from the start of the first page.
 */
final class RegionPlan {
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
    /** The block from which alone control comes to it, or null where it may come from elsewhere: see {@link ExtendedBlocks}. */
    @Nullable Node before;
    /** Control comes to it in one way only: from the end of the block before it in the list. */
    boolean follows;
    /** Somebody may look at flags from before it, a fault included. */
    boolean flagsLive;
    /** Halves of XMM registers that control is looked at for at its end, where it may leave the region: see {@link OrdinaryFlow}. */
    int looks;
    /** The copy of a function that it belongs to. */
    final @Nullable InlinedFunction function;
    /** Where it ends in a call: copies of what that goes to, one or two, and nowhere else. */
    List<InlinedFunction> inlined = List.of();

    Node(int offset, @Nullable InlinedFunction function) {
      this.offset = offset;
      this.function = function;
    }

    @Nullable Instruction last() {
      return instructions.isEmpty() ? null : instructions.get(instructions.size() - 1);
    }
  }

  /** Instructions of a function, or of its end, that a region has itself although another one has them too. */
  private static final int MOST_OF_LEAF = Integer.getInteger("annulus.translator.leaf", 24);

  final int bits;
  /** Indexes where control can come from outside: the hot block, places that calls return to, functions that are called. */
  final BitSet entries = new BitSet();
  final List<Node> nodes = new ArrayList<>();
  /** The same in the order in which they are written: behind the block that alone leads to it, and at once where it follows. */
  final List<Node> order;
  final CodeBytes pages;
  private final PerByte<Node> at;
  private final PerByte<Instruction> code;
  private final BitSet leaders = new BitSet();
  private final BitSet run;
  private final BitSet often;
  private final BitSet elsewhere;
  private final Decoder decoder;
  private final int most;
  private final boolean stays;
  /** What is still to be explored: places that jumps and calls lead to, functions after these, and what is seldom run after all others. */
  private final Deque<Integer> open = new ArrayDeque<>();
  private final Deque<Integer> functions = new ArrayDeque<>();
  private final Deque<Integer> seldom = new ArrayDeque<>();
  private final IndirectCalls indirect;
  /** Copies of functions by where their call returns to. */
  private final Map<Integer, List<InlinedFunction>> inlined = new HashMap<>();
  private int count;
  private @Nullable StackDepth depth;
  private boolean loops;

  /**
   * @param run indexes where code has been run
   * @param often those of them where it has been run some times: the rest has what room these leave
   * @param warm indexes where code is run often: compiled too, while there is room
   * @param elsewhere indexes of other regions' entries: control goes there by leaving this one, unless few instructions return from there
   * @param entry offset
   * @param most instructions
   * @param stays whether control stays long each time. Then it may come in at the head of each loop, so that C2 has to bring all values
   *     together there and keeps those of the loop in registers, where else it leaves what is live in the whole region on the stack, in
   *     all loops alike. Warm code that it does not go to from the entry, which would only add to that, is left out, and so is what cannot
   *     be done with registers in locals: mostly that is not in the loop. Short functions are copied to where they are called
   * @param indirect where calls through registers and memory go
   */
  RegionPlan(Decoder decoder, CodeBytes pages, int entry, int bits, BitSet run, BitSet often, BitSet warm, BitSet elsewhere,
      int most, boolean stays, IndirectCalls indirect) {
    this.decoder = decoder;
    this.pages = pages;
    this.bits = bits;
    this.often = often;
    this.elsewhere = elsewhere;
    this.most = most;
    this.stays = stays;
    this.indirect = indirect;
    at = new PerByte<>(pages.pages());
    code = new PerByte<>(pages.pages());
    int first = pages.index(entry);
    this.run = (BitSet) run.clone();
    this.run.set(first);
    entries.set(first);
    explore(entry);
    int page = first & -CodeBytes.PAGE;
    for (int distance = 1; distance < CodeBytes.PAGE && count < most && !stays; distance++) {
      if (first - distance >= page) {
        addWarm(warm, first - distance);
      }
      if (first + distance < page + CodeBytes.PAGE) {
        addWarm(warm, first + distance);
      }
    }
    for (int n = warm.nextSetBit(page); n >= 0 && n < page + CodeBytes.PAGE; n = warm.nextSetBit(n + 1)) {
      if (leaders.get(n) && !elsewhere.get(n)) {
        entries.set(n);
      }
    }
    for (int n = leaders.nextSetBit(0); n >= 0; n = leaders.nextSetBit(n + 1)) {
      if (code.get(n) != null) {
        Node node = collect(pages.offset(n), null, this::codeAt, this::leads);
        if (node.leaves && !inside(node.end)) {
          node.reason = "page";
        }
        nodes.add(node);
        at.set(n, node);
      }
    }
    for (Node node : List.copyOf(nodes)) {
      Instruction last = node.last();
      if (last != null && last.mnemonic == Mnemonic.CALL) {
        // Instructions may overlap: of two calls with the same end one gets the copies.
        node.inlined = Objects.requireNonNullElse(inlined.remove(node.end), List.of());
        node.inlined.forEach(f -> nodes.addAll(f.nodes()));
      }
    }
    if (stays) {
      enterLoops();
    }
    for (int n = entries.nextSetBit(0); n >= 0; n = entries.nextSetBit(n + 1)) {
      if (at.get(n) == null) {
        entries.clear(n);
      }
    }
    order = ExtendedBlocks.of(this);
  }

  /** Adds what begins at {@code n} if it is warm. */
  private void addWarm(BitSet warm, int n) {
    if (warm.get(n) && !elsewhere.get(n) && code.get(n) == null) {
      explore(pages.offset(n));
    }
  }

  /** Lets control come in where the code jumps back to. */
  private void enterLoops() {
    for (Node node : nodes) {
      Instruction last = node.last();
      if (last != null && BranchWriter.direct(last) && node.function == null) {
        long target = BranchWriter.target(node, last);
        if (target <= node.offset && node(target) != null) {
          entries.set(pages.index(target));
          loops = true;
        }
      }
    }
  }

  /** The blocks at {@link #entries}, in the order of their addresses. */
  List<Node> entryNodes() {
    List<Node> all = new ArrayList<>();
    for (int n = entries.nextSetBit(0); n >= 0; n = entries.nextSetBit(n + 1)) {
      all.add(Objects.requireNonNull(at.get(n)));
    }
    return all;
  }

  /** Whether control may come from outside to {@code offset}. */
  boolean entry(int offset) {
    int n = pages.index(offset);
    return n >= 0 && entries.get(n);
  }

  /** The block at {@code offset}, or null where the region has none. */
  @Nullable Node node(long offset) {
    int n = pages.index(offset);
    return n < 0 ? null : at.get(n);
  }

  /** The block at {@code offset} to which control goes from {@code from}, or null where it leaves the region. */
  @Nullable Node to(Node from, long offset) {
    return from.function == null ? node(offset) : from.function.node(offset);
  }

  /** The blocks to which control goes from {@code n}, if not by dispatch. */
  List<Node> successors(Node n) {
    List<Node> all = new ArrayList<>();
    Instruction last = n.last();
    if (last == null || !BranchWriter.knows(last)) {
      add(all, to(n, n.end));
    } else if (!n.inlined.isEmpty()) {
      n.inlined.forEach(f -> all.add(f.first()));
    } else if (n.function != null && last.mnemonic == Mnemonic.RET) {
      add(all, node(n.function.returnTo));
    } else {
      add(all, to(n, BranchWriter.target(n, last)));
      if (continues(last)) {
        add(all, to(n, n.end));
      }
    }
    return all;
  }

  private static void add(List<Node> all, @Nullable Node n) {
    if (n != null) {
      all.add(n);
    }
  }

  /** Whether {@code offset} lies in one of the pages. */
  boolean inside(long offset) {
    return pages.index(offset) >= 0;
  }

  /** Of the x87 stack, once the plan is complete. */
  StackDepth depth() {
    StackDepth d = depth;
    if (d == null) {
      d = new StackDepth(this);
      depth = d;
    }
    return d;
  }

  /** Whether control may come to an entry from inside: by a return from what is called, or by a jump to where a register says. */
  boolean comesBack() {
    for (Node n : nodes) {
      Instruction last = n.last();
      boolean calls = last != null && last.mnemonic == Mnemonic.CALL && n.inlined.isEmpty();
      if (calls || last != null && last.mnemonic == Mnemonic.JMP && BlockEnds.displacement(last) == Block.NOWHERE) {
        return true;
      }
    }
    return false;
  }

  /** Whether control can stay in a region that it was to stay in. */
  boolean loops() {
    return loops;
  }

  int instructions() {
    int sum = 0;
    for (Node n : nodes) {
      sum += n.instructions.size();
    }
    return sum;
  }

  /** Decodes what is reached from {@code entry}. */
  private void explore(int entry) {
    open.add(entry);
    leaders.set(pages.index(entry));
    while (count < most) {
      Integer offset = !open.isEmpty() ? open.pollFirst() : !functions.isEmpty() ? functions.pollFirst() : seldom.pollFirst();
      if (offset == null) {
        return;
      }
      exploreBlock(offset, entry);
    }
    open.clear();
    functions.clear();
    seldom.clear();
  }

  private void exploreBlock(int start, int entry) {
    int offset = start;
    while (count < most) {
      int n = pages.index(offset);
      if (n < 0) {
        return;
      }
      if (code.get(n) != null || elsewhere.get(n) && offset != entry && !leaf(offset)) {
        leaders.set(n);
        return;
      }
      Instruction i = decoded(offset);
      if (i == null || BlockEnds.stops(i) && !BlockEnds.endsRegion(i) || stays && !RegionWriter.inPlace(i)) {
        return;
      }
      code.set(n, i);
      count++;
      offset += i.length;
      if (BlockEnds.endsRegion(i)) {
        follow(offset, true, open);
        return;
      }
      if (BlockEnds.branches(i)) {
        long displacement = BlockEnds.displacement(i);
        boolean call = i.mnemonic == Mnemonic.CALL;
        if (call && stays && inlines(i, offset)) {
          follow(offset, false, open);
          return;
        }
        if (call || continues(i)) {
          follow(offset, call, open);
        }
        if (displacement != Block.NOWHERE) {
          follow(offset + displacement, call, !call || leaf((int) (offset + displacement)) ? open : functions);
        }
        return;
      }
    }
  }

  /** Whether something that {@code call}, which returns to {@code end}, goes to is short enough to be copied; then it will be. */
  private boolean inlines(Instruction call, int end) {
    int displacement = BlockEnds.displacement(call);
    List<Long> targets = displacement == Block.NOWHERE ? indirect.targets(end) : List.of((long) end + displacement);
    List<InlinedFunction> functions = new ArrayList<>();
    for (long target : targets) {
      InlinedFunction function = hasRun(target) ? InlinedFunction.of((int) target, end, this::decoded, this::hasRun, MOST_OF_LEAF) : null;
      if (function != null) {
        functions.add(function);
        count += function.instructions();
      }
    }
    if (functions.isEmpty()) {
      return false;
    }
    inlined.put(end, functions);
    return true;
  }

  private boolean hasRun(long offset) {
    int n = pages.index(offset);
    return n >= 0 && run.get(n);
  }

  private @Nullable Instruction decoded(int offset) {
    int n = pages.index(offset);
    return n < 0 ? null : decoder.decode(pages.bytes, n, pages.end(n) - n, bits);
  }

  private void follow(long target, boolean entry, Deque<Integer> then) {
    int n = pages.index(target);
    if (n >= 0 && (code.get(n) != null || run.get(n))) {
      leaders.set(n);
      if (entry && !elsewhere.get(n)) {
        entries.set(n);
      }
      if (code.get(n) == null) {
        (often.get(n) ? then : seldom).add((int) target);
      }
    }
  }

  /**
   * Whether few instructions lead from {@code start} to a return, those of functions that are called there included: they are worth having
   * again. Their region would be entered and left for each call, which takes longer than they do.
   */
  private boolean leaf(int start) {
    Deque<Integer> ways = new ArrayDeque<>();
    BitSet seen = new BitSet();
    ways.add(start);
    for (Integer way = ways.poll(); way != null; way = ways.poll()) {
      if (!leafBlock(way, ways, seen)) {
        return false;
      }
    }
    return true;
  }

  /** Whether what {@code start} leads to up to the next branch may be in a leaf; adds the ways on from there to {@code ways}. */
  private boolean leafBlock(int start, Deque<Integer> ways, BitSet seen) {
    int offset = start;
    for (;;) {
      int n = pages.index(offset);
      if (n < 0) {
        return false;
      }
      if (seen.get(n)) {
        return true;
      }
      Instruction i = decoded(offset);
      if (i == null || BlockEnds.stops(i) && !BlockEnds.passed(i) || seen.cardinality() >= MOST_OF_LEAF) {
        return false;
      }
      seen.set(n);
      offset += i.length;
      if (BlockEnds.branches(i)) {
        long displacement = BlockEnds.displacement(i);
        if (displacement == Block.NOWHERE) {
          return i.mnemonic == Mnemonic.RET;
        }
        if (i.mnemonic == Mnemonic.CALL || continues(i)) {
          addRun(offset, ways);
        }
        addRun(offset + displacement, ways);
        return inside(offset + displacement);
      }
    }
  }

  private void addRun(long offset, Deque<Integer> ways) {
    if (hasRun(offset)) {
      ways.add((int) offset);
    }
  }

  /** Whether control can go on behind a branch. */
  static boolean continues(Instruction branch) {
    return switch (branch.mnemonic) {
      case JCC, LOOP, LOOPE, LOOPNE, JCXZ -> true;
      default -> false;
    };
  }

  private @Nullable Instruction codeAt(int offset) {
    int n = pages.index(offset);
    return n < 0 ? null : code.get(n);
  }

  private boolean leads(int offset) {
    int n = pages.index(offset);
    return n >= 0 && leaders.get(n);
  }

  /** The block at {@code start} of {@code code}, before the next that {@code leads} one. */
  static Node collect(int start, @Nullable InlinedFunction function, IntFunction<@Nullable Instruction> code, IntPredicate leads) {
    Node node = new Node(start, function);
    int offset = start;
    for (;;) {
      Instruction i = code.apply(offset);
      if (i == null) {
        node.leaves = true;
        node.reason = "stop or limit";
        break;
      }
      node.instructions.add(i);
      offset += i.length;
      if (BlockEnds.branches(i) || BlockEnds.endsRegion(i)) {
        node.reason = BlockEnds.branches(i) ? "branch" : "stop";
        break;
      }
      if (leads.test(offset) && code.apply(offset) != null) {
        node.reason = "joins";
        break;
      }
    }
    node.end = offset;
    return node;
  }
}
