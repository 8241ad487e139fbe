package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.PackedAdd;
import annulus.cpu.exec.SimdState;

/** Sums and differences of packed integers: PADDB, PSUBUSB and their like (SDM 2B). */
final class SimdIntegers {
  private SimdIntegers() {}

  static final class Paddb extends XmmOp {
    Paddb(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedAdd.paddb(x[d], x[s]);
      x[d + 1] = PackedAdd.paddb(x[d + 1], x[s + 1]);
    }
  }

  static final class PaddbMemory extends XmmMemoryOp {
    PaddbMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedAdd.paddb(x[d], low);
      x[d + 1] = PackedAdd.paddb(x[d + 1], high);
    }
  }

  static final class Paddw extends XmmOp {
    Paddw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedAdd.paddw(x[d], x[s]);
      x[d + 1] = PackedAdd.paddw(x[d + 1], x[s + 1]);
    }
  }

  static final class PaddwMemory extends XmmMemoryOp {
    PaddwMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedAdd.paddw(x[d], low);
      x[d + 1] = PackedAdd.paddw(x[d + 1], high);
    }
  }

  static final class Paddd extends XmmOp {
    Paddd(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedAdd.paddd(x[d], x[s]);
      x[d + 1] = PackedAdd.paddd(x[d + 1], x[s + 1]);
    }
  }

  static final class PadddMemory extends XmmMemoryOp {
    PadddMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedAdd.paddd(x[d], low);
      x[d + 1] = PackedAdd.paddd(x[d + 1], high);
    }
  }

  static final class Psubb extends XmmOp {
    Psubb(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedAdd.psubb(x[d], x[s]);
      x[d + 1] = PackedAdd.psubb(x[d + 1], x[s + 1]);
    }
  }

  static final class PsubbMemory extends XmmMemoryOp {
    PsubbMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedAdd.psubb(x[d], low);
      x[d + 1] = PackedAdd.psubb(x[d + 1], high);
    }
  }

  static final class Psubw extends XmmOp {
    Psubw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedAdd.psubw(x[d], x[s]);
      x[d + 1] = PackedAdd.psubw(x[d + 1], x[s + 1]);
    }
  }

  static final class PsubwMemory extends XmmMemoryOp {
    PsubwMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedAdd.psubw(x[d], low);
      x[d + 1] = PackedAdd.psubw(x[d + 1], high);
    }
  }

  static final class Psubd extends XmmOp {
    Psubd(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedAdd.psubd(x[d], x[s]);
      x[d + 1] = PackedAdd.psubd(x[d + 1], x[s + 1]);
    }
  }

  static final class PsubdMemory extends XmmMemoryOp {
    PsubdMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedAdd.psubd(x[d], low);
      x[d + 1] = PackedAdd.psubd(x[d + 1], high);
    }
  }

  static final class Psubusb extends XmmOp {
    Psubusb(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedAdd.psubusb(x[d], x[s]);
      x[d + 1] = PackedAdd.psubusb(x[d + 1], x[s + 1]);
    }
  }

  static final class PsubusbMemory extends XmmMemoryOp {
    PsubusbMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = PackedAdd.psubusb(x[d], low);
      x[d + 1] = PackedAdd.psubusb(x[d + 1], high);
    }
  }

  static final class Paddq extends XmmOp {
    Paddq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[d] + x[s];
      x[d + 1] = x[d + 1] + x[s + 1];
    }
  }

  static final class PaddqMemory extends XmmMemoryOp {
    PaddqMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = x[d] + low;
      x[d + 1] = x[d + 1] + high;
    }
  }

  static final class Psubq extends XmmOp {
    Psubq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[d] - x[s];
      x[d + 1] = x[d + 1] - x[s + 1];
    }
  }

  static final class PsubqMemory extends XmmMemoryOp {
    PsubqMemory(Instruction i, int next) {
      super(i, next);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = c.memory.load128(aligned(c));
      long high = c.memory.high;
      x[d] = x[d] - low;
      x[d + 1] = x[d + 1] - high;
    }
  }
}
