package annulus.cpu.exec;

import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Stack;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/**
 * CLC STC CMC CLD STD CLI STI PUSHF POPF, SDM 2A-2B, with the virtual interrupt flag of virtual-8086 mode (CR4.VME) and of
 * protected mode at CPL 3 (CR4.PVI), SDM 3A 20.3.3 and 20.4.
 */
public final class FlagOps implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.CLC, (c, i) -> Alu.setCarry(c, 0));
    d.define(Mnemonic.STC, (c, i) -> Alu.setCarry(c, 1));
    d.define(Mnemonic.CMC, (c, i) -> Alu.setCarry(c, Flags.cfBit(c) ^ 1));
    d.define(Mnemonic.CLD, (c, i) -> c.systemFlags &= ~Rflags.DF);
    d.define(Mnemonic.STD, (c, i) -> c.systemFlags |= Rflags.DF);
    d.define(Mnemonic.CLI, FlagOps::cli);
    d.define(Mnemonic.STI, FlagOps::sti);
    d.define(Mnemonic.PUSHF, FlagOps::pushf);
    d.define(Mnemonic.POPF, FlagOps::popf);
  }

  private static void cli(Cpu c, Instruction i) {
    c.systemFlags &= ~interruptFlag(c);
  }

  /** Interrupts stay blocked until after the next instruction if they were. */
  private static void sti(Cpu c, Instruction i) {
    int flag = interruptFlag(c);
    if (flag == Rflags.IF) {
      c.stiShadow = (c.systemFlags & Rflags.IF) == 0;
    } else if ((c.systemFlags & Rflags.VIP) != 0) {
      throw c.gp();
    }
    c.systemFlags |= flag;
  }

  /** The flag that CLI and STI change here: IF, VIF where it is virtual; #GP(0) where neither is allowed. */
  private static int interruptFlag(Cpu c) {
    if (c.cpl <= c.iopl()) {
      return Rflags.IF;
    }
    boolean virtual = c.virtual8086() ? (c.paging.cr4 & Cr4.VME) != 0 : c.cpl == 3 && (c.paging.cr4 & Cr4.PVI) != 0;
    if (!virtual) {
      throw c.gp();
    }
    return Rflags.VIF;
  }

  /** Whether PUSHF and POPF show VIF as IF: 16-bit forms in virtual-8086 mode with VME and IOPL below 3; #GP(0) without. */
  private static boolean virtualised(Cpu c, Instruction i) {
    if (!c.virtual8086() || c.iopl() == 3) {
      return false;
    }
    if ((c.paging.cr4 & Cr4.VME) == 0 || i.operandSize != 2) {
      throw c.gp();
    }
    return true;
  }

  /** VM and RF are pushed as 0. */
  private static void pushf(Cpu c, Instruction i) {
    boolean virtual = virtualised(c, i);
    long flags = Flags.rflags(c) & ~(Rflags.VM | Rflags.RF);
    if (virtual) {
      flags = flags & ~Rflags.IF | Rflags.IOPL | ((flags & Rflags.VIF) != 0 ? Rflags.IF : 0);
    }
    Stack.push(c, i.operandSize, flags);
  }

  private static void popf(Cpu c, Instruction i) {
    boolean virtual = virtualised(c, i);
    long value = Stack.peek(c, 0, i.operandSize);
    int writable = Rflags.STATUS | Rflags.TF | Rflags.DF | Rflags.NT;
    if (virtual) {
      if ((value & Rflags.TF) != 0 || (value & Rflags.IF) != 0 && (c.systemFlags & Rflags.VIP) != 0) {
        throw c.gp();
      }
      value = (value & Rflags.IF) != 0 ? value | Rflags.VIF : value & ~(long) Rflags.VIF;
      writable |= Rflags.VIF;
    } else {
      writable |= i.operandSize == 2 ? 0 : Rflags.AC | Rflags.ID;
      writable |= c.cpl == 0 ? Rflags.IOPL : 0;
      writable |= c.cpl <= c.iopl() ? Rflags.IF : 0;
    }
    Stack.adjust(c, i.operandSize);
    Flags.setRflags(c, (Flags.rflags(c) & ~(long) (writable | Rflags.RF)) | value & writable);
  }
}
