package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.SimdState;

/** Bitwise logic: PAND, PANDN, POR, PXOR and what does the same for floating-point values (SDM 2B). */
final class SimdBitwise {
  private SimdBitwise() {}

  /** A register exclusively ored with itself. */
  static final class Clear extends XmmOp {
    Clear(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = 0;
      c.xmm[d + 1] = 0;
    }
  }

  static final class And extends XmmOp {
    And(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[d] & x[s];
      x[d + 1] = x[d + 1] & x[s + 1];
    }
  }

  static final class AndMemory extends XmmMemoryOp {
    AndMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = x[d] & low;
      x[d + 1] = x[d + 1] & high;
    }
  }

  static final class AndNot extends XmmOp {
    AndNot(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = ~x[d] & x[s];
      x[d + 1] = ~x[d + 1] & x[s + 1];
    }
  }

  static final class AndNotMemory extends XmmMemoryOp {
    AndNotMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = ~x[d] & low;
      x[d + 1] = ~x[d + 1] & high;
    }
  }

  static final class Or extends XmmOp {
    Or(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[d] | x[s];
      x[d + 1] = x[d + 1] | x[s + 1];
    }
  }

  static final class OrMemory extends XmmMemoryOp {
    OrMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = x[d] | low;
      x[d + 1] = x[d + 1] | high;
    }
  }

  static final class Xor extends XmmOp {
    Xor(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[d] ^ x[s];
      x[d + 1] = x[d + 1] ^ x[s + 1];
    }
  }

  static final class XorMemory extends XmmMemoryOp {
    XorMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = x[d] ^ low;
      x[d + 1] = x[d + 1] ^ high;
    }
  }
}
