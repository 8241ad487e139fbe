package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.PackedAdd;
import annulus.cpu.exec.PackedCompare;
import annulus.cpu.exec.SimdElement;
import annulus.cpu.exec.SimdState;

/** Bitwise logic and packed integers: PAND, PADDB, PCMPEQB, PMINUB, PMOVMSKB and their like (SDM 2B). */
final class SimdIntegers {
  private SimdIntegers() {}

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
