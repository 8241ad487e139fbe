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

  /** Accesses with a probe in common, if there are two or more. */
  static final class Group {
    private static final int NONE = -1;
    /** Distance of the lowest byte from the value of the register, and of that behind the highest. */
    private long low;
    private long high;
    /** Number in the block, once a second access has come. */
    int number = NONE;
    /** Whether the probe has been written. */
    boolean probed;

    private Group(long low, long high) {
      this.low = low;
      this.high = high;
    }

    int size() {
      return (int) (high - low);
    }
  }

  /** An access whose address is a constant distance from what a register held at the block's start or was given in it. */
  static final class Access {
    final boolean write;
    final int size;
    final Group group;
    private final long distance;

    private Access(boolean write, int size, Group group, long distance) {
      this.write = write;
      this.size = size;
      this.group = group;
      this.distance = distance;
    }

    /** Whether others share its probe; when the whole block has been seen. */
    boolean shares() {
      return group.number != Group.NONE;
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
  /**
   * The group to which the next access near to a value would belong, by the number of the value and whether it writes: reads are for
   * themselves, because what may be read need not be writable.
   */
  private final Map<Long, Group> groups = new HashMap<>();
  private int shared;
  /** Of the instruction at hand. */
  private List<Access> accesses = new ArrayList<>();

  private NearAccesses() {
    forgetAll();
  }

  /** The accesses of each instruction of {@code n} that are known, in their order. */
  static List<List<Access>> of(RegionPlan.Node n) {
    NearAccesses near = new NearAccesses();
    List<List<Access>> all = new ArrayList<>();
    for (Instruction i : n.instructions) {
      all.add(near.next(i));
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
      access(false, 8, Cpu.RSP, 0);
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
    long key = 2L * values[register] + (write ? 1 : 0);
    Group g = groups.get(key);
    if (g != null && Math.max(g.high, high) - Math.min(g.low, low) <= WIDEST && (g.number >= 0 || shared < MOST_GROUPS)) {
      g.low = Math.min(g.low, low);
      g.high = Math.max(g.high, high);
      if (g.number == Group.NONE) {
        g.number = shared++;
      }
    } else {
      g = new Group(low, high);
      groups.put(key, g);
    }
    accesses.add(new Access(write, size, g, low));
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
}
