package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/**
 * Near branches in 64-bit and flat 32-bit code. A relative target stays in the instruction's page or is checked by the look-up
 * of the block there; calls and indirect branches check it themselves, because they must fault before anything has changed.
 */
final class Branches {
  private Branches() {}

  /** High bits that the instruction pointer does not have. */
  private static byte pointerCut(Instruction i) {
    return (byte) (i.codeBits == 64 ? 0 : 32);
  }

  static final class Jump extends Op {
    private final byte cut;
    private final int target;

    Jump(Instruction i, int next) {
      target = next + (int) i.immediate;
      cut = pointerCut(i);
    }

    @Override public void execute(Cpu c) {
      c.rip = c.gpr[START] + target << cut >>> cut;
    }
  }

  static final class JumpIf extends Op {
    private final char table;
    private final int next;
    private final byte cut;
    private final int target;

    JumpIf(Instruction i, int next) {
      table = Conditions.table(i.condition);
      this.next = next;
      target = next + (int) i.immediate;
      cut = pointerCut(i);
    }

    @Override public void execute(Cpu c) {
      c.rip = c.gpr[START] + (Conditions.holds(table, c) ? target : next) << cut >>> cut;
    }
  }

  static final class JumpTo64 extends RegisterOp {
    JumpTo64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long target = c.gpr[d];
      if (!c.canonical(target)) {
        throw c.gp();
      }
      c.rip = target;
    }
  }

  static final class JumpThrough64 extends MemoryOp {
    JumpThrough64(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      long target = c.memory.load64(indexed(c.gpr));
      if (!c.canonical(target)) {
        throw c.gp();
      }
      c.rip = target;
    }
  }

  private static void call64(Cpu c, long target, int next) {
    long[] r = c.gpr;
    long sp = r[Cpu.RSP] - 8;
    if (!c.canonical(target)) {
      // The stack's faults come before the target's (SDM 2A CALL).
      c.memory.checkWrite(sp, 8);
      throw c.gp();
    }
    c.memory.store64(sp, r[Op.START] + next);
    r[Cpu.RSP] = sp;
    c.rip = target;
  }

  static final class Call64 extends Op {
    private final int next;
    private final int target;

    Call64(Instruction i, int next) {
      this.next = next;
      target = next + (int) i.immediate;
    }

    @Override public void execute(Cpu c) {
      call64(c, c.gpr[START] + target, next);
    }

    @Override public boolean usesStack() {
      return true;
    }
  }

  static final class CallTo64 extends RegisterOp {
    private final int next;

    CallTo64(Instruction i, int next) {
      super(i);
      this.next = next;
    }

    @Override public void execute(Cpu c) {
      call64(c, c.gpr[d], next);
    }

    @Override public boolean usesStack() {
      return true;
    }
  }

  static final class Return64 extends Op {
    private final long release;

    Return64(Instruction i) {
      release = 8 + (i.kind0 == Instruction.IMMEDIATE ? i.immediate & 0xFFFF : 0);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP];
      long target = c.memory.load64(sp);
      if (!c.canonical(target)) {
        throw c.gp();
      }
      r[Cpu.RSP] = sp + release;
      c.rip = target;
    }

    @Override public boolean usesStack() {
      return true;
    }
  }

  static final class Call32 extends Op {
    private final int next;
    private final int target;

    Call32(Instruction i, int next) {
      this.next = next;
      target = next + (int) i.immediate;
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP] - 4 & LOW32;
      c.memory.store32(sp, (int) (r[START] + next));
      r[Cpu.RSP] = sp;
      c.rip = r[START] + target & LOW32;
    }
  }

  static final class Return32 extends Op {
    private final long release;

    Return32(Instruction i) {
      release = 4 + (i.kind0 == Instruction.IMMEDIATE ? i.immediate & 0xFFFF : 0);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP] & LOW32;
      c.rip = c.memory.load32(sp) & LOW32;
      r[Cpu.RSP] = sp + release & LOW32;
    }
  }
}
