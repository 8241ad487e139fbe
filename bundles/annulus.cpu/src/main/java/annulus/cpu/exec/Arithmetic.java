package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Addition, subtraction and comparison, SDM 2A-2B: ADD ADC SUB SBB CMP INC DEC NEG XADD ADCX ADOX. */
public final class Arithmetic implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.ADD, Arithmetic::add);
    d.define(Mnemonic.ADC, Arithmetic::adc);
    d.define(Mnemonic.SUB, Arithmetic::sub);
    d.define(Mnemonic.SBB, Arithmetic::sbb);
    d.define(Mnemonic.CMP, Arithmetic::cmp);
    d.define(Mnemonic.INC, Arithmetic::inc);
    d.define(Mnemonic.DEC, Arithmetic::dec);
    d.define(Mnemonic.NEG, Arithmetic::neg);
    d.define(Mnemonic.XADD, Arithmetic::xadd);
    d.define(Mnemonic.ADCX, Arithmetic::adcx);
    d.define(Mnemonic.ADOX, Arithmetic::adox);
  }

  private static void add(Cpu c, Instruction i) {
    long a;
    long result;
    do {
      a = Operands.readForWrite(c, i, 0);
      result = Alu.add(c, a, Operands.read(c, i, 1), i.size0);
    } while (!Operands.commit(c, i, 0, a, result));
  }

  private static void adc(Cpu c, Instruction i) {
    int carry = Flags.cfBit(c);
    long a;
    long result;
    do {
      a = Operands.readForWrite(c, i, 0);
      long b = Operands.read(c, i, 1);
      Alu.setCarry(c, carry);
      result = Alu.adc(c, a, b, i.size0);
    } while (!Operands.commit(c, i, 0, a, result));
  }

  private static void sub(Cpu c, Instruction i) {
    long a;
    long result;
    do {
      a = Operands.readForWrite(c, i, 0);
      result = Alu.sub(c, a, Operands.read(c, i, 1), i.size0);
    } while (!Operands.commit(c, i, 0, a, result));
  }

  private static void sbb(Cpu c, Instruction i) {
    int carry = Flags.cfBit(c);
    long a;
    long result;
    do {
      a = Operands.readForWrite(c, i, 0);
      long b = Operands.read(c, i, 1);
      Alu.setCarry(c, carry);
      result = Alu.sbb(c, a, b, i.size0);
    } while (!Operands.commit(c, i, 0, a, result));
  }

  private static void cmp(Cpu c, Instruction i) {
    long a = Operands.read(c, i, 0);
    Alu.cmp(c, a, Operands.read(c, i, 1), i.size0);
  }

  private static void inc(Cpu c, Instruction i) {
    long a;
    do {
      a = Operands.readForWrite(c, i, 0);
    } while (!Operands.commit(c, i, 0, a, Alu.inc(c, a, i.size0)));
  }

  private static void dec(Cpu c, Instruction i) {
    long a;
    do {
      a = Operands.readForWrite(c, i, 0);
    } while (!Operands.commit(c, i, 0, a, Alu.dec(c, a, i.size0)));
  }

  private static void neg(Cpu c, Instruction i) {
    long a;
    do {
      a = Operands.readForWrite(c, i, 0);
    } while (!Operands.commit(c, i, 0, a, Alu.neg(c, a, i.size0)));
  }

  /** The source register gets the old value first, so that XADD of a register with itself leaves the sum. */
  private static void xadd(Cpu c, Instruction i) {
    long a;
    long b = Operands.read(c, i, 1);
    long sum;
    do {
      a = Operands.readForWrite(c, i, 0);
      sum = Alu.add(c, a, b, i.size0);
    } while (i.kind0 == Instruction.MEMORY && !Operands.commit(c, i, 0, a, sum));
    Operands.write(c, i, 1, a);
    if (i.kind0 != Instruction.MEMORY) {
      Operands.write(c, i, 0, sum);
    }
  }

  private static void adcx(Cpu c, Instruction i) {
    int carry = Flags.cfBit(c);
    long a = Operands.read(c, i, 0);
    long b = Operands.read(c, i, 1);
    long sum = a + b + carry;
    Operands.write(c, i, 0, sum);
    Alu.setCarry(c, carryOut(a, b, sum, i.size0));
  }

  private static void adox(Cpu c, Instruction i) {
    int carry = Flags.of(c) ? 1 : 0;
    long a = Operands.read(c, i, 0);
    long b = Operands.read(c, i, 1);
    long sum = a + b + carry;
    Operands.write(c, i, 0, sum);
    Alu.setOverflow(c, carryOut(a, b, sum, i.size0));
  }

  private static int carryOut(long a, long b, long sum, int size) {
    return (int) (Flags.add(a, b, sum, 8 * size) >>> 63);
  }
}
