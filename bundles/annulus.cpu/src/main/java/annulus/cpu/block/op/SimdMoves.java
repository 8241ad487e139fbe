package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.SimdState;

/** MOVAPS, MOVUPS, MOVSD, MOVSS, MOVQ, MOVD, MOVLPS, MOVHPS and their like (SDM 2B). */
final class SimdMoves {
  private SimdMoves() {}

  static final class Copy128 extends XmmOp {
    Copy128(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[s];
      x[d + 1] = x[s + 1];
    }
  }

  /** MOVQ: zero above. */
  static final class Copy64 extends XmmOp {
    Copy64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[s];
      x[d + 1] = 0;
    }
  }

  /** MOVSD: the rest stays. */
  static final class ReplaceDouble extends XmmOp {
    ReplaceDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.xmm[s];
    }
  }

  static final class ReplaceSingle extends XmmOp {
    ReplaceSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[d] & ~LOW32 | x[s] & LOW32;
    }
  }

  static final class HighToLow extends XmmOp {
    HighToLow(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.xmm[s + 1];
    }
  }

  static final class LowToHigh extends XmmOp {
    LowToHigh(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d + 1] = c.xmm[s];
    }
  }

  static final class FromGeneral64 extends XmmOp {
    FromGeneral64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.gpr[s >>> 1];
      c.xmm[d + 1] = 0;
    }
  }

  static final class FromGeneral32 extends XmmOp {
    FromGeneral32(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.gpr[s >>> 1] & LOW32;
      c.xmm[d + 1] = 0;
    }
  }

  static final class ToGeneral64 extends XmmOp {
    ToGeneral64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.gpr[d >>> 1] = c.xmm[s];
    }
  }

  static final class ToGeneral32 extends XmmOp {
    ToGeneral32(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.gpr[d >>> 1] = c.xmm[s] & LOW32;
    }
  }

  static final class Load128Simple extends XmmMemoryOp {
    Load128Simple(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.memory.load128(simple(c.gpr));
      c.xmm[d + 1] = c.memory.high;
    }
  }

  static final class Store128Simple extends XmmMemoryOp {
    Store128Simple(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.memory.store128(simple(c.gpr), c.xmm[d], c.xmm[d + 1]);
    }
  }

  static final class Load128Indexed extends XmmMemoryOp {
    Load128Indexed(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.memory.load128(indexed(c.gpr));
      c.xmm[d + 1] = c.memory.high;
    }
  }

  static final class Store128Indexed extends XmmMemoryOp {
    Store128Indexed(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.memory.store128(indexed(c.gpr), c.xmm[d], c.xmm[d + 1]);
    }
  }

  static final class LoadAligned extends XmmMemoryOp {
    LoadAligned(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.memory.load128(aligned(c));
      c.xmm[d + 1] = c.memory.high;
    }
  }

  static final class StoreAligned extends XmmMemoryOp {
    StoreAligned(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.memory.store128(aligned(c), c.xmm[d], c.xmm[d + 1]);
    }
  }

  static final class Load64 extends XmmMemoryOp {
    Load64(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.memory.load64(indexed(c.gpr));
      c.xmm[d + 1] = 0;
    }
  }

  static final class Load32 extends XmmMemoryOp {
    Load32(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.memory.load32(indexed(c.gpr)) & LOW32;
      c.xmm[d + 1] = 0;
    }
  }

  static final class Store64 extends XmmMemoryOp {
    Store64(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.memory.store64(indexed(c.gpr), c.xmm[d]);
    }
  }

  static final class Store32 extends XmmMemoryOp {
    Store32(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.memory.store32(indexed(c.gpr), (int) c.xmm[d]);
    }
  }

  static final class LoadLow extends XmmMemoryOp {
    LoadLow(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d] = c.memory.load64(indexed(c.gpr));
    }
  }

  static final class LoadHigh extends XmmMemoryOp {
    LoadHigh(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d + 1] = c.memory.load64(indexed(c.gpr));
    }
  }

  static final class StoreHigh extends XmmMemoryOp {
    StoreHigh(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.memory.store64(indexed(c.gpr), c.xmm[d + 1]);
    }
  }
}
