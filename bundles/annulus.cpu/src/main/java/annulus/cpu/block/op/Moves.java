package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** MOV, MOVZX, MOVSX, MOVSXD, LEA, XCHG, CMOVcc and SETcc between registers. */
final class Moves {
  private Moves() {}

  static final class Copy64 extends RegisterOp {
    Copy64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[s];
    }
  }

  static final class Copy32 extends RegisterOp {
    Copy32(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[s] & LOW32;
    }
  }

  static final class Copy16 extends RegisterOp {
    Copy16(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[d] & ~0xFFFFL | r[s] & 0xFFFF;
    }
  }

  static final class Copy8 extends RegisterOp {
    Copy8(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[d] & ~0xFFL | r[s] & 0xFF;
    }
  }

  /** A value into a 64- or 32-bit register. */
  static final class Constant extends RegisterOp {
    private final long value;

    Constant(Instruction i) {
      super(i);
      value = i.size0 == 8 ? i.immediate : i.immediate & LOW32;
    }

    @Override public void execute(Cpu c) {
      c.gpr[d] = value;
    }
  }

  static final class Constant8 extends RegisterConstantOp {
    Constant8(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[d] & ~0xFFL | immediate & 0xFF;
    }
  }

  static final class ZeroExtend8 extends RegisterOp {
    ZeroExtend8(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[s] & 0xFF;
    }
  }

  static final class ZeroExtend16 extends RegisterOp {
    ZeroExtend16(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[s] & 0xFFFF;
    }
  }

  static final class SignExtend extends RegisterOp {
    private final byte unused;
    private final byte cut;

    SignExtend(Instruction i) {
      super(i);
      unused = (byte) (64 - 8 * i.size1);
      cut = (byte) (i.size0 == 8 ? 0 : 32);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[s] << unused >> unused << cut >>> cut;
    }
  }

  static final class Exchange extends RegisterOp {
    private final byte cut;

    Exchange(Instruction i) {
      super(i);
      cut = (byte) (i.size0 == 8 ? 0 : 32);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      long a = r[d];
      r[d] = r[s] << cut >>> cut;
      r[s] = a << cut >>> cut;
    }
  }

  static final class LeaSimple extends MemoryOp {
    private final byte unused;

    LeaSimple(Instruction i, int next) {
      super(i, next);
      unused = i.size0 == 8 ? cut : 32;
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = g[base] + displacement << unused >>> unused;
    }
  }

  static final class LeaIndexed extends MemoryOp {
    private final byte unused;

    LeaIndexed(Instruction i, int next) {
      super(i, next);
      unused = i.size0 == 8 ? cut : 32;
    }

    @Override public void execute(Cpu c) {
      long[] g = c.gpr;
      g[r] = g[base] + (g[index] << scale) + displacement << unused >>> unused;
    }
  }

  /** Zero-extends its 32-bit destination whether the condition holds or not. */
  static final class MoveIf extends RegisterOp {
    private final char table;
    private final byte cut;

    MoveIf(Instruction i) {
      super(i);
      table = Conditions.table(i.condition);
      cut = (byte) (i.size0 == 8 ? 0 : 32);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = (Conditions.holds(table, c) ? r[s] : r[d]) << cut >>> cut;
    }
  }

  static final class SetIf extends RegisterOp {
    private final char table;

    SetIf(Instruction i) {
      super(i);
      table = Conditions.table(i.condition);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[d] = r[d] & ~0xFFL | (Conditions.holds(table, c) ? 1 : 0);
    }
  }

  /** CDQE, CWDE. */
  static final class WidenAccumulator extends RegisterOp {
    private final byte unused;
    private final byte cut;

    WidenAccumulator(Instruction i) {
      super(i);
      unused = (byte) (64 - 4 * i.operandSize);
      cut = (byte) (i.operandSize == 8 ? 0 : 32);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[Cpu.RAX] = r[Cpu.RAX] << unused >> unused << cut >>> cut;
    }
  }

  /** CQO, CDQ. */
  static final class SpreadSign extends RegisterOp {
    private final byte unused;
    private final byte cut;

    SpreadSign(Instruction i) {
      super(i);
      unused = (byte) (64 - 8 * i.operandSize);
      cut = (byte) (i.operandSize == 8 ? 0 : 32);
    }

    @Override public void execute(Cpu c) {
      long[] r = c.gpr;
      r[Cpu.RDX] = r[Cpu.RAX] << unused >> 63 << cut >>> cut;
    }
  }

  /** NOP in all its forms, ENDBR, prefetches: nothing the guest could see. */
  static final class Nothing extends Op {
    @Override public void execute(Cpu c) {}
  }
}
