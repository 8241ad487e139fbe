package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** Decimal adjustment, SDM 2A: DAA DAS AAA AAS AAM AAD; and SALC. Legacy and compatibility mode only. */
public final class Bcd implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.DAA, (c, i) -> packed(c, 1));
    d.define(Mnemonic.DAS, (c, i) -> packed(c, -1));
    d.define(Mnemonic.AAA, (c, i) -> unpacked(c, 0x106));
    d.define(Mnemonic.AAS, (c, i) -> unpacked(c, -0x106));
    d.define(Mnemonic.AAM, Bcd::aam);
    d.define(Mnemonic.AAD, Bcd::aad);
    d.define(Mnemonic.SALC, (c, i) -> Operands.writeRegister(c, Cpu.RAX, 1, -Flags.cfBit(c)));
  }

  /** Adds ({@code sign} 1) or subtracts (-1) 6 and 60h where the digits left their range. */
  private static void packed(Cpu c, int sign) {
    int old = (int) c.gpr[Cpu.RAX] & 0xFF;
    int al = old;
    boolean carry = Flags.cf(c);
    boolean low = (old & 0xF) > 9 || Flags.af(c);
    boolean high = old > 0x99 || carry;
    boolean borrow = sign < 0 && low && (carry || old < 6);
    if (low) {
      al += 6 * sign;
    }
    if (high) {
      al += 0x60 * sign;
    }
    Operands.writeRegister(c, Cpu.RAX, 1, al);
    Alu.logic(c, al, 1);
    c.flagCarries = Flags.of(high || borrow ? 1 : 0, 0) | (low ? 8 : 0);
  }

  private static void unpacked(Cpu c, int adjustment) {
    int ax = (int) c.gpr[Cpu.RAX] & 0xFFFF;
    boolean adjust = (ax & 0xF) > 9 || Flags.af(c);
    if (adjust) {
      ax += adjustment;
    }
    Operands.writeRegister(c, Cpu.RAX, 2, ax & 0xFF0F);
    Flags.change(c, Rflags.CF | Rflags.AF, adjust ? Rflags.CF | Rflags.AF : 0);
  }

  private static void aam(Cpu c, Instruction i) {
    int base = (int) i.immediate & 0xFF;
    if (base == 0) {
      throw c.fault(Vector.DE);
    }
    int al = (int) c.gpr[Cpu.RAX] & 0xFF;
    Operands.writeRegister(c, Cpu.RAX, 2, al / base << 8 | al % base);
    Alu.logic(c, al % base, 1);
  }

  private static void aad(Cpu c, Instruction i) {
    int ax = (int) c.gpr[Cpu.RAX] & 0xFFFF;
    int al = (ax & 0xFF) + (ax >>> 8) * ((int) i.immediate & 0xFF) & 0xFF;
    Operands.writeRegister(c, Cpu.RAX, 2, al);
    Alu.logic(c, al, 1);
  }
}
