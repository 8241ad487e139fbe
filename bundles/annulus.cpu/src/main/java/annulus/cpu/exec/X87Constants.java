package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.FpContext;

/** FLD1, FLDZ, FLDPI and the logarithms: internal constants rounded by the control word (SDM 2A "FLD1..FLDZ", SDM 1 8.3.8). */
final class X87Constants implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.FLD1, (c, i) -> exact(c, i, 0x3FFF, Long.MIN_VALUE));
    d.define(Mnemonic.FLDZ, (c, i) -> exact(c, i, 0, 0));
    d.define(Mnemonic.FLDL2T, (c, i) -> rounded(c, i, 0x4000, 0xD49A_784B_CD1B_8AFEL, true));
    d.define(Mnemonic.FLDL2E, (c, i) -> rounded(c, i, 0x3FFF, 0xB8AA_3B29_5C17_F0BBL, false));
    d.define(Mnemonic.FLDPI, (c, i) -> rounded(c, i, 0x4000, 0xC90F_DAA2_2168_C234L, false));
    d.define(Mnemonic.FLDLG2, (c, i) -> rounded(c, i, 0x3FFD, 0x9A20_9A84_FBCF_F798L, false));
    d.define(Mnemonic.FLDLN2, (c, i) -> rounded(c, i, 0x3FFE, 0xB172_17F7_D1CF_79ABL, false));
  }

  private static void exact(Cpu c, Instruction i, int se, long s) {
    if (X87.ready(c, i)) {
      X87.begin(c, i);
      push(c.fpu, se, s);
    }
  }

  /** {@code truncated} is the constant rounded down; {@code low}: what follows is less than half a unit. */
  private static void rounded(Cpu c, Instruction i, int se, long truncated, boolean low) {
    if (X87.ready(c, i)) {
      int rounding = X87.begin(c, i).rounding;
      boolean up = rounding == FpContext.UP || rounding == FpContext.NEAREST && !low;
      push(c.fpu, se, up ? truncated + 1 : truncated);
    }
  }

  private static void push(Fpu f, int se, long s) {
    if (X87.full(f)) {
      X87.overflow(f);
    } else {
      f.status &= ~X87.C1;
      X87.push(f, se, s);
    }
  }
}
