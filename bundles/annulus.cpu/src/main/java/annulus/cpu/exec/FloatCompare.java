package annulus.cpu.exec;

import static annulus.cpu.decode.Mnemonic.*;

import annulus.arch.Rflags;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.decode.Instruction;
import annulus.cpu.fp.FpContext;

/** Comparisons that set the status flags (SDM 2A COMISD, SDM 2B UCOMISD): COMISx raises IE for quiet NaNs too. */
public final class FloatCompare implements Family {
  @Override public void define(Definitions d) {
    d.define(COMISS, (c, i) -> single(c, i, true));
    d.define(UCOMISS, (c, i) -> single(c, i, false));
    d.define(COMISD, (c, i) -> doubles(c, i, true));
    d.define(UCOMISD, (c, i) -> doubles(c, i, false));
  }

  private static void single(Cpu c, Instruction i, boolean signalling) {
    SimdState.beginFloat(c);
    int b = i.kind1 == Instruction.XMM ? (int) c.xmm[2 * i.reg1] : c.memory.load32(Addressing.linear(c, i, 4, false));
    setFlags(c, SseSingle.compare(c, (int) c.xmm[2 * i.reg0], b, signalling));
  }

  private static void doubles(Cpu c, Instruction i, boolean signalling) {
    SimdState.beginFloat(c);
    long b = i.kind1 == Instruction.XMM ? c.xmm[2 * i.reg1] : c.memory.load64(Addressing.linear(c, i, 8, false));
    setFlags(c, SseDouble.compare(c, c.xmm[2 * i.reg0], b, signalling));
  }

  /** Ends a comparison with this outcome: exceptions, then ZF, PF and CF; OF, SF and AF are cleared. */
  public static void setFlags(Cpu c, int order) {
    SimdState.endFloat(c);
    Flags.setStatus(c, switch (order) {
      case FpContext.LESS -> Rflags.CF;
      case FpContext.EQUAL -> Rflags.ZF;
      case FpContext.GREATER -> 0;
      default -> Rflags.ZF | Rflags.PF | Rflags.CF;
    });
  }
}
