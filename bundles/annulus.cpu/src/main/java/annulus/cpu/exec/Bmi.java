package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** BMI1 and BMI2, SDM 2A-2C: ANDN BEXTR BLSI BLSMSK BLSR BZHI MULX PDEP PEXT RORX SARX SHLX SHRX. */
public final class Bmi implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.ANDN, Bmi::andn);
    d.define(Mnemonic.BEXTR, Bmi::bextr);
    d.define(Mnemonic.BLSI, Bmi::blsi);
    d.define(Mnemonic.BLSMSK, Bmi::blsmsk);
    d.define(Mnemonic.BLSR, Bmi::blsr);
    d.define(Mnemonic.BZHI, Bmi::bzhi);
    d.define(Mnemonic.MULX, Bmi::mulx);
    d.define(Mnemonic.PDEP, Bmi::pdep);
    d.define(Mnemonic.PEXT, Bmi::pext);
    d.define(Mnemonic.RORX, Bmi::rorx);
    d.define(Mnemonic.SARX, Bmi::sarx);
    d.define(Mnemonic.SHLX, Bmi::shlx);
    d.define(Mnemonic.SHRX, Bmi::shrx);
  }

  private static void andn(Cpu c, Instruction i) {
    long a = Operands.read(c, i, 1);
    long b = Operands.read(c, i, 2);
    Operands.write(c, i, 0, Alu.logic(c, ~a & b, i.size0));
  }

  /** The control is start in bits 7-0, length in bits 15-8. SF is clear and AF set, as AMD's processors leave them. */
  private static void bextr(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 1);
    long control = Operands.read(c, i, 2);
    int start = (int) control & 0xFF;
    int length = (int) control >>> 8 & 0xFF;
    long shifted = start < 64 ? value >>> start : 0;
    long result = length < 64 ? shifted & (1L << length) - 1 : shifted;
    Operands.write(c, i, 0, result);
    Alu.logic(c, result, i.size0);
    c.flagCarries = c.flagResult >>> 63 | 8;
  }

  private static void blsi(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 1);
    lowestBit(c, i, value & -value, value != 0);
  }

  private static void blsmsk(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 1);
    lowestBit(c, i, value ^ value - 1, value == 0);
  }

  private static void blsr(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 1);
    lowestBit(c, i, value & value - 1, value == 0);
  }

  private static void lowestBit(Cpu c, Instruction i, long result, boolean carry) {
    Operands.write(c, i, 0, Alu.logic(c, result, i.size0));
    Alu.setCarry(c, carry ? 1 : 0);
  }

  private static void bzhi(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 1);
    int index = (int) Operands.read(c, i, 2) & 0xFF;
    boolean beyond = index >= 8 * i.size0;
    lowestBit(c, i, beyond ? value : value & (1L << index) - 1, beyond);
  }

  /** The upper half goes to operand 0, also when that names the same register as operand 1, the lower half's. */
  private static void mulx(Cpu c, Instruction i) {
    long a = Operands.zeroExtend(c.gpr[Cpu.RDX], i.size0);
    long b = Operands.read(c, i, 2);
    Operands.write(c, i, 1, a * b);
    Operands.write(c, i, 0, i.size0 == 8 ? Math.unsignedMultiplyHigh(a, b) : a * b >>> 32);
  }

  private static void pdep(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 1);
    Operands.write(c, i, 0, Long.expand(value, Operands.read(c, i, 2)));
  }

  private static void pext(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 1);
    Operands.write(c, i, 0, Long.compress(value, Operands.read(c, i, 2)));
  }

  private static void rorx(Cpu c, Instruction i) {
    long value = Operands.read(c, i, 1);
    int count = (int) i.immediate;
    Operands.write(c, i, 0, i.size0 == 8 ? Long.rotateRight(value, count) : Integer.rotateRight((int) value, count));
  }

  private static void sarx(Cpu c, Instruction i) {
    Operands.write(c, i, 0, Operands.signExtend(Operands.read(c, i, 1), i.size0) >> count(c, i));
  }

  private static void shlx(Cpu c, Instruction i) {
    Operands.write(c, i, 0, Operands.read(c, i, 1) << count(c, i));
  }

  private static void shrx(Cpu c, Instruction i) {
    Operands.write(c, i, 0, Operands.read(c, i, 1) >>> count(c, i));
  }

  private static int count(Cpu c, Instruction i) {
    return (int) Operands.read(c, i, 2) & 8 * i.size0 - 1;
  }
}
