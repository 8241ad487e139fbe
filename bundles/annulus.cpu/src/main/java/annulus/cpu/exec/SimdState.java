package annulus.cpu.exec;

import annulus.arch.CpuFeature;
import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.fp.FpContext;

/**
 * When SIMD instructions may run, and the switch of the x87 registers to MMX (SDM 3A 2.5, 12.1, 13.1; SDM 1 9.5).
 *
 * <pre>
 * MXCSR   17 MM (AMD)   15 FTZ   14-13 RC   12 PM 11 UM 10 OM 9 ZM 8 DM 7 IM   6 DAZ   5 PE 4 UE 3 OE 2 ZE 1 DE 0 IE
 * </pre>
 */
public final class SimdState {
  /** MXCSR after reset: all exceptions masked. */
  public static final int MXCSR_RESET = 0x1F80;
  /** MXCSR.MM: misaligned operands allowed, APM 1 4.2.2. */
  public static final int MISALIGNED = 1 << 17;
  private static final int BEFORE_COMPUTATION = FpContext.IE | FpContext.DE | FpContext.ZE;
  /** FSW.ES: an unmasked x87 exception is pending. */
  private static final int ERROR_SUMMARY = 0x80;
  private static final int MMX_EXPONENT = 0xFFFF;

  private SimdState() {}

  /** Raises #UD or #NM where an instruction on XMM registers cannot run (SDM 2A 2.4, exception types 1-5 for legacy SSE). */
  public static void requireSse(Cpu c) {
    // A comparison for order is one that HotSpot has no opinion of.
    if (missing(c) > 0) {
      refuseSse(c);
    }
  }

  /** A positive number where {@link #requireSse} would refuse, else 0. */
  public static int missing(Cpu c) {
    return (int) (c.paging.cr0 & (Cr0.EM | Cr0.TS) | ~c.paging.cr4 & Cr4.OSFXSR);
  }

  private static void refuseSse(Cpu c) {
    if ((c.paging.cr0 & Cr0.EM) != 0 || (c.paging.cr4 & Cr4.OSFXSR) == 0) {
      throw c.ud();
    }
    throw c.fault(Vector.NM);
  }

  /**
   * Raises #UD, #NM or the pending #MF where an instruction on MMX registers cannot run (SDM 3A 12.5).
   *
   * @return false when the instruction must not go on and is to be repeated, see {@link X87#ready}
   */
  static boolean mmxReady(Cpu c, Instruction i) {
    if ((c.paging.cr0 & (Cr0.EM | Cr0.TS)) != 0) {
      throw c.fault((c.paging.cr0 & Cr0.EM) != 0 ? Vector.UD : Vector.NM);
    }
    return noX87Exception(c, i);
  }

  /** The part of {@link #mmxReady} about pending x87 exceptions, for instructions on both register files. */
  static boolean noX87Exception(Cpu c, Instruction i) {
    return (c.fpu.status & ERROR_SUMMARY) == 0 || X87.report(c, i);
  }

  /** Starts an instruction that collects floating-point exceptions in {@link Cpu#sse}. */
  public static void beginFloat(Cpu c) {
    requireSse(c);
    c.sse.flags = 0;
  }

  /**
   * Ends it, before anything is written: the exceptions become sticky in MXCSR and unmasked ones raise #XM, or #UD where
   * CR4.OSXMMEXCPT says that nobody handles it. Unmasked IE, DE or ZE in any element hides what rounding would report (SDM 1
   * 11.5.2).
   */
  public static void endFloat(Cpu c) {
    if (c.sse.flags != 0) {
      report(c);
    }
  }

  private static void report(Cpu c) {
    int flags = c.sse.flags;
    int unmasked = flags & ~(c.mxcsr >>> 7);
    c.mxcsr |= (unmasked & BEFORE_COMPUTATION) != 0 ? flags & BEFORE_COMPUTATION : flags;
    if (unmasked != 0) {
      throw c.fault((c.paging.cr4 & Cr4.OSXMMEXCPT) != 0 ? Vector.XM : Vector.UD);
    }
  }

  /** The context of the exact software operations, with MXCSR's modes; exceptions collected so far stay. */
  static FpContext soft(Cpu c) {
    int flags = c.sse.flags;
    c.sse.setMxcsr(c.mxcsr);
    c.sse.flags = flags;
    return c.sse;
  }

  /** Switches the x87 registers to MMX: TOP is 0 and every register is valid. After everything that can fault. */
  public static void enterMmx(Cpu c) {
    c.fpu.top = 0;
    c.fpu.valid = 0xFF;
  }

  /** Writes MMX register {@code n}; the exponent part above it becomes all ones (SDM 3A 12.2). */
  public static void writeMmx(Cpu c, int n, long value) {
    Fpu f = c.fpu;
    f.top = 0;
    f.valid = 0xFF;
    f.significand[n] = value;
    f.signExponent[n] = MMX_EXPONENT;
  }

  /** The bits of MXCSR that may be set, as FXSAVE stores them in MXCSR_MASK (SDM 1 11.6.6). */
  public static int mxcsrMask(Cpu c) {
    return c.has(CpuFeature.MISALIGN_SSE) ? 0x2FFFF : 0xFFFF;
  }

  /** Loads MXCSR. Raises #GP(0) for reserved bits. */
  public static void loadMxcsr(Cpu c, int value) {
    requireValidMxcsr(c, value);
    c.mxcsr = value;
  }

  static void requireValidMxcsr(Cpu c, int value) {
    if ((value & ~mxcsrMask(c)) != 0) {
      throw c.gp();
    }
  }
}
