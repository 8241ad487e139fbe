package annulus.engine.translator;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the accesses of a block that lie near to each other whatever the registers hold: at constant distances from the same value
 * of a register, as the fields of a structure, the locals of a function and what PUSH and POP move. One probe of the TLB serves them
 * all, where their whole range lies in one page.
 *
 * <p>Between the first and the last nothing changes how addresses are translated: such instructions run by their general meaning,
 * behind which every register counts as another value. Other processors and devices are listened to between blocks only.
 */
final class NearAccesses {
  /** Bytes from the first to behind the last: the wider, the more often a border of pages lies inside. */
  private static final int WIDEST = 256;
  private static final int MOST_GROUPS = 12;
  private static final int GENERAL = 16;

  /** Accesses with a probe in common. */
  static final class Group {
    /** Distance of the lowest byte from the value of the register, and of that behind the highest. */
    private long low;
    private long high;
    private int count;
    /** Number in the block. */
    int number;
    /** Whether the probe has been written. */
    boolean probed;

    int size() {
      return (int) (high - low);
    }
  }

  /** An access whose address is a constant distance from what a register held at the block's start or was given in it. */
  static final class Access {
    final boolean write;
    final int size;
    private final int value;
    private final long distance;
    private Group group = new Group();

    private Access(boolean write, int size, int value, long distance) {
      this.write = write;
      this.size = size;
      this.value = value;
      this.distance = distance;
    }

    Group group() {
      return group;
    }

    /** Whether others share its probe. */
    boolean shares() {
      return group.count > 1;
    }

    /** Its distance from the group's lowest byte. */
    long inGroup() {
      return distance - group.low;
    }
  }

  /** Which value each register holds, and how much has been added to it. */
  private final int[] values = new int[GENERAL];
  private final long[] added = new long[GENERAL];
  private int lastValue;
  private final List<Access> all = new ArrayList<>();

  private NearAccesses() {
    forgetAll();
  }

  /** The accesses of each instruction of {@code n} that are known, in their order. */
  static List<List<Access>> of(RegionPlan.Node n) {
    NearAccesses near = new NearAccesses();
    List<List<Access>> accesses = new ArrayList<>();
    for (Instruction i : n.instructions) {
      accesses.add(near.next(i));
    }
    near.group();
    return accesses;
  }

  private List<Access> next(Instruction i) {
    int before = all.size();
    if (i.codeBits != 64) {
      return List.of();
    }
    if (BranchWriter.knows(i)) {
      branch(i);
    } else if (IntegerWriter.knows(i)) {
      integer(i);
    } else if (SimdWriter.knows(i) || FloatWriter.knows(i)) {
      operand(i);
      forgetOperands(i);
    } else if (X87Writer.knows(i)) {
      forget(Cpu.RAX);
    } else {
      forgetAll();
    }
    return List.copyOf(all.subList(before, all.size()));
  }

  private void branch(Instruction i) {
    operand(i);
    if (i.mnemonic == Mnemonic.CALL) {
      push(8);
    } else if (i.mnemonic == Mnemonic.RET) {
      stack(false, 8, 0);
    }
  }

  private void integer(Instruction i) {
    switch (i.mnemonic) {
      case PUSH -> {
        operand(i);
        push(i.operandSize);
      }
      case POP -> {
        stack(false, i.operandSize, 0);
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
      default -> forgetAll();
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
      default -> true;
    };
    access(write, size, i.base, i.displacement);
  }

  private void push(int size) {
    add(Cpu.RSP, -size);
    stack(true, size, 0);
  }

  private void stack(boolean write, int size, long distance) {
    access(write, size, Cpu.RSP, distance);
  }

  private void access(boolean write, int size, int register, long distance) {
    if (size >= 1 && size <= 8) {
      all.add(new Access(write, size, values[register], added[register] + distance));
    }
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
    values[register] = ++lastValue;
    added[register] = 0;
  }

  private void forgetAll() {
    for (int n = 0; n < GENERAL; n++) {
      forget(n);
    }
  }

  /** Puts together what is near: reads for themselves, because what may be read need not be writable. */
  private void group() {
    Map<Long, Group> last = new HashMap<>();
    List<Group> groups = new ArrayList<>();
    for (Access a : all) {
      long key = 2L * a.value + (a.write ? 1 : 0);
      Group g = last.get(key);
      long low = g == null ? a.distance : Math.min(g.low, a.distance);
      long high = g == null ? a.distance + a.size : Math.max(g.high, a.distance + a.size);
      if (g == null || high - low > WIDEST || high < low) {
        g = new Group();
        low = a.distance;
        high = a.distance + a.size;
        last.put(key, g);
        groups.add(g);
      }
      g.low = low;
      g.high = high;
      g.count++;
      a.group = g;
    }
    int number = 0;
    for (Group g : groups) {
      if (g.count > 1 && number == MOST_GROUPS) {
        g.count = 1;
      } else if (g.count > 1) {
        g.number = number++;
      }
    }
  }
}
