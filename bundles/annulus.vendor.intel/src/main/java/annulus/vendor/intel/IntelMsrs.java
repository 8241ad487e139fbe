package annulus.vendor.intel;

import annulus.arch.CpuFeature;
import annulus.arch.Msr;
import annulus.vendor.MsrTable;
import java.util.Set;

/** MSRs that are Intel's own, SDM 4 chapter 2. Energy counters, performance counters and trace do not exist: #GP. */
final class IntelMsrs {
  private static final int PLATFORM_INFO = 0xCE;
  private static final int MISC_FEATURES_ENABLES = 0x140;
  private static final int DEBUGCTL = 0x1D9;

  private static final long FEATURE_CONTROL_LOCKED = 1;
  private static final long MICROCODE_REVISION = 1;
  /** Fast strings on; branch trace and PEBS not available. */
  private static final long MISC_ENABLE_RESET = 1 | 1 << 11 | 1 << 12;
  private static final long MISC_ENABLE_FAST_STRINGS = 1;

  /**
   * IA32_ARCH_CAPABILITIES: not affected by Meltdown (0), needs no L1D flush at VM entry (3), no speculative store bypass (4), MDS
   * (5), page-size-change machine check (6), TSX abort (8), MMIO stale data (13-15), branch history injection (20), post-barrier RSB
   * (24), gather data sampling (26), register file sampling (27), indirect target selection (62). Return stack underflow takes no
   * other prediction: RSBA (2) and RRSBA (19) are clear.
   */
  private static final long NOT_AFFECTED =
      1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 7 << 13 | 1 << 20 | 1 << 24 | 1 << 26 | 1 << 27 | 1L << 62;
  /** IBRS, where IA32_SPEC_CTRL exists, protects once set: no indirect branch is ever predicted. */
  private static final long ENHANCED_IBRS = 1 << 1;

  private IntelMsrs() {}

  static MsrTable.Builder of(Set<CpuFeature> features, int ratio) {
    MsrTable.Builder b = new MsrTable.Builder()
        .readOnly(Msr.PLATFORM_ID, 0)
        .readOnly(Msr.FEATURE_CONTROL, FEATURE_CONTROL_LOCKED)
        // Software writes 0 and executes CPUID before it reads the revision (SDM 3A 9.11.7.1).
        .ignoring(Msr.BIOS_SIGN_ID, MICROCODE_REVISION << 32, -1)
        .readOnly(PLATFORM_INFO, (long) ratio << 8)
        .ignoring(MISC_FEATURES_ENABLES, 0, 0)
        .ignoring(DEBUGCTL, 0, 0)
        .writable(Msr.MISC_ENABLE, MISC_ENABLE_RESET, MISC_ENABLE_FAST_STRINGS);
    if (features.contains(CpuFeature.ARCH_CAPABILITIES)) {
      b.readOnly(Msr.ARCH_CAPABILITIES, NOT_AFFECTED | (features.contains(CpuFeature.SPEC_CTRL) ? ENHANCED_IBRS : 0));
    }
    return b;
  }
}
