package annulus.cpu.exec;

import annulus.arch.Msr;
import annulus.cpu.ColdMsrs;
import annulus.cpu.Cpu;

/** MTRRs and PAT, SDM 3A 11.11 and 11.12: kept and checked; guest memory has one type here. */
final class MemoryTypeMsrs {
  /** Fixed ranges and write-combining are supported. */
  static final long CAPABILITY = 1 << 10 | 1 << 8 | ColdMsrs.MTRR_RANGES;

  private static final long TYPE_ENABLE = 1 << 11;
  private static final long FIXED_ENABLE = 1 << 10;
  /** Types as a mask of their numbers: UC 0, WC 1, WT 4, WP 5, WB 6; PAT has UC- 7 besides. */
  private static final int MTRR_TYPES = 1 | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 6;
  private static final int PAT_TYPES = MTRR_TYPES | 1 << 7;

  private MemoryTypeMsrs() {}

  /** Index of a fixed-range register, or -1. */
  static int fixed(int msr) {
    if (msr == Msr.MTRR_FIX_64K_00000) {
      return 0;
    }
    if (msr == Msr.MTRR_FIX_16K_80000 || msr == Msr.MTRR_FIX_16K_80000 + 1) {
      return 1 + msr - Msr.MTRR_FIX_16K_80000;
    }
    return msr >= Msr.MTRR_FIX_4K_C0000 && msr < Msr.MTRR_FIX_4K_C0000 + 8 ? 3 + msr - Msr.MTRR_FIX_4K_C0000 : -1;
  }

  /** Index of a base or mask register, or -1. */
  static int variable(int msr) {
    int n = msr - Msr.MTRR_PHYS_BASE_0;
    return n >= 0 && n < 2 * ColdMsrs.MTRR_RANGES ? n : -1;
  }

  private static boolean validTypes(long value, int types) {
    for (int shift = 0; shift < 64; shift += 8) {
      long type = value >>> shift & 0xFF;
      if (type > 7 || (types >>> type & 1) == 0) {
        return false;
      }
    }
    return true;
  }

  static boolean patValid(long value) {
    return validTypes(value, PAT_TYPES);
  }

  static boolean fixedValid(long value) {
    return validTypes(value, MTRR_TYPES);
  }

  static boolean defaultValid(long value) {
    long type = value & 0xFF;
    return (value & ~(TYPE_ENABLE | FIXED_ENABLE | 0xFF)) == 0 && type < 8 && (MTRR_TYPES >>> type & 1) != 0;
  }

  static boolean variableValid(Cpu c, int index, long value) {
    if (value >>> c.context.model().physicalBits() != 0) {
      return false;
    }
    if ((index & 1) != 0) {
      return (value & 0x7FF) == 0;
    }
    long type = value & 0xFF;
    return (value & 0xF00) == 0 && type < 8 && (MTRR_TYPES >>> type & 1) != 0;
  }
}
