package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.SimdState;
import annulus.cpu.exec.SseDouble;
import annulus.cpu.exec.SseSingle;
import annulus.cpu.fp.FpContext;

/** Scalar conversions: CVTSI2SD, CVTTSD2SI, CVTSS2SD and their like (SDM 2A). */
final class SimdConversions {
  private SimdConversions() {}

  static final class Integer32ToDouble extends XmmOp {
    Integer32ToDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseDouble.fromInt64(c, (int) c.gpr[s >>> 1]);
      SimdState.endFloat(c);
      c.xmm[d] = result;
    }
  }

  static final class Integer32ToSingle extends XmmOp {
    Integer32ToSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      int result = SseSingle.fromInt64(c, (int) c.gpr[s >>> 1]);
      SimdState.endFloat(c);
      c.xmm[d] = c.xmm[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class Integer64ToDouble extends XmmOp {
    Integer64ToDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseDouble.fromInt64(c, c.gpr[s >>> 1]);
      SimdState.endFloat(c);
      c.xmm[d] = result;
    }
  }

  static final class Integer64ToSingle extends XmmOp {
    Integer64ToSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      int result = SseSingle.fromInt64(c, c.gpr[s >>> 1]);
      SimdState.endFloat(c);
      c.xmm[d] = c.xmm[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class Integer32ToDoubleMemory extends XmmMemoryOp {
    Integer32ToDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseDouble.fromInt64(c, c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      c.xmm[d] = result;
    }
  }

  static final class Integer64ToDoubleMemory extends XmmMemoryOp {
    Integer64ToDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseDouble.fromInt64(c, c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      c.xmm[d] = result;
    }
  }

  static final class TruncateDoubleTo32 extends XmmOp {
    TruncateDoubleTo32(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseDouble.toInt32(c, c.xmm[s], FpContext.ZERO);
      SimdState.endFloat(c);
      c.gpr[d >>> 1] = result & LOW32;
    }
  }

  static final class TruncateDoubleTo64 extends XmmOp {
    TruncateDoubleTo64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseDouble.toInt64(c, c.xmm[s], FpContext.ZERO);
      SimdState.endFloat(c);
      c.gpr[d >>> 1] = result;
    }
  }

  static final class TruncateSingleTo32 extends XmmOp {
    TruncateSingleTo32(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseSingle.toInt32(c, (int) c.xmm[s], FpContext.ZERO);
      SimdState.endFloat(c);
      c.gpr[d >>> 1] = result & LOW32;
    }
  }

  static final class TruncateSingleTo64 extends XmmOp {
    TruncateSingleTo64(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseSingle.toInt64(c, (int) c.xmm[s], FpContext.ZERO);
      SimdState.endFloat(c);
      c.gpr[d >>> 1] = result;
    }
  }

  static final class SingleToDouble extends XmmOp {
    SingleToDouble(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseSingle.toDouble(c, (int) c.xmm[s]);
      SimdState.endFloat(c);
      c.xmm[d] = result;
    }
  }

  static final class SingleToDoubleMemory extends XmmMemoryOp {
    SingleToDoubleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      long result = SseSingle.toDouble(c, c.memory.load32(indexed(c.gpr)));
      SimdState.endFloat(c);
      c.xmm[d] = result;
    }
  }

  static final class DoubleToSingle extends XmmOp {
    DoubleToSingle(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      int result = SseDouble.toSingle(c, c.xmm[s]);
      SimdState.endFloat(c);
      c.xmm[d] = c.xmm[d] & ~LOW32 | result & LOW32;
    }
  }

  static final class DoubleToSingleMemory extends XmmMemoryOp {
    DoubleToSingleMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.beginFloat(c);
      int result = SseDouble.toSingle(c, c.memory.load64(indexed(c.gpr)));
      SimdState.endFloat(c);
      c.xmm[d] = c.xmm[d] & ~LOW32 | result & LOW32;
    }
  }
}
