package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.Alu;

/** A comparison, test, increment or the like together with the conditional branch behind it: one step for two instructions. */
final class CompareBranches {
  private CompareBranches() {}

  /** Where the branch goes, by the flags just computed. */
  private abstract static class RegisterBranch extends RegisterOp {
    private final char table;
    private final byte cut;
    private final short next;
    private final int target;

    RegisterBranch(Instruction i, Instruction branch, int next) {
      super(i);
      table = Conditions.table(branch.condition);
      this.next = (short) next;
      target = next + (int) branch.immediate;
      cut = (byte) (branch.codeBits == 64 ? 0 : 32);
    }

    final void branch(Cpu c) {
      c.rip = c.gpr[START] + (Conditions.holds(table, c) ? target : next) << cut >>> cut;
    }
  }

  private abstract static class RegisterConstantBranch extends RegisterBranch {
    final int immediate;

    RegisterConstantBranch(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
      immediate = (int) i.immediate;
    }
  }

  private abstract static class MemoryBranch extends MemoryOp {
    private final char table;
    private final byte cut;
    private final short next;
    private final int target;

    MemoryBranch(Instruction i, int between, Instruction branch, int next) {
      super(i, between);
      table = Conditions.table(branch.condition);
      this.next = (short) next;
      target = next + (int) branch.immediate;
      cut = (byte) (branch.codeBits == 64 ? 0 : 32);
    }

    final void branch(Cpu c) {
      c.rip = c.gpr[START] + (Conditions.holds(table, c) ? target : next) << cut >>> cut;
    }
  }

  private abstract static class MemoryConstantBranch extends MemoryBranch {
    final int immediate;

    MemoryConstantBranch(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
      immediate = (int) i.immediate;
    }
  }

  static final class Cmp64RR extends RegisterBranch {
    Cmp64RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], r[s], 8);
      branch(c);
    }
  }

  static final class Cmp64RI extends RegisterConstantBranch {
    Cmp64RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], immediate, 8);
      branch(c);
    }
  }

  static final class Cmp64MI extends MemoryConstantBranch {
    Cmp64MI(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load64(indexed(g)), immediate, 8);
      branch(c);
    }
  }

  static final class Test64RR extends RegisterBranch {
    Test64RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], r[s], 8);
      branch(c);
    }
  }

  static final class Test64RI extends RegisterConstantBranch {
    Test64RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], immediate, 8);
      branch(c);
    }
  }

  static final class Test64MI extends MemoryConstantBranch {
    Test64MI(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.test(c, c.memory.load64(indexed(g)), immediate, 8);
      branch(c);
    }
  }

  static final class Cmp64RM extends MemoryBranch {
    Cmp64RM(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, g[r], c.memory.load64(indexed(g)), 8);
      branch(c);
    }
  }

  static final class Cmp64MR extends MemoryBranch {
    Cmp64MR(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load64(indexed(g)), g[r], 8);
      branch(c);
    }
  }

  static final class Inc64 extends RegisterBranch {
    Inc64(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.inc(c, r[d], 8);
      branch(c);
    }
  }

  static final class Dec64 extends RegisterBranch {
    Dec64(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.dec(c, r[d], 8);
      branch(c);
    }
  }

  static final class Add64RI extends RegisterConstantBranch {
    Add64RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.add(c, r[d], immediate, 8);
      branch(c);
    }
  }

  static final class Sub64RI extends RegisterConstantBranch {
    Sub64RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sub(c, r[d], immediate, 8);
      branch(c);
    }
  }

  static final class And64RI extends RegisterConstantBranch {
    And64RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.and(c, r[d], immediate, 8);
      branch(c);
    }
  }

  static final class Sub64RR extends RegisterBranch {
    Sub64RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sub(c, r[d], r[s], 8);
      branch(c);
    }
  }

  static final class And64RR extends RegisterBranch {
    And64RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.and(c, r[d], r[s], 8);
      branch(c);
    }
  }

  static final class Cmp32RR extends RegisterBranch {
    Cmp32RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], r[s], 4);
      branch(c);
    }
  }

  static final class Cmp32RI extends RegisterConstantBranch {
    Cmp32RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], immediate, 4);
      branch(c);
    }
  }

  static final class Cmp32MI extends MemoryConstantBranch {
    Cmp32MI(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load32(indexed(g)), immediate, 4);
      branch(c);
    }
  }

  static final class Test32RR extends RegisterBranch {
    Test32RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], r[s], 4);
      branch(c);
    }
  }

  static final class Test32RI extends RegisterConstantBranch {
    Test32RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], immediate, 4);
      branch(c);
    }
  }

  static final class Test32MI extends MemoryConstantBranch {
    Test32MI(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.test(c, c.memory.load32(indexed(g)), immediate, 4);
      branch(c);
    }
  }

  static final class Cmp32RM extends MemoryBranch {
    Cmp32RM(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, g[r], c.memory.load32(indexed(g)), 4);
      branch(c);
    }
  }

  static final class Cmp32MR extends MemoryBranch {
    Cmp32MR(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load32(indexed(g)), g[r], 4);
      branch(c);
    }
  }

  static final class Inc32 extends RegisterBranch {
    Inc32(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.inc(c, r[d], 4) & LOW32;
      branch(c);
    }
  }

  static final class Dec32 extends RegisterBranch {
    Dec32(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.dec(c, r[d], 4) & LOW32;
      branch(c);
    }
  }

  static final class Add32RI extends RegisterConstantBranch {
    Add32RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.add(c, r[d], immediate, 4) & LOW32;
      branch(c);
    }
  }

  static final class Sub32RI extends RegisterConstantBranch {
    Sub32RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sub(c, r[d], immediate, 4) & LOW32;
      branch(c);
    }
  }

  static final class And32RI extends RegisterConstantBranch {
    And32RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.and(c, r[d], immediate, 4) & LOW32;
      branch(c);
    }
  }

  static final class Sub32RR extends RegisterBranch {
    Sub32RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.sub(c, r[d], r[s], 4) & LOW32;
      branch(c);
    }
  }

  static final class And32RR extends RegisterBranch {
    And32RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = Alu.and(c, r[d], r[s], 4) & LOW32;
      branch(c);
    }
  }

  static final class Cmp8RR extends RegisterBranch {
    Cmp8RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], r[s], 1);
      branch(c);
    }
  }

  static final class Cmp8RI extends RegisterConstantBranch {
    Cmp8RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.cmp(c, r[d], immediate, 1);
      branch(c);
    }
  }

  static final class Cmp8MI extends MemoryConstantBranch {
    Cmp8MI(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load8(indexed(g)), immediate, 1);
      branch(c);
    }
  }

  static final class Test8RR extends RegisterBranch {
    Test8RR(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], r[s], 1);
      branch(c);
    }
  }

  static final class Test8RI extends RegisterConstantBranch {
    Test8RI(Instruction i, Instruction branch, int next) {
      super(i, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      Alu.test(c, r[d], immediate, 1);
      branch(c);
    }
  }

  static final class Test8MI extends MemoryConstantBranch {
    Test8MI(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.test(c, c.memory.load8(indexed(g)), immediate, 1);
      branch(c);
    }
  }

  static final class Cmp8RM extends MemoryBranch {
    Cmp8RM(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, g[r], c.memory.load8(indexed(g)), 1);
      branch(c);
    }
  }

  static final class Cmp8MR extends MemoryBranch {
    Cmp8MR(Instruction i, int between, Instruction branch, int next) {
      super(i, between, branch, next);
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      Alu.cmp(c, c.memory.load8(indexed(g)), g[r], 1);
      branch(c);
    }
  }
}