package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/**
 * MUL, IMUL, DIV, IDIV, SDM 2A-2B. Division leaves the undefined flags as AMD's processors do: CF and OF as they were, AF set,
 * the others clear.
 */
public final class Multiplication implements Family {
  private static final int DIVIDED = Rflags.SF | Rflags.ZF | Rflags.AF | Rflags.PF;

  @Override public void define(Definitions d) {
    d.define(Mnemonic.MUL, Multiplication::mul);
    d.define(Mnemonic.IMUL, Multiplication::imul);
    d.define(Mnemonic.DIV, Multiplication::div);
    d.define(Mnemonic.IDIV, Multiplication::idiv);
  }

  private static void mul(Cpu c, Instruction i) {
    int size = i.size0;
    long a = Operands.zeroExtend(c.gpr[Cpu.RAX], size);
    long b = Operands.read(c, i, 0);
    if (size == 8) {
      long high = Math.unsignedMultiplyHigh(a, b);
      wide(c, size, high, a * b);
      Alu.multiplied(c, high != 0);
    } else {
      long product = a * b;
      wide(c, size, product >>> 8 * size, product);
      Alu.multiplied(c, product >>> 8 * size != 0);
    }
  }

  /** One operand: rDX:rAX = rAX * operand. Two or three: a truncated product. */
  private static void imul(Cpu c, Instruction i) {
    int size = i.size0;
    if (i.kind1 == Instruction.NONE) {
      long a = Operands.signExtend(c.gpr[Cpu.RAX], size);
      long b = Operands.signExtend(Operands.read(c, i, 0), size);
      Alu.imul(c, a, b, size);
      wide(c, size, size == 8 ? Math.multiplyHigh(a, b) : a * b >> 8 * size, a * b);
    } else {
      boolean three = i.kind2 != Instruction.NONE;
      long a = Operands.read(c, i, three ? 1 : 0);
      long b = Operands.read(c, i, three ? 2 : 1);
      Operands.writeRegister(c, i.reg0, size, Alu.imul(c, a, b, size));
    }
  }

  /** Writes a double-width result: AX for bytes, else rDX:rAX. */
  private static void wide(Cpu c, int size, long high, long low) {
    if (size == 1) {
      Operands.writeRegister(c, Cpu.RAX, 2, high << 8 | low & 0xFF);
    } else {
      Operands.writeRegister(c, Cpu.RAX, size, low);
      Operands.writeRegister(c, Cpu.RDX, size, high);
    }
  }

  private static void div(Cpu c, Instruction i) {
    int size = i.size0;
    int bits = 8 * size;
    long divisor = Operands.read(c, i, 0);
    long high = high(c, size);
    // The quotient fits exactly if the upper half of the dividend is below the divisor.
    if (Long.compareUnsigned(high, divisor) >= 0) {
      throw divideError(c);
    }
    long low = Operands.zeroExtend(c.gpr[Cpu.RAX], size);
    if (size < 8) {
      long dividend = high << bits | low;
      divided(c, size, Long.divideUnsigned(dividend, divisor), Long.remainderUnsigned(dividend, divisor));
    } else {
      long quotient = divideWide(high, low, divisor);
      divided(c, size, quotient, low - quotient * divisor);
    }
  }

  private static void idiv(Cpu c, Instruction i) {
    int size = i.size0;
    long divisor = Operands.signExtend(Operands.read(c, i, 0), size);
    if (divisor == 0) {
      throw divideError(c);
    }
    if (size < 8) {
      long low = Operands.zeroExtend(c.gpr[Cpu.RAX], size);
      long dividend = Operands.signExtend(high(c, size) << 8 * size | low, 2 * size);
      // -2^63 / -1 overflows to itself, which does not fit either.
      long quotient = dividend / divisor;
      if (Operands.signExtend(quotient, size) != quotient) {
        throw divideError(c);
      }
      divided(c, size, quotient, dividend % divisor);
    } else {
      idiv64(c, divisor);
    }
  }

  /** Divides magnitudes; the quotient is negative if the signs differ, the remainder has the dividend's. */
  private static void idiv64(Cpu c, long divisor) {
    long high = c.gpr[Cpu.RDX];
    long low = c.gpr[Cpu.RAX];
    boolean negative = high < 0;
    if (negative) {
      high = ~high + (low == 0 ? 1 : 0);
      low = -low;
    }
    long magnitude = Math.abs(divisor);
    if (Long.compareUnsigned(high, magnitude) >= 0) {
      throw divideError(c);
    }
    long quotient = divideWide(high, low, magnitude);
    long remainder = low - quotient * magnitude;
    boolean minus = negative != divisor < 0;
    // The magnitude 2^63 is only that of a negative quotient.
    if (quotient < 0 && !(minus && quotient == Long.MIN_VALUE)) {
      throw divideError(c);
    }
    divided(c, 8, minus ? -quotient : quotient, negative ? -remainder : remainder);
  }

  /** The upper half of the dividend: AH, DX, EDX, RDX. */
  private static long high(Cpu c, int size) {
    return size == 1 ? c.gpr[Cpu.RAX] >>> 8 & 0xFF : Operands.zeroExtend(c.gpr[Cpu.RDX], size);
  }

  private static void divided(Cpu c, int size, long quotient, long remainder) {
    wide(c, size, remainder, quotient);
    Flags.change(c, DIVIDED, Rflags.AF);
  }

  private static GuestFault divideError(Cpu c) {
    return c.fault(Vector.DE);
  }

  /**
   * 128 by 64 bits, unsigned, {@code high < divisor}: schoolbook division in two 32-bit digits (Knuth, The Art of Computer
   * Programming 2, 4.3.1, algorithm D).
   */
  static long divideWide(long high, long low, long divisor) {
    if (high == 0) {
      return Long.divideUnsigned(low, divisor);
    }
    int shift = Long.numberOfLeadingZeros(divisor);
    long v = divisor << shift;
    long upper = shift == 0 ? high : high << shift | low >>> 64 - shift;
    long rest = low << shift;
    long digit1 = digit(upper, rest >>> 32, v);
    long remainder = (upper << 32 | rest >>> 32) - digit1 * v;
    long digit0 = digit(remainder, rest & 0xFFFF_FFFFL, v);
    return (digit1 << 32) + digit0;
  }

  /** One 32-bit digit of {@code (upper * 2^32 + next) / v}; {@code v} has its highest bit set. */
  private static long digit(long upper, long next, long v) {
    long vHigh = v >>> 32;
    long vLow = v & 0xFFFF_FFFFL;
    long q = Long.divideUnsigned(upper, vHigh);
    long r = upper - q * vHigh;
    while (q >>> 32 != 0 || Long.compareUnsigned(q * vLow, r << 32 | next) > 0) {
      q--;
      r += vHigh;
      if (r >>> 32 != 0) {
        break;
      }
    }
    return q;
  }
}
