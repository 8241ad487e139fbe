package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** EMMS (SDM 2A), which gives the registers back to the x87: all are empty, TOP is 0. The other MMX forms stand with SSE's. */
public final class Mmx implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.EMMS, Mmx::emms);
  }

  private static void emms(Cpu c, Instruction i) {
    if (!SimdState.mmxReady(c, i)) {
      return;
    }
    c.fpu.top = 0;
    c.fpu.valid = 0;
  }
}
