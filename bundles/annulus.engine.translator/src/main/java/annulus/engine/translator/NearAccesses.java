package annulus.engine.translator;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.engine.translator.RegionPlan.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the accesses of an extended block that lie near to each other whatever the registers hold: at constant distances from the same
 * value of a register, as the fields of a structure, the locals of a function and what PUSH and POP move. One probe of the TLB serves them
 * all, where their whole range lies in one page. It is made for the first of them, which is on the way to all others.
 *
 * <p>What may not be run does not widen the range, which would lie across a border of pages more often, but on the stack.
 *
 * <p>Between the first and the last nothing changes how addresses are translated: such instructions run by their general meaning,
 * behind which every register counts as another value. What other processors and devices have to tell is heard after leaving the region.
 */
final class NearAccesses {
  /** Bytes from the first to behind the last: the wider, the more often a border of pages lies inside. */
  private static final int WIDEST = 256;
  private static final int MOST_GROUPS = 24;
  private static final int GENERAL = 16;

  /** Accesses with a probe in common, if there are two or more. */
  static final class Group {
    private static final int NONE = -1;
    private boolean write;
    private final @Nullable Node begins;
    /** Distance of the lowest byte from the value of the register, and of that behind the highest. */
    private long low;
    private long high;
    /** Number in the extended block, once a second access has come. */
    int number = NONE;
    /** Blocks in which the probe has been written. */
    private final List<Node> probed = new ArrayList<>();

    private Group(boolean write, @Nullable Node begins, long low, long high) {
      this.write = write;
      this.begins = begins;
      this.low = low;
      this.high = high;
    }

    /** For {@link StackWindow}, of nothing at first. */
    static Group ofWindow() {
      Group g = new Group(false, null, Long.MAX_VALUE, Long.MIN_VALUE);
      g.number = MOST_GROUPS;
      return g;
    }

    private void add(long from, long to) {
      low = Math.min(low, from);
      high = Math.max(high, to);
    }

    /** Distance of the lowest byte from a register that is {@code distance} from what {@link #low} counts from. */
    long distance(long distance) {
      return low + distance;
    }

    boolean isEmpty() {
      return low > high;
    }

    int size() {
      return (int) (high - low);
    }

    /** Whether it is probed as what will be written; else only for reads. */
    boolean writes() {
      return write;
    }

    private int sizeWith(long from, long to) {
      return (int) Math.min(Integer.MAX_VALUE, Math.max(high, to) - Math.min(low, from));
    }
  }

  /** An access whose address is a constant distance from what a register held at the block's start or was given in it. */
  static final class Access {
    final boolean write;
    final int size;
    final Group group;
    private final Node node;
    private final long distance;

    private Access(Node node, boolean write, int size, Group group, long distance) {
      this.node = node;
      this.write = write;
      this.size = size;
      this.group = group;
      this.distance = distance;
    }

    /** Whether others share its probe; when the whole block has been seen. */
    boolean shares() {
      return group.number != Group.NONE;
    }

    /** Whether the group's probe is still to be written in its block, and is not on the way to it; then it will be. */
    boolean begins() {
      if (group.begins == null) {
        return false;
      }
      for (Node on = node; on != null; on = on.before) {
        if (group.probed.contains(on)) {
          return false;
        }
      }
      group.probed.add(node);
      return true;
    }

    /** Its distance from the group's lowest byte. */
    long inGroup() {
      return distance - group.low;
    }
  }

  private final Node node;
  /** Which value each register holds, and how much has been added to it. */
  private final int[] values;
  private final long[] added;
  /**
   * The group to which the next access near to a value would belong, by the number of the value and whether it writes: reads are for
   * themselves, because what may be read need not be writable.
   */
  private final Map<Long, Group> groups;
  private final Numbers numbers;
  private final @Nullable StackWindow window;
  /** Those to the stack share no probes. */
  private final boolean stackApart;
  /** Of the instruction at hand. */
  private List<Access> accesses = new ArrayList<>();

  /** The last numbers given in an extended block. */
  private static final class Numbers {
    private int value;
    private int group;
  }

  /** At the start of {@code node}, with what is known at the end of the block that alone leads to it. */
  private NearAccesses(Node node, @Nullable NearAccesses before, @Nullable StackWindow window, boolean stackApart) {
    this.node = node;
    this.window = window;
    this.stackApart = stackApart;
    if (before == null) {
      values = new int[GENERAL];
      added = new long[GENERAL];
      groups = new HashMap<>();
      numbers = new Numbers();
      forgetAll();
    } else {
      values = before.values.clone();
      added = before.added.clone();
      groups = new HashMap<>(before.groups);
      numbers = before.numbers;
    }
    Long depth = window == null ? null : window.depth(node);
    if (depth != null) {
      values[Cpu.RSP] = StackWindow.VALUE;
      added[Cpu.RSP] = depth;
    }
  }

  /** The accesses of each instruction of each block that are known, in their order. Those to the stack are added to {@code window}. */
  static Map<Node, List<List<Access>>> of(RegionPlan plan, @Nullable StackWindow window) {
    return of(plan, window, false);
  }

  /** The same where the stack lies on both sides of a border of pages: accesses to it are for themselves. */
  static Map<Node, List<List<Access>>> withoutStack(RegionPlan plan) {
    return of(plan, null, true);
  }

  private static Map<Node, List<List<Access>>> of(RegionPlan plan, @Nullable StackWindow window, boolean stackApart) {
    Map<Node, List<List<Access>>> all = new HashMap<>();
    Map<Node, NearAccesses> ends = new HashMap<>();
    for (Node n : plan.order) {
      NearAccesses near = new NearAccesses(n, n.before == null ? null : ends.get(n.before), window, stackApart);
      List<List<Access>> accesses = new ArrayList<>();
      for (Instruction i : n.instructions) {
        accesses.add(near.next(i));
      }
      all.put(n, accesses);
      ends.put(n, near);
    }
    return all;
  }

  private List<Access> next(Instruction i) {
    if (i.codeBits != 64) {
      return List.of();
    }
    accesses = new ArrayList<>();
    if (BranchWriter.knows(i)) {
      branch(i);
    } else if (IntegerWriter.knows(i)) {
      integer(i);
    } else if (SimdWriter.knows(i) || FloatWriter.knows(i)) {
      operand(i);
      forgetOperands(i);
    } else if (X87Writer.knows(i)) {
      operand(i);
      forget(Cpu.RAX);
    } else {
      forgetAll();
    }
    return accesses;
  }

  private void branch(Instruction i) {
    operand(i);
    if (i.mnemonic == Mnemonic.CALL) {
      push(8);
    } else if (i.mnemonic == Mnemonic.RET) {
      if (node.function == null || !node.function.keepsReturnAddress()) {
        access(false, 8, Cpu.RSP, 0);
      }
      add(Cpu.RSP, BranchWriter.release(i));
    }
  }

  private void integer(Instruction i) {
    switch (i.mnemonic) {
      case PUSH -> {
        operand(i);
        push(i.operandSize);
      }
      case POP -> {
        access(false, i.operandSize, Cpu.RSP, 0);
        add(Cpu.RSP, i.operandSize);
        forget(i.reg0);
      }
      case MOV -> {
        operand(i);
        if (i.kind0 == Instruction.GPR && i.size0 == 8 && i.kind1 == Instruction.GPR) {
          values[i.reg0] = values[i.reg1];
          added[i.reg0] = added[i.reg1];
        } else {
          forgetDestination(i);
        }
      }
      case ADD, SUB -> {
        operand(i);
        if (i.kind0 == Instruction.GPR && i.size0 == 8 && i.kind1 == Instruction.IMMEDIATE) {
          add(i.reg0, i.mnemonic == Mnemonic.ADD ? i.immediate : -i.immediate);
        } else {
          forgetDestination(i);
        }
      }
      case LEA -> {
        if (i.size0 == 8 && i.addressSize == 8 && i.base < GENERAL && i.index == Instruction.NO_REGISTER) {
          values[i.reg0] = values[i.base];
          added[i.reg0] = added[i.base] + i.displacement;
        } else {
          forgetDestination(i);
        }
      }
      case CMP, TEST -> operand(i);
      case MOVZX, MOVSX, MOVSXD, AND, OR, XOR, ADC, SBB, INC, DEC, NEG, NOT, SHL, SHR, SAR, CMOVCC, SETCC, BSWAP -> {
        operand(i);
        forgetDestination(i);
      }
      default -> {
        int value = values[Cpu.RSP];
        long distance = added[Cpu.RSP];
        forgetAll();
        if (StackWindow.keepsPointer(i)) {
          values[Cpu.RSP] = value;
          added[Cpu.RSP] = distance;
        }
      }
    }
  }

  /** The memory operand, if its address is known. */
  private void operand(Instruction i) {
    boolean first = i.kind0 == Instruction.MEMORY;
    if (!first && i.kind1 != Instruction.MEMORY || i.base >= GENERAL || i.index != Instruction.NO_REGISTER || i.addressSize != 8
        || i.segment >= Seg.FS) {
      return;
    }
    int size = first ? i.size0 : i.size1;
    boolean write = first && switch (i.mnemonic) {
      case CMP, TEST, PUSH, CALL, JMP -> false;
      case FST, FSTP -> true;
      default -> !X87Writer.knows(i);
    };
    access(write, size, i.base, i.displacement);
  }

  private void push(int size) {
    add(Cpu.RSP, -size);
    access(true, size, Cpu.RSP, 0);
  }

  private void access(boolean write, int size, int register, long displacement) {
    if (size < 1 || size > 8 && size != 10 && (size != 16 || write)) {
      return;
    }
    long low = added[register] + displacement;
    long high = low + size;
    if (window != null && values[register] == StackWindow.VALUE && window.accesses.sizeWith(low, high) <= WIDEST) {
      window.accesses.add(low, high);
      window.accesses.write |= write;
      accesses.add(new Access(node, write, size, window.accesses, low));
      return;
    }
    boolean stack = values[register] == values[Cpu.RSP];
    if (stack && stackApart) {
      accesses.add(new Access(node, write, size, new Group(write, node, low, high), low));
      return;
    }
    Group written = groups.get(key(register, true));
    Group g = write ? written : groups.get(key(register, false));
    if (!write && written != null && joins(written, low, high, stack, false)) {
      // What may be written may be read.
      g = written;
    } else if (g == null || !joins(g, low, high, stack, g.begins == node)) {
      g = new Group(write, node, low, high);
      groups.put(key(register, write), g);
      accesses.add(new Access(node, write, size, g, low));
      return;
    }
    g.add(low, high);
    if (g.number == Group.NONE) {
      g.number = numbers.group++;
    }
    accesses.add(new Access(node, write, size, g, low));
  }

  private long key(int register, boolean write) {
    return 2L * values[register] + (write ? 1 : 0);
  }

  /** Whether an access may be one of {@code g}, which it makes wider only where it {@code widens} it or on the stack. */
  private boolean joins(Group g, long low, long high, boolean stack, boolean widens) {
    int size = g.sizeWith(low, high);
    return size <= (widens || stack ? WIDEST : g.size()) && (g.number >= 0 || numbers.group < MOST_GROUPS);
  }

  private void add(int register, long distance) {
    added[register] += distance;
  }

  private void forgetDestination(Instruction i) {
    if (i.kind0 == Instruction.GPR || i.kind0 == Instruction.HIGH_BYTE) {
      forget(i.reg0);
    }
  }

  private void forgetOperands(Instruction i) {
    forgetDestination(i);
    if (i.kind1 == Instruction.GPR) {
      forget(i.reg1);
    }
  }

  private void forget(int register) {
    values[register] = ++numbers.value;
    added[register] = 0;
  }

  private void forgetAll() {
    for (int n = 0; n < GENERAL; n++) {
      forget(n);
    }
  }
}
