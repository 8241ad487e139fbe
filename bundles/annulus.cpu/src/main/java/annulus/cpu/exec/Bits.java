package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/**
 * BT BTS BTR BTC BSF BSR TZCNT LZCNT POPCNT, SDM 2A-2B. Undefined flags as AMD's processors leave them: BT and its like change CF only; BSF
 * and BSR clear CF, OF, SF, AF and take PF from the result; the counting instructions clear all but those they define, TZCNT and
 * LZCNT keep OF.
 */
public final class Bits implements Family {
  private static final int TEST = 0;
  private static final int SET = 1;
  private static final int RESET = 2;
  private static final int COMPLEMENT = 3;

  @Override public void define(Definitions d) {
    d.define(Mnemonic.BT, (c, i) -> bitTest(c, i, TEST));
    d.define(Mnemonic.BTS, (c, i) -> bitTest(c, i, SET));
    d.define(Mnemonic.BTR, (c, i) -> bitTest(c, i, RESET));
    d.define(Mnemonic.BTC, (c, i) -> bitTest(c, i, COMPLEMENT));
    d.define(Mnemonic.BSF, Bits::bsf);
    d.define(Mnemonic.BSR, Bits::bsr);
    d.define(Mnemonic.TZCNT, Bits::tzcnt);
    d.define(Mnemonic.LZCNT, Bits::lzcnt);
    d.define(Mnemonic.POPCNT, Bits::popcnt);
  }

  private static void bitTest(Cpu c, Instruction i, int operation) {
    long source = Operands.read(c, i, 1);
    if (i.kind0 == Instruction.MEMORY) {
      bitTestMemory(c, i, operation, source);
      return;
    }
    int bit = (int) source & 8 * i.size0 - 1;
    long value = Operands.read(c, i, 0);
    if (operation != TEST) {
      Operands.write(c, i, 0, changed(value, bit, operation));
    }
    Alu.setCarry(c, (int) (value >>> bit) & 1);
  }

  /**
   * A bit offset in a register is signed and reaches beyond the operand: the operand-sized unit that holds the bit is accessed
   * (SDM 2A 3.1.1.9). An immediate offset stays within the operand.
   */
  private static void bitTestMemory(Cpu c, Instruction i, int operation, long source) {
    int size = i.size0;
    long offset = Addressing.offset(c, i);
    if (i.kind1 == Instruction.GPR) {
      int unitShift = Integer.numberOfTrailingZeros(8 * size);
      offset = Operands.zeroExtend(offset + (Operands.signExtend(source, size) >> unitShift) * size, i.addressSize);
    }
    int bit = (int) source & 8 * size - 1;
    long linear = Addressing.linear(c, i.segment, offset, size, operation != TEST);
    long value;
    if (operation == TEST) {
      value = c.memory.load(linear, size);
    } else {
      c.memory.checkWrite(linear, size);
      do {
        value = c.memory.load(linear, size);
      } while (!store(c, i, linear, value, changed(value, bit, operation)));
    }
    Alu.setCarry(c, (int) (value >>> bit) & 1);
  }

  private static boolean store(Cpu c, Instruction i, long linear, long expected, long value) {
    if (i.lock) {
      return c.memory.compareAndSet(linear, i.size0, expected, value);
    }
    c.memory.store(linear, i.size0, value);
    return true;
  }

  private static long changed(long value, int bit, int operation) {
    return switch (operation) {
      case SET -> value | 1L << bit;
      case RESET -> value & ~(1L << bit);
      default -> value ^ 1L << bit;
    };
  }

  /** A source of zero leaves the destination as it was, all of it. */
  private static void bsf(Cpu c, Instruction i) {
    long source = Operands.read(c, i, 1);
    scanned(c, i, source, Long.numberOfTrailingZeros(source));
  }

  private static void bsr(Cpu c, Instruction i) {
    long source = Operands.read(c, i, 1);
    scanned(c, i, source, 63 - Long.numberOfLeadingZeros(source));
  }

  private static void scanned(Cpu c, Instruction i, long source, int index) {
    if (source == 0) {
      Flags.setStatus(c, Rflags.ZF | Rflags.PF);
    } else {
      Operands.write(c, i, 0, index);
      Flags.setStatus(c, (Integer.bitCount(index) & 1) == 0 ? Rflags.PF : 0);
    }
  }

  private static void tzcnt(Cpu c, Instruction i) {
    long source = Operands.read(c, i, 1);
    counted(c, i, source == 0 ? 8 * i.size0 : Long.numberOfTrailingZeros(source));
  }

  private static void lzcnt(Cpu c, Instruction i) {
    long source = Operands.read(c, i, 1);
    counted(c, i, Long.numberOfLeadingZeros(source) - 64 + 8 * i.size0);
  }

  /** CF: the source was zero; ZF: the count is. */
  private static void counted(Cpu c, Instruction i, int count) {
    Operands.write(c, i, 0, count);
    int flags = (count == 8 * i.size0 ? Rflags.CF : 0) | (count == 0 ? Rflags.ZF : 0);
    Flags.change(c, Rflags.STATUS & ~Rflags.OF, flags);
  }

  private static void popcnt(Cpu c, Instruction i) {
    long source = Operands.read(c, i, 1);
    Operands.write(c, i, 0, Long.bitCount(source));
    Flags.setStatus(c, source == 0 ? Rflags.ZF : 0);
  }
}
