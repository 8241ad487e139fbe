package annulus.cpu.block.op;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.PackedPack;
import annulus.cpu.exec.PackedShift;
import annulus.cpu.exec.PackedShuffle;
import annulus.cpu.exec.SimdState;

/** Interleaving, shuffles and shifts by a constant, between registers: PUNPCKLBW, PSHUFD, PALIGNR, PSLLDQ (SDM 2B). */
final class SimdShuffles {
  private SimdShuffles() {}

  static final class Punpcklbw extends XmmOp {
    Punpcklbw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long a = x[d];
      long b = x[s];
      x[d] = PackedPack.punpcklbw(a, b);
      x[d + 1] = PackedPack.punpckhbw(a, b);
    }
  }

  static final class Punpckhbw extends XmmOp {
    Punpckhbw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long a = x[d + 1];
      long b = x[s + 1];
      x[d] = PackedPack.punpcklbw(a, b);
      x[d + 1] = PackedPack.punpckhbw(a, b);
    }
  }

  static final class Punpcklwd extends XmmOp {
    Punpcklwd(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long a = x[d];
      long b = x[s];
      x[d] = PackedPack.punpcklwd(a, b);
      x[d + 1] = PackedPack.punpckhwd(a, b);
    }
  }

  static final class Punpckhwd extends XmmOp {
    Punpckhwd(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long a = x[d + 1];
      long b = x[s + 1];
      x[d] = PackedPack.punpcklwd(a, b);
      x[d + 1] = PackedPack.punpckhwd(a, b);
    }
  }

  static final class Punpckldq extends XmmOp {
    Punpckldq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long a = x[d];
      long b = x[s];
      x[d] = PackedPack.punpckldq(a, b);
      x[d + 1] = PackedPack.punpckhdq(a, b);
    }
  }

  static final class Punpckhdq extends XmmOp {
    Punpckhdq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long a = x[d + 1];
      long b = x[s + 1];
      x[d] = PackedPack.punpckldq(a, b);
      x[d + 1] = PackedPack.punpckhdq(a, b);
    }
  }

  static final class Punpcklqdq extends XmmOp {
    Punpcklqdq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      c.xmm[d + 1] = c.xmm[s];
    }
  }

  static final class Punpckhqdq extends XmmOp {
    Punpckhqdq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = x[d + 1];
      x[d + 1] = x[s + 1];
    }
  }

  static final class Pshufd extends XmmOp {
    Pshufd(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = x[s];
      long high = x[s + 1];
      x[d] = PackedShuffle.doublewords(low, high, immediate);
      x[d + 1] = PackedShuffle.doublewords(low, high, immediate >>> 4);
    }
  }

  static final class Pshuflw extends XmmOp {
    Pshuflw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShuffle.words(x[s], immediate);
      x[d + 1] = x[s + 1];
    }
  }

  static final class Pshufhw extends XmmOp {
    Pshufhw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d + 1] = PackedShuffle.words(x[s + 1], immediate);
      x[d] = x[s];
    }
  }

  static final class Shufps extends XmmOp {
    Shufps(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long high = PackedShuffle.doublewords(x[s], x[s + 1], immediate >>> 4);
      x[d] = PackedShuffle.doublewords(x[d], x[d + 1], immediate);
      x[d + 1] = high;
    }
  }

  static final class Shufpd extends XmmOp {
    Shufpd(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long high = x[s + (immediate >>> 1 & 1)];
      x[d] = x[d + (immediate & 1)];
      x[d + 1] = high;
    }
  }

  static final class Pshufb extends XmmOp {
    Pshufb(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      long low = x[d];
      long high = x[d + 1];
      long order = x[s + 1];
      x[d] = PackedShuffle.pshufb(low, high, x[s]);
      x[d + 1] = PackedShuffle.pshufb(low, high, order);
    }
  }

  /** PALIGNR by 1 to 7 bytes. */
  static final class AlignWithin extends XmmOp {
    AlignWithin(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      int right = 8 * immediate;
      long middle = x[s + 1];
      long high = middle >>> right | x[d] << -right;
      x[d] = x[s] >>> right | middle << -right;
      x[d + 1] = high;
    }
  }

  /** PALIGNR by 9 to 15 bytes. */
  static final class AlignAcross extends XmmOp {
    AlignAcross(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      int right = 8 * immediate;
      long middle = x[d];
      long high = middle >>> right | x[d + 1] << -right;
      x[d] = x[s + 1] >>> right | middle << -right;
      x[d + 1] = high;
    }
  }

  static final class Psllw extends XmmOp {
    Psllw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShift.psllw(x[d], immediate);
      x[d + 1] = PackedShift.psllw(x[d + 1], immediate);
    }
  }

  static final class Pslld extends XmmOp {
    Pslld(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShift.pslld(x[d], immediate);
      x[d + 1] = PackedShift.pslld(x[d + 1], immediate);
    }
  }

  static final class Psllq extends XmmOp {
    Psllq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShift.psllq(x[d], immediate);
      x[d + 1] = PackedShift.psllq(x[d + 1], immediate);
    }
  }

  static final class Psrlw extends XmmOp {
    Psrlw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShift.psrlw(x[d], immediate);
      x[d + 1] = PackedShift.psrlw(x[d + 1], immediate);
    }
  }

  static final class Psrld extends XmmOp {
    Psrld(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShift.psrld(x[d], immediate);
      x[d + 1] = PackedShift.psrld(x[d + 1], immediate);
    }
  }

  static final class Psrlq extends XmmOp {
    Psrlq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShift.psrlq(x[d], immediate);
      x[d + 1] = PackedShift.psrlq(x[d + 1], immediate);
    }
  }

  static final class Psraw extends XmmOp {
    Psraw(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShift.psraw(x[d], immediate);
      x[d + 1] = PackedShift.psraw(x[d + 1], immediate);
    }
  }

  static final class Psrad extends XmmOp {
    Psrad(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      x[d] = PackedShift.psrad(x[d], immediate);
      x[d + 1] = PackedShift.psrad(x[d + 1], immediate);
    }
  }

  static final class Pslldq extends XmmOp {
    Pslldq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      int bits = 8 * Math.min(immediate, 16);
      long low = x[d];
      x[d + 1] = bits >= 64 ? PackedShift.psllq(low, bits - 64)
          : PackedShift.psllq(x[d + 1], bits) | PackedShift.psrlq(low, 64 - bits);
      x[d] = PackedShift.psllq(low, bits);
    }
  }

  static final class Psrldq extends XmmOp {
    Psrldq(Instruction i) {
      super(i);
    }

    @Override public void execute(Cpu c) {
      SimdState.requireSse(c);
      long[] x = c.xmm;
      int bits = 8 * Math.min(immediate, 16);
      long high = x[d + 1];
      x[d] = bits >= 64 ? PackedShift.psrlq(high, bits - 64)
          : PackedShift.psrlq(x[d], bits) | PackedShift.psllq(high, 64 - bits);
      x[d + 1] = PackedShift.psrlq(high, bits);
    }
  }
}
