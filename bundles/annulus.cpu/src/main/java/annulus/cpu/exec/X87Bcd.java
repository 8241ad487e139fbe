package annulus.cpu.exec;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;

/**
 * FBLD and FBSTP: packed decimal integers of 18 digits (SDM 1 4.7).
 *
 * <pre>
 * 79    78..72   71..0
 * sign  ignored  18 digits of 4 bits
 * </pre>
 */
final class X87Bcd implements Family {
  private static final long LIMIT = 1_000_000_000_000_000_000L;
  /** The indefinite: sign and two highest digits all ones. */
  private static final long INDEFINITE_LOW = 0xC000_0000_0000_0000L;
  private static final int INDEFINITE_HIGH = 0xFFFF;

  @Override public void define(Definitions d) {
    d.define(Mnemonic.FBLD, X87Bcd::load);
    d.define(Mnemonic.FBSTP, X87Bcd::store);
  }

  private static void load(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    long linear = Addressing.linear(c, i, 10, false);
    long low = c.memory.load64(linear);
    int high = c.memory.load16(linear + 8 & X87LoadStore.addressMask(c));
    FpContext x = X87.beginMemory(c, i);
    Fpu f = c.fpu;
    if (X87.full(f)) {
      X87.overflow(f);
      return;
    }
    long value = (high >>> 4 & 15) * 10L + (high & 15);
    for (int digit = 15; digit >= 0; digit--) {
      value = value * 10 + (low >>> 4 * digit & 15);
    }
    long s = F80.fromInt64(value, x);
    f.status &= ~X87.C1;
    X87.push(f, x.signExponent | high & F80.SIGN, s);
  }

  private static void store(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    Fpu f = c.fpu;
    FpContext x = X87.modes(f);
    long linear = X87LoadStore.writable(c, i, 10);
    boolean empty = X87.empty(f, 0);
    long low = INDEFINITE_LOW;
    int high = INDEFINITE_HIGH;
    if (!empty) {
      int se = f.signExponent[f.top];
      long value = F80.toInt64(se, f.significand[f.top], x.rounding, x);
      if ((x.flags & FpContext.IE) != 0 || value >= LIMIT || value <= -LIMIT) {
        x.flags = FpContext.IE;
        x.roundedUp = false;
      } else {
        long rest = Math.abs(value);
        low = 0;
        for (int digit = 0; digit < 16; digit++) {
          low |= rest % 10 << 4 * digit;
          rest /= 10;
        }
        high = (int) (rest % 10 | rest / 10 << 4) | se & F80.SIGN;
      }
    }
    if (!empty && !X87.forbidStore(f) || empty && (f.control & FpContext.IE) != 0) {
      c.memory.store64(linear, low);
      c.memory.store16(linear + 8 & X87LoadStore.addressMask(c), high);
    }
    X87LoadStore.finishStore(c, i, f, empty, true);
  }
}
