package annulus.cpu;

import java.util.Arrays;

/** Architectural MSRs that nothing but RDMSR, WRMSR and the canonical state looks at: memory types and machine checks. */
public final class ColdMsrs {
  /** Variable-range MTRRs. */
  public static final int MTRR_RANGES = 8;
  /** Machine-check banks. */
  public static final int BANKS = 6;

  /** Base and mask of each variable range, in the order of their numbers. */
  public final long[] mtrrVariable = new long[2 * MTRR_RANGES];
  /** Fixed ranges: one of 64 KiB pieces, two of 16 KiB, eight of 4 KiB. */
  public final long[] mtrrFixed = new long[11];
  public long mtrrDefault;
  public long mcgStatus;
  /** IA32_MCi_CTL. */
  public final long[] bankControl = new long[BANKS];
  public long specCtrl;

  /** All zero, as after power-on. */
  public void reset() {
    Arrays.fill(mtrrVariable, 0);
    Arrays.fill(mtrrFixed, 0);
    mtrrDefault = 0;
    mcgStatus = 0;
    Arrays.fill(bankControl, 0);
    specCtrl = 0;
  }
}
