package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.PackedCompare;
import annulus.cpu.exec.SimdElement;
import annulus.cpu.exec.SimdState;

/** Comparisons of packed integers: PCMPEQB, PCMPGTB, PMINUB, PMOVMSKB and their like (SDM 2B). */
final class SimdComparisons {
  private SimdComparisons() {}

  static final class Pcmpeqb extends XmmOp {
    Pcmpeqb(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedCompare.pcmpeqb(x[d], x[s]);
      x[d + 1] = PackedCompare.pcmpeqb(x[d + 1], x[s + 1]);
    }
  }

  static final class PcmpeqbMemory extends XmmMemoryOp {
    PcmpeqbMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedCompare.pcmpeqb(x[d], low);
      x[d + 1] = PackedCompare.pcmpeqb(x[d + 1], high);
    }
  }

  static final class Pcmpeqw extends XmmOp {
    Pcmpeqw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedCompare.pcmpeqw(x[d], x[s]);
      x[d + 1] = PackedCompare.pcmpeqw(x[d + 1], x[s + 1]);
    }
  }

  static final class PcmpeqwMemory extends XmmMemoryOp {
    PcmpeqwMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedCompare.pcmpeqw(x[d], low);
      x[d + 1] = PackedCompare.pcmpeqw(x[d + 1], high);
    }
  }

  static final class Pcmpeqd extends XmmOp {
    Pcmpeqd(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedCompare.pcmpeqd(x[d], x[s]);
      x[d + 1] = PackedCompare.pcmpeqd(x[d + 1], x[s + 1]);
    }
  }

  static final class PcmpeqdMemory extends XmmMemoryOp {
    PcmpeqdMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedCompare.pcmpeqd(x[d], low);
      x[d + 1] = PackedCompare.pcmpeqd(x[d + 1], high);
    }
  }

  static final class Pcmpgtb extends XmmOp {
    Pcmpgtb(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedCompare.pcmpgtb(x[d], x[s]);
      x[d + 1] = PackedCompare.pcmpgtb(x[d + 1], x[s + 1]);
    }
  }

  static final class PcmpgtbMemory extends XmmMemoryOp {
    PcmpgtbMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedCompare.pcmpgtb(x[d], low);
      x[d + 1] = PackedCompare.pcmpgtb(x[d + 1], high);
    }
  }

  static final class Pcmpgtw extends XmmOp {
    Pcmpgtw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedCompare.pcmpgtw(x[d], x[s]);
      x[d + 1] = PackedCompare.pcmpgtw(x[d + 1], x[s + 1]);
    }
  }

  static final class PcmpgtwMemory extends XmmMemoryOp {
    PcmpgtwMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedCompare.pcmpgtw(x[d], low);
      x[d + 1] = PackedCompare.pcmpgtw(x[d + 1], high);
    }
  }

  static final class Pcmpgtd extends XmmOp {
    Pcmpgtd(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedCompare.pcmpgtd(x[d], x[s]);
      x[d + 1] = PackedCompare.pcmpgtd(x[d + 1], x[s + 1]);
    }
  }

  static final class PcmpgtdMemory extends XmmMemoryOp {
    PcmpgtdMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedCompare.pcmpgtd(x[d], low);
      x[d + 1] = PackedCompare.pcmpgtd(x[d + 1], high);
    }
  }

  static final class Pminub extends XmmOp {
    Pminub(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedCompare.pminub(x[d], x[s]);
      x[d + 1] = PackedCompare.pminub(x[d + 1], x[s + 1]);
    }
  }

  static final class PminubMemory extends XmmMemoryOp {
    PminubMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedCompare.pminub(x[d], low);
      x[d + 1] = PackedCompare.pminub(x[d + 1], high);
    }
  }

  static final class Pmaxub extends XmmOp {
    Pmaxub(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedCompare.pmaxub(x[d], x[s]);
      x[d + 1] = PackedCompare.pmaxub(x[d + 1], x[s + 1]);
    }
  }

  static final class PmaxubMemory extends XmmMemoryOp {
    PmaxubMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedCompare.pmaxub(x[d], low);
      x[d + 1] = PackedCompare.pmaxub(x[d + 1], high);
    }
  }

  static final class Pmovmskb extends XmmOp {
    Pmovmskb(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      c.gpr[d >>> 1] = SimdElement.pmovmskb(x[s]) | SimdElement.pmovmskb(x[s + 1]) << 8;
    }
  }
}
