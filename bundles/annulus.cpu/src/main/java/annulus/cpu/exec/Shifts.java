package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/**
 * SHL SHR SAR ROL ROR RCL RCR SHLD SHRD, SDM 2B. A masked count of zero changes no flag, but a 32-bit register is zero-extended
 * and memory must be writable all the same.
 */
public final class Shifts implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.SHL, Shifts::shl);
    d.define(Mnemonic.SHR, Shifts::shr);
    d.define(Mnemonic.SAR, Shifts::sar);
    d.define(Mnemonic.ROL, Shifts::rol);
    d.define(Mnemonic.ROR, Shifts::ror);
    d.define(Mnemonic.RCL, Shifts::rcl);
    d.define(Mnemonic.RCR, Shifts::rcr);
    d.define(Mnemonic.SHLD, Shifts::shld);
    d.define(Mnemonic.SHRD, Shifts::shrd);
  }

  private static void shl(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    Operands.write(c, i, 0, Alu.shl(c, a, count(c, i), i.size0));
  }

  private static void shr(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    Operands.write(c, i, 0, Alu.shr(c, a, count(c, i), i.size0));
  }

  private static void sar(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    Operands.write(c, i, 0, Alu.sar(c, a, count(c, i), i.size0));
  }

  private static void rol(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    Operands.write(c, i, 0, Alu.rol(c, a, count(c, i), i.size0));
  }

  private static void ror(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    Operands.write(c, i, 0, Alu.ror(c, a, count(c, i), i.size0));
  }

  private static void rcl(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    Operands.write(c, i, 0, Alu.rcl(c, a, count(c, i), i.size0));
  }

  private static void rcr(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    Operands.write(c, i, 0, Alu.rcr(c, a, count(c, i), i.size0));
  }

  private static void shld(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    int count = (int) Operands.read(c, i, 2);
    Operands.write(c, i, 0, Alu.shld(c, a, Operands.read(c, i, 1), count, i.size0));
  }

  private static void shrd(Cpu c, Instruction i) {
    long a = Operands.readForWrite(c, i, 0);
    int count = (int) Operands.read(c, i, 2);
    Operands.write(c, i, 0, Alu.shrd(c, a, Operands.read(c, i, 1), count, i.size0));
  }

  private static int count(Cpu c, Instruction i) {
    return (int) Operands.read(c, i, 1);
  }
}
