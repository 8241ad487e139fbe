package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** Stores: MOV to memory from a register or of a constant, SETcc to memory. */
final class Stores {
  private Stores() {}

  static final class Store64Simple extends MemoryOp {
    Store64Simple(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      c.memory.store64(simple(g), g[r]);
    }
  }

  static final class Store32Simple extends MemoryOp {
    Store32Simple(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      c.memory.store32(simple(g), (int) g[r]);
    }
  }

  static final class Store64Indexed extends MemoryOp {
    Store64Indexed(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      c.memory.store64(indexed(g), g[r]);
    }
  }

  static final class Store32Indexed extends MemoryOp {
    Store32Indexed(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      c.memory.store32(indexed(g), (int) g[r]);
    }
  }

  static final class Store16 extends MemoryOp {
    Store16(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      c.memory.store16(indexed(g), (int) g[r]);
    }
  }

  static final class Store8 extends MemoryOp {
    Store8(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      c.memory.store8(indexed(g), (int) g[r]);
    }
  }

  static final class StoreConstant64 extends MemoryConstantOp {
    StoreConstant64(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      c.memory.store64(indexed(c.gpr), immediate);
    }
  }

  static final class StoreConstant32 extends MemoryConstantOp {
    StoreConstant32(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      c.memory.store32(indexed(c.gpr), (int) immediate);
    }
  }

  static final class StoreConstant16 extends MemoryConstantOp {
    StoreConstant16(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      c.memory.store16(indexed(c.gpr), (int) immediate);
    }
  }

  static final class StoreConstant8 extends MemoryConstantOp {
    StoreConstant8(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      c.memory.store8(indexed(c.gpr), (int) immediate);
    }
  }

  static final class StoreIf extends MemoryOp {
    private final char table;

    StoreIf(Instruction i, int next) {
      super(i, next);
      table = Conditions.table(i.condition);
    }

    @Override public void execute(Cpu c) {
      c.memory.store8(indexed(c.gpr), Conditions.holds(table, c) ? 1 : 0);
    }
  }
}