package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** AND, OR, XOR, NOT, TEST, SDM 2A-2B. */
public final class Logic implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.AND, Logic::and);
    d.define(Mnemonic.OR, Logic::or);
    d.define(Mnemonic.XOR, Logic::xor);
    d.define(Mnemonic.NOT, Logic::not);
    d.define(Mnemonic.TEST, Logic::test);
  }

  private static void and(Cpu c, Instruction i) {
    long a;
    long result;
    do {
      a = Operands.readForWrite(c, i, 0);
      result = Alu.and(c, a, Operands.read(c, i, 1), i.size0);
    } while (!Operands.commit(c, i, 0, a, result));
  }

  private static void or(Cpu c, Instruction i) {
    long a;
    long result;
    do {
      a = Operands.readForWrite(c, i, 0);
      result = Alu.or(c, a, Operands.read(c, i, 1), i.size0);
    } while (!Operands.commit(c, i, 0, a, result));
  }

  private static void xor(Cpu c, Instruction i) {
    long a;
    long result;
    do {
      a = Operands.readForWrite(c, i, 0);
      result = Alu.xor(c, a, Operands.read(c, i, 1), i.size0);
    } while (!Operands.commit(c, i, 0, a, result));
  }

  private static void not(Cpu c, Instruction i) {
    long a;
    do {
      a = Operands.readForWrite(c, i, 0);
    } while (!Operands.commit(c, i, 0, a, ~a));
  }

  private static void test(Cpu c, Instruction i) {
    long a = Operands.read(c, i, 0);
    Alu.test(c, a, Operands.read(c, i, 1), i.size0);
  }
}
