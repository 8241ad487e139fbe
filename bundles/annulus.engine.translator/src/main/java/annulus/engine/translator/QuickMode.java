package annulus.engine.translator;

import annulus.cpu.fp.FpContext;

/** When SSE arithmetic has nothing to report but what is known: rounding to nearest, and "inexact" sticky and masked. */
final class QuickMode {
  /** MXCSR: rounding control, PM and PE; and what they are in the common case. */
  private static final int MODES = 3 << 13 | 1 << 12 | FpContext.PE;
  private static final int COMMON = 1 << 12 | FpContext.PE;

  private QuickMode() {}

  /** {@link QuickDouble#USUAL}, but nothing where the modes are not the common ones. */
  static long mask(int mxcsr) {
    return (mxcsr & MODES) == COMMON ? QuickDouble.USUAL : 0;
  }

  /** 0 in the common case, else a positive number. */
  static int of(int mxcsr) {
    return mxcsr & MODES ^ COMMON;
  }
}
