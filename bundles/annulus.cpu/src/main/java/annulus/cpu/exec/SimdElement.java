package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import java.util.function.LongBinaryOperator;

/**
 * Single elements in and out of registers, and masks of signs (SDM 2B PINSRW, PEXTRB, INSERTPS, EXTRACTPS, PMOVMSKB, MOVMSKPS;
 * APM 4 EXTRQ, INSERTQ).
 */
public final class SimdElement implements Family {
  @Override public void define(Definitions d) {
    d.define(PINSRB, (c, i) -> insert(c, i, 8));
    d.define(PINSRW, (c, i) -> insert(c, i, 16));
    d.define(PINSRD, (c, i) -> insert(c, i, 32));
    d.define(PINSRQ, (c, i) -> insert(c, i, 64));
    d.define(PEXTRB, (c, i) -> extract(c, i, 8));
    d.define(PEXTRW, (c, i) -> extract(c, i, 16));
    d.define(PEXTRD, (c, i) -> extract(c, i, 32));
    d.define(PEXTRQ, (c, i) -> extract(c, i, 64));
    d.define(EXTRACTPS, (c, i) -> extract(c, i, 32));
    d.define(INSERTPS, SimdElement::insertps);
    d.define(PMOVMSKB, SimdElement::pmovmskb);
    d.define(MOVMSKPS, (c, i) -> signs(c, i, SimdElement::movmskps));
    d.define(MOVMSKPD, (c, i) -> signs(c, i, (low, high) -> low >>> 63 | high >>> 63 << 1));
    d.define(EXTRQ, SimdElement::extrq);
    d.define(INSERTQ, SimdElement::insertq);
  }

  private static void insert(Cpu c, Instruction i, int bits) {
    if (i.kind0 == Instruction.XMM) {
      SimdState.requireSse(c);
      long value = Operands.read(c, i, 1);
      int position = SimdOperands.immediate(i) * bits & 127;
      int d = 2 * i.reg0 + (position >>> 6);
      c.xmm[d] = replace(c.xmm[d], value, position & 63, bits);
    } else {
      if (!SimdState.mmxReady(c, i)) {
        return;
      }
      long value = Operands.read(c, i, 1);
      SimdState.writeMmx(c, i.reg0, replace(c.fpu.significand[i.reg0], value, SimdOperands.immediate(i) * bits & 63, bits));
    }
  }

  private static void extract(Cpu c, Instruction i, int bits) {
    if (i.kind1 == Instruction.XMM) {
      SimdState.requireSse(c);
      int position = SimdOperands.immediate(i) * bits & 127;
      Operands.write(c, i, 0, c.xmm[2 * i.reg1 + (position >>> 6)] >>> (position & 63) & -1L >>> 64 - bits);
    } else {
      if (!SimdState.mmxReady(c, i)) {
        return;
      }
      SimdState.enterMmx(c);
      Operands.write(c, i, 0, c.fpu.significand[i.reg1] >>> (SimdOperands.immediate(i) * bits & 63) & -1L >>> 64 - bits);
    }
  }

  /** Immediate: 7-6 element of a register source, 5-4 element to replace, 3-0 elements to clear. */
  private static void insertps(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    int control = SimdOperands.immediate(i);
    long value = i.kind1 == Instruction.XMM
        ? c.xmm[2 * i.reg1 + (control >>> 7)] >>> (control >>> 1 & 32)
        : c.memory.load32(Addressing.linear(c, i, 4, false));
    int d = 2 * i.reg0;
    int at = d + (control >>> 5 & 1);
    c.xmm[at] = replace(c.xmm[at], value, control << 1 & 32, 32);
    c.xmm[d] = PackedShuffle.blend(c.xmm[d], 0, control, 32);
    c.xmm[d + 1] = PackedShuffle.blend(c.xmm[d + 1], 0, control >>> 2, 32);
  }

  private static void pmovmskb(Cpu c, Instruction i) {
    if (i.kind1 == Instruction.XMM) {
      signs(c, i, (low, high) -> pmovmskb(low) | pmovmskb(high) << 8);
    } else {
      if (!SimdState.mmxReady(c, i)) {
        return;
      }
      SimdState.enterMmx(c);
      Operands.write(c, i, 0, pmovmskb(c.fpu.significand[i.reg1]));
    }
  }

  private static void signs(Cpu c, Instruction i, LongBinaryOperator op) {
    SimdState.requireSse(c);
    Operands.write(c, i, 0, op.applyAsLong(c.xmm[2 * i.reg1], c.xmm[2 * i.reg1 + 1]));
  }

  /** A field of {@code length} bits (0 means 64) from bit {@code index}; bits 127-64 are undefined, on processors zero. */
  private static void extrq(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    boolean immediate = i.kind1 == Instruction.IMMEDIATE;
    int length = (int) (immediate ? i.immediate : c.xmm[2 * i.reg1]) & 63;
    int index = (int) (immediate ? i.immediate2 : c.xmm[2 * i.reg1] >>> 8) & 63;
    c.xmm[2 * i.reg0] = c.xmm[2 * i.reg0] >>> index & fieldMask(length);
    c.xmm[2 * i.reg0 + 1] = 0;
  }

  private static void insertq(Cpu c, Instruction i) {
    SimdState.requireSse(c);
    boolean immediate = i.kind2 == Instruction.IMMEDIATE;
    long control = c.xmm[2 * i.reg1 + 1];
    int length = (int) (immediate ? i.immediate : control) & 63;
    int index = (int) (immediate ? i.immediate2 : control >>> 8) & 63;
    long mask = fieldMask(length) << index;
    c.xmm[2 * i.reg0] = c.xmm[2 * i.reg0] & ~mask | c.xmm[2 * i.reg1] << index & mask;
    c.xmm[2 * i.reg0 + 1] = 0;
  }

  private static long fieldMask(int length) {
    return length == 0 ? -1 : (1L << length) - 1;
  }

  /** {@code a} with the {@code bits} bits from {@code position} on replaced. */
  public static long replace(long a, long value, int position, int bits) {
    long mask = -1L >>> 64 - bits << position;
    return a & ~mask | value << position & mask;
  }

  /** The highest bits of eight bytes: the multiplication moves bit 8k to bit 56 + k. */
  public static long pmovmskb(long a) {
    return (a >>> 7 & 0x0101_0101_0101_0101L) * 0x0102_0408_1020_4080L >>> 56;
  }

  public static long movmskps(long low, long high) {
    return low >>> 31 & 1 | low >>> 62 & 2 | high >>> 29 & 4 | high >>> 60 & 8;
  }
}
