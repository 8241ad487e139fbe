package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.DataBreakpoints;
import annulus.cpu.Segment;

/** The right to use I/O ports: IOPL and the I/O permission bitmap of the task state, SDM 1 18.5. */
public final class IoPermission {
  /** Type of a 32-bit (64-bit in long mode) task state segment, without the busy bit. */
  private static final int TSS = 9;
  private static final int BUSY = 2;
  /** Place of the I/O map base in the task state, and the smallest limit that includes it. */
  private static final int MAP_BASE = 0x66;
  private static final int SMALLEST_LIMIT = 0x67;

  private IoPermission() {}

  /** Raises #GP(0) unless {@code size} ports from {@code port} on may be used, then looks at the I/O breakpoints. */
  public static void check(Cpu c, int port, int size) {
    if (c.protectedMode() && (c.cpl > c.iopl() || c.virtual8086()) && !mapped(c, port, size)) {
      throw c.gp();
    }
    DataBreakpoints.checkPort(c, port, size);
  }

  private static boolean mapped(Cpu c, int port, int size) {
    Segment tr = c.seg[Seg.TR];
    if ((tr.type() & ~BUSY) != TSS || tr.limit < SMALLEST_LIMIT) {
      return false;
    }
    long at = c.memory.systemLoad(tr.base + MAP_BASE, 2) + (port >>> 3);
    // Always two bytes, as a wide port may have its bits in both.
    if (at + 1 > tr.limit) {
      return false;
    }
    long bits = c.memory.systemLoad(tr.base + at, 2) >>> (port & 7);
    return (bits & (1 << size) - 1) == 0;
  }
}
