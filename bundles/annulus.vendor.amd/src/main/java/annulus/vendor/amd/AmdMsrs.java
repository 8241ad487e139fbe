package annulus.vendor.amd;

import annulus.arch.Msr;
import annulus.vendor.MsrTable;

/** MSRs that are AMD's own and that operating systems touch, APM 2 appendix A and the families' BKDGs and PPRs. */
final class AmdMsrs {
  private static final int TOP_MEM = 0xC001_001A;
  private static final int TOP_MEM2 = 0xC001_001D;
  private static final int NB_CFG = 0xC001_001F;
  private static final int MC0_CTL_MASK = 0xC001_0044;
  private static final int INT_PENDING = 0xC001_0055;
  private static final int SMM_ADDRESS = 0xC001_0112;
  private static final int SMM_MASK = 0xC001_0113;
  private static final int VM_CR = 0xC001_0114;
  private static final int LS_CFG = 0xC001_1020;
  private static final int IC_CFG = 0xC001_1021;
  private static final int DC_CFG = 0xC001_1022;
  private static final int DE_CFG = 0xC001_1029;
  private static final int BU_CFG2 = 0xC001_102A;

  private static final int BANKS = 6;
  private static final long MICROCODE_REVISION = 0x0A10_1148;
  /** MtrrFixDramEn, MtrrFixDramModEn, MtrrVarDramEn, MtrrTom2En, Tom2ForceMemTypeWB. */
  private static final long SYSCFG_BITS = 0x1F << 18;
  private static final long SYSCFG_RESET = 1 << 20;
  /** TscFreqSel: the counter runs at the P0 frequency. */
  private static final long HWCR_RESET = 1 << 24;
  /** TlbCacheDis, INVDWBINVD, FFDIS, IGNNE_EM, McStatusWrEn: kept, without effect. */
  private static final long HWCR_BITS = 1 << 3 | 1 << 4 | 1 << 6 | 1 << 8 | 1 << 18;
  /** LFENCE waits for all earlier instructions. */
  private static final long DE_CFG_LFENCE = 1 << 1;
  /** LOCK and SVMDIS: no SVM. */
  private static final long VM_CR_OFF = 1 << 3 | 1 << 4;

  private AmdMsrs() {}

  static MsrTable.Builder of() {
    MsrTable.Builder b = new MsrTable.Builder()
        .readOnly(Msr.BIOS_SIGN_ID, MICROCODE_REVISION)
        .writable(Msr.SYSCFG, SYSCFG_RESET, SYSCFG_BITS)
        .writable(Msr.HWCR, HWCR_RESET, HWCR_BITS)
        .writable(TOP_MEM, 0, 0xFFFF_FF80_0000L)
        .writable(TOP_MEM2, 0, 0xFFFF_FF80_0000L)
        .writable(NB_CFG, 0, -1)
        .writable(INT_PENDING, 0, 0xFFFF_FFFFL)
        .readOnly(SMM_ADDRESS, 0)
        .readOnly(SMM_MASK, 0)
        .ignoring(VM_CR, VM_CR_OFF, 0)
        .writable(LS_CFG, 0, -1)
        .writable(IC_CFG, 0, -1)
        .writable(DC_CFG, 0, -1)
        .writable(DE_CFG, DE_CFG_LFENCE, DE_CFG_LFENCE)
        .writable(BU_CFG2, 0, -1);
    for (int n = 0; n < BANKS; n++) {
      b.writable(MC0_CTL_MASK + n, 0, -1);
    }
    return b;
  }
}
