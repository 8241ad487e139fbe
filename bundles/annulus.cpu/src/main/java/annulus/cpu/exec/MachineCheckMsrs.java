package annulus.cpu.exec;

import annulus.arch.Msr;
import annulus.cpu.ColdMsrs;

/** Machine-check registers, SDM 3B 15.3: banks that never report an error. */
final class MachineCheckMsrs {
  /** Number of banks; no MCG_CTL, no extended state. */
  static final long CAPABILITY = ColdMsrs.BANKS;

  private static final int CTL = 0;

  private MachineCheckMsrs() {}

  static boolean isBank(int msr) {
    return msr >= Msr.MC0_CTL && msr < Msr.MC0_CTL + 4 * ColdMsrs.BANKS;
  }

  static long read(ColdMsrs m, int msr) {
    int n = msr - Msr.MC0_CTL;
    return (n & 3) == CTL ? m.bankControl[n >> 2] : 0;
  }

  /** Status, address and miscellany registers may only be cleared (SDM 3B 15.3.2.2). */
  static boolean write(ColdMsrs m, int msr, long value) {
    int n = msr - Msr.MC0_CTL;
    if ((n & 3) != CTL) {
      return value == 0;
    }
    m.bankControl[n >> 2] = value;
    return true;
  }
}
