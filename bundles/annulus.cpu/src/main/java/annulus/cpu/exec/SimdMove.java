package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;

/**
 * Moves between registers and memory (SDM 2B MOVAPS ... MOVSLDUP). Non-temporal hints change nothing here: memory has one order
 * and no cache. Aligned forms raise #GP(0) for an address that is no multiple of 16.
 */
public final class SimdMove implements Family {
  @Override public void define(Definitions d) {
    Semantics aligned = (c, i) -> move(c, i, true);
    Semantics unaligned = (c, i) -> move(c, i, false);
    d.define(MOVAPS, aligned);
    d.define(MOVAPD, aligned);
    d.define(MOVDQA, aligned);
    d.define(MOVNTPS, aligned);
    d.define(MOVNTPD, aligned);
    d.define(MOVNTDQ, aligned);
    d.define(MOVNTDQA, aligned);
    d.define(MOVUPS, unaligned);
    d.define(MOVUPD, unaligned);
    d.define(MOVDQU, unaligned);
    d.define(LDDQU, unaligned);
    d.define(MOVSS, (c, i) -> scalar(c, i, 32));
    d.define(MOVSD, (c, i) -> scalar(c, i, 64));
    d.define(MOVNTSS, (c, i) -> scalar(c, i, 32));
    d.define(MOVNTSD, (c, i) -> scalar(c, i, 64));
    d.define(MOVD, SimdMove::element);
    d.define(MOVQ, SimdMove::element);
    d.define(MOVNTQ, SimdMove::element);
    d.define(MOVQ2DQ, SimdMove::movq2dq);
    d.define(MOVDQ2Q, SimdMove::movdq2q);
    d.define(MOVLPS, (c, i) -> half(c, i, 0));
    d.define(MOVLPD, (c, i) -> half(c, i, 0));
    d.define(MOVHPS, (c, i) -> half(c, i, 1));
    d.define(MOVHPD, (c, i) -> half(c, i, 1));
    d.define(MOVHLPS, (c, i) -> between(c, i, 0, 1));
    d.define(MOVLHPS, (c, i) -> between(c, i, 1, 0));
    d.define(MOVDDUP, (c, i) -> SimdOperands.widen(c, i, (a, half) -> a));
    d.define(MOVSLDUP, (c, i) -> SimdOperands.halves(c, i, (a, b) -> b & 0xFFFF_FFFFL | b << 32));
    d.define(MOVSHDUP, (c, i) -> SimdOperands.halves(c, i, (a, b) -> b >>> 32 | b & 0xFFFF_FFFF_0000_0000L));
    d.define(MASKMOVQ, SimdMove::maskmovq);
    d.define(MASKMOVDQU, SimdMove::maskmovdqu);
  }

  private static void move(Cpu c, Instruction i, boolean aligned) {
    SimdState.requireSse(c);
    if (i.kind0 == Instruction.XMM) {
      int d = 2 * i.reg0;
      if (i.kind1 == Instruction.XMM) {
        c.xmm[d] = c.xmm[2 * i.reg1];
        c.xmm[d + 1] = c.xmm[2 * i.reg1 + 1];
      } else {
        long at = aligned ? SimdOperands.aligned(c, i, false) : Addressing.linear(c, i, 16, false);
        long low = c.memory.load64(at);
        c.xmm[d + 1] = c.memory.load64(at + 8);
        c.xmm[d] = low;
      }
    } else {
      long low = c.xmm[2 * i.reg1];
      long high = c.xmm[2 * i.reg1 + 1];
      SimdOperands.store128(c, aligned ? SimdOperands.aligned(c, i, true) : Addressing.linear(c, i, 16, true), low, high);
    }
  }

  /** MOVSS, MOVSD: between registers the rest stays, a load clears it. */
  private static void scalar(Cpu c, Instruction i, int bits) {
    SimdState.requireSse(c);
    if (i.kind0 == Instruction.MEMORY) {
      c.memory.store(Addressing.linear(c, i, bits / 8, true), bits / 8, c.xmm[2 * i.reg1]);
    } else if (i.kind1 == Instruction.XMM) {
      c.xmm[2 * i.reg0] = SimdElement.replace(c.xmm[2 * i.reg0], c.xmm[2 * i.reg1], 0, bits);
    } else {
      c.xmm[2 * i.reg0] = c.memory.load(Addressing.linear(c, i, bits / 8, false), bits / 8);
      c.xmm[2 * i.reg0 + 1] = 0;
    }
  }

  /** MOVD, MOVQ: 32 or 64 bits between SIMD registers, general registers and memory; a register written is zero above them. */
  private static void element(Cpu c, Instruction i) {
    if (i.kind0 == Instruction.XMM || i.kind1 == Instruction.XMM) {
      SimdState.requireSse(c);
      if (i.kind0 == Instruction.XMM) {
        c.xmm[2 * i.reg0] = i.kind1 == Instruction.XMM ? c.xmm[2 * i.reg1] : Operands.read(c, i, 1);
        c.xmm[2 * i.reg0 + 1] = 0;
      } else {
        Operands.write(c, i, 0, c.xmm[2 * i.reg1]);
      }
      return;
    }
    if (!SimdState.mmxReady(c, i)) {
      return;
    }
    if (i.kind0 == Instruction.MMX) {
      SimdState.writeMmx(c, i.reg0, i.kind1 == Instruction.MMX ? c.fpu.significand[i.reg1] : Operands.read(c, i, 1));
    } else {
      Operands.write(c, i, 0, c.fpu.significand[i.reg1]);
      SimdState.enterMmx(c);
    }
  }

  private static void movq2dq(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    if (!SimdState.mmxReady(c, i)) {
      return;
    }
    SimdState.enterMmx(c);
    c.xmm[2 * i.reg0] = c.fpu.significand[i.reg1];
    c.xmm[2 * i.reg0 + 1] = 0;
  }

  private static void movdq2q(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    if (!SimdState.mmxReady(c, i)) {
      return;
    }
    SimdState.writeMmx(c, i.reg0, c.xmm[2 * i.reg1]);
  }

  /** Loads or stores one half of a register. */
  private static void half(Cpu c, Instruction i, int half) {
    SimdState.requireSse(c);
    if (i.kind0 == Instruction.XMM) {
      c.xmm[2 * i.reg0 + half] = c.memory.load64(Addressing.linear(c, i, 8, false));
    } else {
      c.memory.store64(Addressing.linear(c, i, 8, true), c.xmm[2 * i.reg1 + half]);
    }
  }

  private static void between(Cpu c, Instruction i, int to, int from) {
    SimdState.requireSse(c);
    c.xmm[2 * i.reg0 + to] = c.xmm[2 * i.reg1 + from];
  }

  private static void maskmovq(Cpu c, Instruction i) {
    if (!SimdState.mmxReady(c, i)) {
      return;
    }
    long at = Addressing.linear(c, i, 8, true);
    long mask = SimdElement.pmovmskb(c.fpu.significand[i.reg2]);
    checkBytes(c, at, mask);
    storeBytes(c, at, mask, c.fpu.significand[i.reg1]);
    SimdState.enterMmx(c);
  }

  private static void maskmovdqu(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    long at = Addressing.linear(c, i, 16, true);
    long lowMask = SimdElement.pmovmskb(c.xmm[2 * i.reg2]);
    long highMask = SimdElement.pmovmskb(c.xmm[2 * i.reg2 + 1]);
    checkBytes(c, at, lowMask);
    checkBytes(c, at + 8, highMask);
    storeBytes(c, at, lowMask, c.xmm[2 * i.reg1]);
    storeBytes(c, at + 8, highMask, c.xmm[2 * i.reg1 + 1]);
  }

  /** Whether bytes that are not stored can fault is the implementation's choice (SDM 2B MASKMOVDQU): here they never do. */
  private static void checkBytes(Cpu c, long at, long mask) {
    for (long rest = mask; rest != 0; rest &= rest - 1) {
      c.memory.checkWrite(at + Long.numberOfTrailingZeros(rest), 1);
    }
  }

  private static void storeBytes(Cpu c, long at, long mask, long data) {
    for (long rest = mask; rest != 0; rest &= rest - 1) {
      int n = Long.numberOfTrailingZeros(rest);
      c.memory.store8(at + n, (int) (data >>> 8 * n));
    }
  }
}
