package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.Alu;

/**
 * Integer arithmetic on 8- and 16-bit operands; the byte registers are the low ones. The comparisons that guests run most have a
 * class each, the rest choose by {@code operation}.
 */
final class Narrow {
  private Narrow() {}

  /** In the order the opcodes encode them (SDM 2D table A-6, group 1). */
  private static long apply(int operation, Cpu c, long a, long b, int size) {
    return switch (operation) {
      case 0 -> Alu.add(c, a, b, size);
      case 1 -> Alu.or(c, a, b, size);
      case 2 -> Alu.adc(c, a, b, size);
      case 3 -> Alu.sbb(c, a, b, size);
      case 4 -> Alu.and(c, a, b, size);
      case 5 -> Alu.sub(c, a, b, size);
      default -> Alu.xor(c, a, b, size);
    };
  }

  /** {@link #apply}'s number of a mnemonic, or -1. */
  static int operation(Instruction i) {
    return switch (i.mnemonic) {
      case ADD -> 0;
      case OR -> 1;
      case ADC -> 2;
      case SBB -> 3;
      case AND -> 4;
      case SUB -> 5;
      case XOR -> 6;
      default -> -1;
    };
  }

  /** Register with register or immediate. */
  static final class Registers extends RegisterConstantOp {
    private final byte operation;
    private final byte size;
    private final boolean constant;

    Registers(Instruction i) {
      super(i);
      operation = (byte) operation(i);
      size = (byte) i.size0;
      constant = i.kind1 == Instruction.IMMEDIATE;
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long a = r[d];
      long mask = (1L << 8 * size) - 1;
      r[d] = a & ~mask | apply(operation, c, a, constant ? immediate : r[s], size) & mask;
    }
  }

  /** Register with memory. */
  static final class FromMemory extends MemoryOp {
    private final byte operation;
    private final byte size;

    FromMemory(Instruction i, int next) {
      super(i, next);
      operation = (byte) operation(i);
      size = (byte) i.size0;
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long b = c.memory.load(indexed(g), size);
      long a = g[r];
      long mask = (1L << 8 * size) - 1;
      g[r] = a & ~mask | apply(operation, c, a, b, size) & mask;
    }
  }

  /** Memory with register or immediate. */
  static final class InMemory extends MemoryConstantOp {
    private final byte operation;
    private final byte size;
    private final boolean constant;

    InMemory(Instruction i, int next) {
      super(i, next);
      operation = (byte) operation(i);
      size = (byte) i.size0;
      constant = i.kind1 == Instruction.IMMEDIATE;
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long at = indexed(g);
      c.memory.checkWrite(at, size);
      c.memory.store(at, size, apply(operation, c, c.memory.load(at, size), constant ? immediate : g[r], size));
    }
  }

  static final class Cmp8RR extends RegisterOp {
    Cmp8RR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], r[s], 1);
    }
  }

  static final class Cmp8RI extends RegisterConstantOp {
    Cmp8RI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      Alu.cmp(c, c.gpr[d], immediate, 1);
    }
  }

  static final class Cmp8RM extends MemoryOp {
    Cmp8RM(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, g[r], c.memory.load8(indexed(g)), 1);
    }
  }

  static final class Cmp8MR extends MemoryOp {
    Cmp8MR(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load8(indexed(g)), g[r], 1);
    }
  }

  static final class Cmp8MI extends MemoryConstantOp {
    Cmp8MI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      Alu.cmp(c, c.memory.load8(indexed(c.gpr)), immediate, 1);
    }
  }

  static final class Cmp16MI extends MemoryConstantOp {
    Cmp16MI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      Alu.cmp(c, c.memory.load16(indexed(c.gpr)), immediate, 2);
    }
  }

  static final class Cmp16RI extends RegisterConstantOp {
    Cmp16RI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      Alu.cmp(c, c.gpr[d], immediate, 2);
    }
  }

  static final class Cmp16RR extends RegisterOp {
    Cmp16RR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], r[s], 2);
    }
  }

  static final class Test8RR extends RegisterOp {
    Test8RR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], r[s], 1);
    }
  }

  static final class Test8RI extends RegisterConstantOp {
    Test8RI(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      Alu.test(c, c.gpr[d], immediate, 1);
    }
  }

  static final class Test8MI extends MemoryConstantOp {
    Test8MI(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      Alu.test(c, c.memory.load8(indexed(c.gpr)), immediate, 1);
    }
  }

  static final class Test16RR extends RegisterOp {
    Test16RR(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], r[s], 2);
    }
  }
}
