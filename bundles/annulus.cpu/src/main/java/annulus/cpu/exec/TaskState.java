package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Segment;

/** What the processor reads from the current task-state segment: stacks of inner levels and bitmaps (SDM 3A 7.2, 7.7). */
final class TaskState {
  /** Offset of the I/O map base in 32-bit and 64-bit task state. */
  private static final int IO_MAP_BASE = 0x66;

  private TaskState() {}

  static boolean is32(Segment tr) {
    return (tr.attributes & 8) != 0;
  }

  /** SS for privilege {@code cpl}. Raises #TS outside the limit. */
  static int stackSelector(Cpu c, int cpl, int ext) {
    return is32(c.seg[Seg.TR]) ? (int) load(c, 8 + 8 * cpl, 2, ext) : (int) load(c, 4 + 4 * cpl, 2, ext);
  }

  /** SP or ESP for privilege {@code cpl}. */
  static long stackPointer(Cpu c, int cpl, int ext) {
    return is32(c.seg[Seg.TR]) ? load(c, 4 + 8 * cpl, 4, ext) : load(c, 2 + 4 * cpl, 2, ext);
  }

  /** RSP for privilege {@code cpl} in long mode. */
  static long stackPointer64(Cpu c, int cpl, int ext) {
    return load(c, 4 + 8 * cpl, 8, ext);
  }

  /** Interrupt stack {@code ist}, 1-7. */
  static long interruptStack(Cpu c, int ist, int ext) {
    return load(c, 0x1C + 8 * ist, 8, ext);
  }

  private static long load(Cpu c, int offset, int size, int ext) {
    Segment tr = c.seg[Seg.TR];
    if (offset + size - 1 > tr.limit) {
      throw c.fault(Vector.TS, Descriptors.error(tr.selector, ext));
    }
    return c.memory.systemLoad(tr.base + offset, size);
  }

  /**
   * Bit {@code vector} of the interrupt redirection bitmap, the 32 bytes below the I/O map (SDM 3A 20.3.3): set sends INT
   * {@code vector} of virtual-8086 mode to protected mode. Raises #GP(0) outside the limit.
   */
  static boolean redirectsToProtectedMode(Cpu c, int vector) {
    Segment tr = c.seg[Seg.TR];
    if (!is32(tr) || tr.limit < IO_MAP_BASE + 1) {
      throw c.gp();
    }
    long at = c.memory.systemLoad(tr.base + IO_MAP_BASE, 2) - 32 + (vector >>> 3);
    if (at < 0 || at > tr.limit) {
      throw c.gp();
    }
    return (c.memory.systemLoad(tr.base + at, 1) >>> (vector & 7) & 1) != 0;
  }
}
