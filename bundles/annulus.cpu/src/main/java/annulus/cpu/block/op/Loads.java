package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** Loads: MOV, MOVZX, MOVSX, MOVSXD and CMOVcc from memory. */
final class Loads {
  private Loads() {}

  static final class Load64Simple extends MemoryOp {
    Load64Simple(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = c.memory.load64(simple(g));
    }
  }

  static final class Load32Simple extends MemoryOp {
    Load32Simple(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = c.memory.load32(simple(g)) & LOW32;
    }
  }

  static final class LoadZero8Simple extends MemoryOp {
    LoadZero8Simple(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = c.memory.load8(simple(g));
    }
  }

  static final class Load64Indexed extends MemoryOp {
    Load64Indexed(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = c.memory.load64(indexed(g));
    }
  }

  static final class Load32Indexed extends MemoryOp {
    Load32Indexed(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = c.memory.load32(indexed(g)) & LOW32;
    }
  }

  static final class LoadZero8Indexed extends MemoryOp {
    LoadZero8Indexed(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = c.memory.load8(indexed(g));
    }
  }

  static final class LoadZero16 extends MemoryOp {
    LoadZero16(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = c.memory.load16(indexed(g));
    }
  }

  static final class Load16 extends MemoryOp {
    Load16(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = g[r] & ~0xFFFFL | c.memory.load16(indexed(g));
    }
  }

  static final class Load8 extends MemoryOp {
    Load8(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = g[r] & ~0xFFL | c.memory.load8(indexed(g));
    }
  }

  static final class LoadSign8 extends MemoryOp {
    private final byte unused;

    LoadSign8(Instruction i, int next) {
      super(i, next);
      unused = (byte) (i.size0 == 8 ? 0 : 32);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = (long) (byte) c.memory.load8(indexed(g)) << unused >>> unused;
    }
  }

  static final class LoadSign16 extends MemoryOp {
    private final byte unused;

    LoadSign16(Instruction i, int next) {
      super(i, next);
      unused = (byte) (i.size0 == 8 ? 0 : 32);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = (long) (short) c.memory.load16(indexed(g)) << unused >>> unused;
    }
  }

  static final class LoadSign32 extends MemoryOp {
    LoadSign32(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = c.memory.load32(indexed(g));
    }
  }

  /** CMOVcc: loads, and so may fault, whether the condition holds or not. */
  static final class LoadIf extends MemoryOp {
    private final char table;
    private final boolean wide;

    LoadIf(Instruction i, int next) {
      super(i, next);
      table = Conditions.table(i.condition);
      wide = i.size0 == 8;
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      long linear = indexed(g);
      long value = wide ? c.memory.load64(linear) : c.memory.load32(linear) & LOW32;
      g[r] = Conditions.holds(table, c) ? value : wide ? g[r] : g[r] & LOW32;
    }
  }
}