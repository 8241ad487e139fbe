package annulus.cpu.exec;

import annulus.arch.Cr0;
import annulus.arch.Vector;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** FNINIT, FNCLEX, control and status word, WAIT (SDM 2A). The FN forms do not wait: they never report a pending exception. */
final class X87Control implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.FNINIT, X87Control::initialise);
    d.define(Mnemonic.FNCLEX, X87Control::clearExceptions);
    d.define(Mnemonic.FLDCW, X87Control::loadControl);
    d.define(Mnemonic.FNSTCW, X87Control::storeControl);
    d.define(Mnemonic.FNSTSW, X87Control::storeStatus);
    d.define(Mnemonic.WAIT, X87Control::await);
  }

  private static void initialise(Cpu c, Instruction i) {
    X87.available(c);
    c.fpu.initialise();
  }

  private static void clearExceptions(Cpu c, Instruction i) {
    X87.available(c);
    c.fpu.status &= X87.CONDITIONS;
  }

  private static void loadControl(Cpu c, Instruction i) {
    if (X87.ready(c, i)) {
      X87.setControl(c.fpu, c.memory.load16(Addressing.linear(c, i, 2, false)));
    }
  }

  private static void storeControl(Cpu c, Instruction i) {
    X87.available(c);
    c.memory.store16(Addressing.linear(c, i, 2, true), c.fpu.control);
  }

  private static void storeStatus(Cpu c, Instruction i) {
    X87.available(c);
    Fpu f = c.fpu;
    Operands.write(c, i, 0, f.statusWord());
  }

  /** WAIT: #NM only with both MP and TS (SDM 3A 2.5), then the pending exception. */
  private static void await(Cpu c, Instruction i) {
    long both = Cr0.MP | Cr0.TS;
    if ((c.paging.cr0 & both) == both) {
      throw c.fault(Vector.NM);
    }
    if ((c.fpu.status & X87.ES) != 0) {
      X87.report(c, i);
    }
  }
}
