package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.exec.SseSingle;

/** Packed arithmetic: ADDPD, SUBPD, MULPD, DIVPD and the same of singles (SDM 2A). */
final class SimdFloats {
  private SimdFloats() {}

  private static long join(int low, int high) {
    return low & Op.LOW32 | (long) high << 32;
  }

  static final class AddDoubles extends XmmOp {
    AddDoubles(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long low = SseDouble.add(c, x[d], x[s]);
      long high = SseDouble.add(c, x[d + 1], x[s + 1]);
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class AddSingles extends XmmOp {
    AddSingles(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long low = join(SseSingle.add(c, (int) x[d], (int) x[s]),
          SseSingle.add(c, (int) (x[d] >>> 32), (int) (x[s] >>> 32)));
      long high = join(SseSingle.add(c, (int) x[d + 1], (int) x[s + 1]),
          SseSingle.add(c, (int) (x[d + 1] >>> 32), (int) (x[s + 1] >>> 32)));
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class AddDoublesMemory extends XmmMemoryOp {
    AddDoublesMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long al = c.memory.load128(aligned(c));
      long ah = c.memory.high;
      long low = SseDouble.add(c, x[d], al);
      long high = SseDouble.add(c, x[d + 1], ah);
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class AddSinglesMemory extends XmmMemoryOp {
    AddSinglesMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long al = c.memory.load128(aligned(c));
      long ah = c.memory.high;
      long low = join(SseSingle.add(c, (int) x[d], (int) al),
          SseSingle.add(c, (int) (x[d] >>> 32), (int) (al >>> 32)));
      long high = join(SseSingle.add(c, (int) x[d + 1], (int) ah),
          SseSingle.add(c, (int) (x[d + 1] >>> 32), (int) (ah >>> 32)));
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class SubDoubles extends XmmOp {
    SubDoubles(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long low = SseDouble.sub(c, x[d], x[s]);
      long high = SseDouble.sub(c, x[d + 1], x[s + 1]);
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class SubSingles extends XmmOp {
    SubSingles(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long low = join(SseSingle.sub(c, (int) x[d], (int) x[s]),
          SseSingle.sub(c, (int) (x[d] >>> 32), (int) (x[s] >>> 32)));
      long high = join(SseSingle.sub(c, (int) x[d + 1], (int) x[s + 1]),
          SseSingle.sub(c, (int) (x[d + 1] >>> 32), (int) (x[s + 1] >>> 32)));
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class SubDoublesMemory extends XmmMemoryOp {
    SubDoublesMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long al = c.memory.load128(aligned(c));
      long ah = c.memory.high;
      long low = SseDouble.sub(c, x[d], al);
      long high = SseDouble.sub(c, x[d + 1], ah);
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class SubSinglesMemory extends XmmMemoryOp {
    SubSinglesMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long al = c.memory.load128(aligned(c));
      long ah = c.memory.high;
      long low = join(SseSingle.sub(c, (int) x[d], (int) al),
          SseSingle.sub(c, (int) (x[d] >>> 32), (int) (al >>> 32)));
      long high = join(SseSingle.sub(c, (int) x[d + 1], (int) ah),
          SseSingle.sub(c, (int) (x[d + 1] >>> 32), (int) (ah >>> 32)));
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class MulDoubles extends XmmOp {
    MulDoubles(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long low = SseDouble.mul(c, x[d], x[s]);
      long high = SseDouble.mul(c, x[d + 1], x[s + 1]);
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class MulSingles extends XmmOp {
    MulSingles(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long low = join(SseSingle.mul(c, (int) x[d], (int) x[s]),
          SseSingle.mul(c, (int) (x[d] >>> 32), (int) (x[s] >>> 32)));
      long high = join(SseSingle.mul(c, (int) x[d + 1], (int) x[s + 1]),
          SseSingle.mul(c, (int) (x[d + 1] >>> 32), (int) (x[s + 1] >>> 32)));
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class MulDoublesMemory extends XmmMemoryOp {
    MulDoublesMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long al = c.memory.load128(aligned(c));
      long ah = c.memory.high;
      long low = SseDouble.mul(c, x[d], al);
      long high = SseDouble.mul(c, x[d + 1], ah);
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class MulSinglesMemory extends XmmMemoryOp {
    MulSinglesMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long al = c.memory.load128(aligned(c));
      long ah = c.memory.high;
      long low = join(SseSingle.mul(c, (int) x[d], (int) al),
          SseSingle.mul(c, (int) (x[d] >>> 32), (int) (al >>> 32)));
      long high = join(SseSingle.mul(c, (int) x[d + 1], (int) ah),
          SseSingle.mul(c, (int) (x[d + 1] >>> 32), (int) (ah >>> 32)));
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class DivDoubles extends XmmOp {
    DivDoubles(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long low = SseDouble.div(c, x[d], x[s]);
      long high = SseDouble.div(c, x[d + 1], x[s + 1]);
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class DivSingles extends XmmOp {
    DivSingles(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long low = join(SseSingle.div(c, (int) x[d], (int) x[s]),
          SseSingle.div(c, (int) (x[d] >>> 32), (int) (x[s] >>> 32)));
      long high = join(SseSingle.div(c, (int) x[d + 1], (int) x[s + 1]),
          SseSingle.div(c, (int) (x[d + 1] >>> 32), (int) (x[s + 1] >>> 32)));
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class DivDoublesMemory extends XmmMemoryOp {
    DivDoublesMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long al = c.memory.load128(aligned(c));
      long ah = c.memory.high;
      long low = SseDouble.div(c, x[d], al);
      long high = SseDouble.div(c, x[d + 1], ah);
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }

  static final class DivSinglesMemory extends XmmMemoryOp {
    DivSinglesMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long al = c.memory.load128(aligned(c));
      long ah = c.memory.high;
      long low = join(SseSingle.div(c, (int) x[d], (int) al),
          SseSingle.div(c, (int) (x[d] >>> 32), (int) (al >>> 32)));
      long high = join(SseSingle.div(c, (int) x[d + 1], (int) ah),
          SseSingle.div(c, (int) (x[d + 1] >>> 32), (int) (ah >>> 32)));
      SimdState.endFloat(c);
      x[d] = low;
      x[d + 1] = high;
    }
  }
}
