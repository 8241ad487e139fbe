package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** PUSH, POP and LEAVE with a 64-bit or a flat 32-bit stack. */
final class StackOps {
  private StackOps() {}

  /** All of them reach memory through SS. */
  private abstract static class StackOp extends RegisterOp {
    StackOp(Instruction i) {
      super(i);
    }

    @Override public final boolean usesStack() {
      return true;
    }
  }

  static final class Push64 extends StackOp {
    Push64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP] - 8;
      c.memory.store64(sp, r[d]);
      r[Cpu.RSP] = sp;
    }
  }

  static final class Push32 extends StackOp {
    Push32(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP] - 4 & LOW32;
      c.memory.store32(sp, (int) r[d]);
      r[Cpu.RSP] = sp;
    }
  }

  static final class PushConstant64 extends StackOp {
    private final int immediate;

    PushConstant64(Instruction i) {
      super(i);
      immediate = (int) i.immediate;
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP] - 8;
      c.memory.store64(sp, immediate);
      r[Cpu.RSP] = sp;
    }
  }

  static final class PushConstant32 extends StackOp {
    private final int immediate;

    PushConstant32(Instruction i) {
      super(i);
      immediate = (int) i.immediate;
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP] - 4 & LOW32;
      c.memory.store32(sp, immediate);
      r[Cpu.RSP] = sp;
    }
  }

  /** POP RSP keeps what was popped. */
  static final class Pop64 extends StackOp {
    Pop64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP];
      long value = c.memory.load64(sp);
      r[Cpu.RSP] = sp + 8;
      r[d] = value;
    }
  }

  static final class Pop32 extends StackOp {
    Pop32(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RSP] & LOW32;
      long value = c.memory.load32(sp) & LOW32;
      r[Cpu.RSP] = sp + 4 & LOW32;
      r[d] = value;
    }
  }

  static final class Leave64 extends StackOp {
    Leave64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RBP];
      r[Cpu.RBP] = c.memory.load64(sp);
      r[Cpu.RSP] = sp + 8;
    }
  }

  static final class Leave32 extends StackOp {
    Leave32(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long sp = r[Cpu.RBP] & LOW32;
      r[Cpu.RBP] = c.memory.load32(sp) & LOW32;
      r[Cpu.RSP] = sp + 4 & LOW32;
    }
  }
}
