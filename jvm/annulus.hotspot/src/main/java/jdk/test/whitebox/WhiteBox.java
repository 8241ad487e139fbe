package jdk.test.whitebox;

import java.lang.reflect.Executable;

/**
 * HotSpot's white-box interface, as far as Annulus uses it. HotSpot gives it, where {@code -XX:+WhiteBoxAPI} is set, to a class of this
 * name on the boot class path and to no other. Its own thresholds cannot say what this can: by them C1 compiles each warm region twice,
 * first with counters for a C2 that is then kept away from it.
 */
public final class WhiteBox {
  /** The only one. */
  public static final WhiteBox INSTANCE;

  static {
    registerNatives();
    INSTANCE = new WhiteBox();
  }

  private WhiteBox() {}

  private static native void registerNatives();

  /**
   * Has {@code method} compiled, in the background unless the compiler directive BackgroundCompilation is off for it.
   *
   * @param tier 1 for C1 without counters to 4 for C2
   * @param at the bytecode index of a loop, or -1 for the whole method
   * @return whether it waits to be compiled, or is
   */
  public native boolean enqueueMethodForCompilation0(Executable method, int tier, int at);

  /** Gives {@code method} a profile that counts as complete, in which nothing has been counted but calls. */
  public native void markMethodProfiled(Executable method);

  /** Whether {@code method} waits to be compiled, or is being compiled. */
  public native boolean isMethodQueuedForCompilation0(Executable method);
}
