package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.DataBreakpoints;

/**
 * Debug exceptions at instruction boundaries, SDM 3B 17.2 and 17.3. While {@link #armed}, an engine runs one at a time:
 *
 * <pre>{@code
 * if (!DebugTraps.before(cpu)) {   // an instruction breakpoint went to its handler instead
 *   execute one instruction; a fault goes to Interrupts.deliver
 *   DebugTraps.after(cpu);
 * }
 * }</pre>
 *
 * Between those two calls {@link Cpu#pendingDebug} has BS set when the instruction is to be followed by a step trap, so
 * instructions that enter a handler can take it away.
 */
public final class DebugTraps {
  /** DR6: access to a debug register with DR7.GD set. */
  static final long BD = 1 << 13;
  /** DR6: single step. */
  static final long BS = 1 << 14;
  /** DR6: switch to a task whose TSS has T set. */
  static final long BT = 1 << 15;
  /** DR7: general detect. */
  static final long GD = 1 << 13;

  private static final long BREAKPOINTS = 0xF;
  /** Every bit that {@link Cpu#pendingDebug} can have. */
  public static final long PENDING = BREAKPOINTS | BS | BT | DataBreakpoints.ENABLED;

  private DebugTraps() {}

  /** Whether the next instruction needs {@link #before} and {@link #after}. */
  public static boolean armed(Cpu c) {
    return (c.systemFlags & (Rflags.TF | Rflags.RF)) != 0 || (c.dr[7] & 0xFF) != 0 || c.pendingDebug != 0;
  }

  /**
   * Before the instruction at {@code cpu.rip}. RF holds off instruction breakpoints for this one instruction, and goes: an
   * instruction that faults pushes it set again.
   *
   * @return true when a breakpoint was hit: its handler comes first
   */
  public static boolean before(Cpu c) {
    long linear = c.codeBits == 64 ? c.rip : c.seg[Seg.CS].base + c.rip & 0xFFFF_FFFFL;
    if (instructionBreakpoint(c, linear)) {
      Interrupts.deliver(c, Vector.DB, 0, Interrupts.EXCEPTION);
      return true;
    }
    if ((c.systemFlags & Rflags.TF) != 0) {
      c.pendingDebug |= BS;
    }
    return false;
  }

  private static boolean instructionBreakpoint(Cpu c, long linear) {
    if ((c.systemFlags & Rflags.RF) != 0) {
      c.systemFlags &= ~Rflags.RF;
      return false;
    }
    if ((c.dr[7] & 0xFF) == 0 || c.movSsShadow) {
      return false;
    }
    long hits = 0;
    boolean enabled = false;
    for (int n = 0; n < 4; n++) {
      boolean execution = (c.dr[7] >>> 16 + 4 * n & 3) == 0;
      if (execution && c.dr[n] == linear) {
        hits |= 1L << n;
        enabled |= (c.dr[7] >>> 2 * n & 3) != 0;
      }
    }
    if (enabled) {
      record(c, hits);
    }
    return enabled;
  }

  /** After the instruction: delivers the traps it caused. Those of MOV SS and POP SS wait for the instruction after it. */
  public static void after(Cpu c) {
    if (c.pendingDebug == 0 || c.movSsShadow) {
      return;
    }
    long pending = c.pendingDebug;
    c.pendingDebug = 0;
    if ((pending & (DataBreakpoints.ENABLED | BS | BT)) != 0) {
      record(c, pending);
      Interrupts.deliver(c, Vector.DB, 0, Interrupts.EXCEPTION);
    }
  }

  /** DR6 of a debug exception: B0-B3 are its own, the others stay until software clears them (SDM 3B 17.2.3). */
  private static void record(Cpu c, long bits) {
    c.dr[6] = c.dr[6] & ~BREAKPOINTS | bits & (BREAKPOINTS | BS | BT);
  }
}
