package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** Sums across elements, alternating sums and dot products (SDM 2A HADDPS, ADDSUBPS, DPPS). */
public final class FloatHorizontal implements Family {
  @Override public void define(Definitions d) {
    d.define(HADDPS, (c, i) -> horizontalSingle(c, i, SseSingle::add));
    d.define(HSUBPS, (c, i) -> horizontalSingle(c, i, SseSingle::sub));
    d.define(HADDPD, (c, i) -> horizontalDouble(c, i, SseDouble::add));
    d.define(HSUBPD, (c, i) -> horizontalDouble(c, i, SseDouble::sub));
    d.define(ADDSUBPS, FloatHorizontal::addsubps);
    d.define(ADDSUBPD, FloatHorizontal::addsubpd);
    d.define(DPPS, FloatHorizontal::dpps);
    d.define(DPPD, FloatHorizontal::dppd);
  }

  private static void horizontalSingle(Cpu c, Instruction i, FloatArithmetic.SingleOp op) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    long low = FloatArithmetic.join(across(c, c.xmm[d], op), across(c, c.xmm[d + 1], op));
    long high = FloatArithmetic.join(across(c, bl, op), across(c, bh, op));
    write(c, d, low, high);
  }

  private static int across(Cpu c, long a, FloatArithmetic.SingleOp op) {
    return op.apply(c, (int) a, (int) (a >>> 32));
  }

  private static void horizontalDouble(Cpu c, Instruction i, FloatArithmetic.DoubleOp op) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    write(c, d, op.apply(c, c.xmm[d], c.xmm[d + 1]), op.apply(c, bl, bh));
  }

  private static void addsubps(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    write(c, d, addsub(c, c.xmm[d], bl), addsub(c, c.xmm[d + 1], bh));
  }

  private static long addsub(Cpu c, long a, long b) {
    return FloatArithmetic.join(SseSingle.sub(c, (int) a, (int) b), SseSingle.add(c, (int) (a >>> 32), (int) (b >>> 32)));
  }

  private static void addsubpd(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    write(c, d, SseDouble.sub(c, c.xmm[d], bl), SseDouble.add(c, c.xmm[d + 1], bh));
  }

  /** Products chosen by immediate bits 7-4, summed as two pairs; every step reports its exceptions before the next begins. */
  private static void dpps(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    int control = SimdOperands.immediate(i);
    int p0 = (control & 0x10) != 0 ? SseSingle.mul(c, (int) c.xmm[d], (int) bl) : 0;
    int p1 = (control & 0x20) != 0 ? SseSingle.mul(c, (int) (c.xmm[d] >>> 32), (int) (bl >>> 32)) : 0;
    int p2 = (control & 0x40) != 0 ? SseSingle.mul(c, (int) c.xmm[d + 1], (int) bh) : 0;
    int p3 = (control & 0x80) != 0 ? SseSingle.mul(c, (int) (c.xmm[d + 1] >>> 32), (int) (bh >>> 32)) : 0;
    nextStep(c);
    int low = SseSingle.add(c, p0, p1);
    int high = SseSingle.add(c, p2, p3);
    nextStep(c);
    int sum = SseSingle.add(c, low, high);
    write(c, d, FloatArithmetic.join((control & 1) != 0 ? sum : 0, (control & 2) != 0 ? sum : 0),
        FloatArithmetic.join((control & 4) != 0 ? sum : 0, (control & 8) != 0 ? sum : 0));
  }

  private static void dppd(Cpu c, Instruction i) {
    SimdState.beginFloat(c);
    long at = SimdOperands.source(c, i);
    long bl = SimdOperands.half(c, i, at, 0);
    long bh = SimdOperands.half(c, i, at, 1);
    int d = 2 * i.reg0;
    int control = SimdOperands.immediate(i);
    long p0 = (control & 0x10) != 0 ? SseDouble.mul(c, c.xmm[d], bl) : 0;
    long p1 = (control & 0x20) != 0 ? SseDouble.mul(c, c.xmm[d + 1], bh) : 0;
    nextStep(c);
    long sum = SseDouble.add(c, p0, p1);
    write(c, d, (control & 1) != 0 ? sum : 0, (control & 2) != 0 ? sum : 0);
  }

  private static void nextStep(Cpu c) {
    SimdState.endFloat(c);
    c.sse.flags = 0;
  }

  private static void write(Cpu c, int d, long low, long high) {
    SimdState.endFloat(c);
    c.xmm[d] = low;
    c.xmm[d + 1] = high;
  }
}
