package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.FloatCompare;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.exec.SseSingle;

/** Scalar arithmetic and comparisons: ADDSD, COMISD and their like (SDM 2A). Exceptions come before the result is written. */
final class SimdScalars {
  private SimdScalars() {}

  static final class AddDouble extends XmmOp {
    AddDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.add(c, x[d], x[s]);
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class AddDoubleMemory extends XmmMemoryOp {
    AddDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.add(c, x[d], c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class SubDouble extends XmmOp {
    SubDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.sub(c, x[d], x[s]);
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class SubDoubleMemory extends XmmMemoryOp {
    SubDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.sub(c, x[d], c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class MulDouble extends XmmOp {
    MulDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.mul(c, x[d], x[s]);
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class MulDoubleMemory extends XmmMemoryOp {
    MulDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.mul(c, x[d], c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class DivDouble extends XmmOp {
    DivDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.div(c, x[d], x[s]);
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class DivDoubleMemory extends XmmMemoryOp {
    DivDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.div(c, x[d], c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class MinDouble extends XmmOp {
    MinDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.min(c, x[d], x[s]);
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class MinDoubleMemory extends XmmMemoryOp {
    MinDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.min(c, x[d], c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class MaxDouble extends XmmOp {
    MaxDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.max(c, x[d], x[s]);
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class MaxDoubleMemory extends XmmMemoryOp {
    MaxDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.max(c, x[d], c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class SqrtDouble extends XmmOp {
    SqrtDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.sqrt(c, x[s]);
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class SqrtDoubleMemory extends XmmMemoryOp {
    SqrtDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      long result = SseDouble.sqrt(c, c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = result;
    }
  }

  static final class CompareDouble extends XmmOp {
    CompareDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      FloatCompare.setFlags(c, SseDouble.compare(c, c.xmm[d], c.xmm[s], true));
    }
  }

  static final class CompareDoubleMemory extends XmmMemoryOp {
    CompareDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      FloatCompare.setFlags(c, SseDouble.compare(c, c.xmm[d], c.memory.load64(indexed(c.gpr)), true));
    }
  }

  static final class CompareUnorderedDouble extends XmmOp {
    CompareUnorderedDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      FloatCompare.setFlags(c, SseDouble.compare(c, c.xmm[d], c.xmm[s], false));
    }
  }

  static final class CompareUnorderedDoubleMemory extends XmmMemoryOp {
    CompareUnorderedDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      FloatCompare.setFlags(c, SseDouble.compare(c, c.xmm[d], c.memory.load64(indexed(c.gpr)), false));
    }
  }

  static final class AddSingle extends XmmOp {
    AddSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.add(c, (int) x[d], (int) x[s]);
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class AddSingleMemory extends XmmMemoryOp {
    AddSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.add(c, (int) x[d], c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class SubSingle extends XmmOp {
    SubSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.sub(c, (int) x[d], (int) x[s]);
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class SubSingleMemory extends XmmMemoryOp {
    SubSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.sub(c, (int) x[d], c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class MulSingle extends XmmOp {
    MulSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.mul(c, (int) x[d], (int) x[s]);
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class MulSingleMemory extends XmmMemoryOp {
    MulSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.mul(c, (int) x[d], c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class DivSingle extends XmmOp {
    DivSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.div(c, (int) x[d], (int) x[s]);
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class DivSingleMemory extends XmmMemoryOp {
    DivSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.div(c, (int) x[d], c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class MinSingle extends XmmOp {
    MinSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.min(c, (int) x[d], (int) x[s]);
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class MinSingleMemory extends XmmMemoryOp {
    MinSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.min(c, (int) x[d], c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class MaxSingle extends XmmOp {
    MaxSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.max(c, (int) x[d], (int) x[s]);
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class MaxSingleMemory extends XmmMemoryOp {
    MaxSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.max(c, (int) x[d], c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class SqrtSingle extends XmmOp {
    SqrtSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.sqrt(c, (int) x[s]);
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class SqrtSingleMemory extends XmmMemoryOp {
    SqrtSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long[] x = c.xmm;
      int result = SseSingle.sqrt(c, c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      x[d] = x[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class CompareSingle extends XmmOp {
    CompareSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      FloatCompare.setFlags(c, SseSingle.compare(c, (int) c.xmm[d], (int) c.xmm[s], true));
    }
  }

  static final class CompareSingleMemory extends XmmMemoryOp {
    CompareSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      FloatCompare.setFlags(c, SseSingle.compare(c, (int) c.xmm[d], c.memory.load32(indexed(c.gpr)), true));
    }
  }

  static final class CompareUnorderedSingle extends XmmOp {
    CompareUnorderedSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      FloatCompare.setFlags(c, SseSingle.compare(c, (int) c.xmm[d], (int) c.xmm[s], false));
    }
  }

  static final class CompareUnorderedSingleMemory extends XmmMemoryOp {
    CompareUnorderedSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      FloatCompare.setFlags(c, SseSingle.compare(c, (int) c.xmm[d], c.memory.load32(indexed(c.gpr)), false));
    }
  }
}
