package annulus.cpu;

import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.Vector;
import annulus.cpu.decode.Instruction;

/** From an instruction's memory operand to a linear address, with the checks of segmentation (SDM 3A 5.3, 3.3.7.1). */
public final class Addressing {
  private Addressing() {}

  /** Offset of the memory operand within its segment. */
  public static long offset(Cpu c, Instruction i) {
    long base = i.base == Instruction.RIP ? c.rip : c.gpr[i.base];
    long offset = base + (c.gpr[i.index] << i.scale) + i.displacement;
    return switch (i.addressSize) {
      case 8 -> offset;
      case 4 -> offset & 0xFFFF_FFFFL;
      default -> offset & 0xFFFF;
    };
  }

  /** Linear address of the memory operand for an access of {@code size} bytes. Raises #GP or #SS. */
  public static long linear(Cpu c, Instruction i, int size, boolean write) {
    return linear(c, i.segment, offset(c, i), size, write);
  }

  /** Linear address of {@code offset} in segment {@code s}. */
  public static long linear(Cpu c, int s, long offset, int size, boolean write) {
    if (c.codeBits == 64) {
      long linear = s >= Seg.FS ? c.seg[s].base + offset : offset;
      if (!c.canonical(linear) || size > 1 && !c.canonical(linear + size - 1)) {
        throw c.fault(s == Seg.SS ? Vector.SS : Vector.GP, 0);
      }
      return linear;
    }
    return segmented(c, s, offset, size, write);
  }

  /** The same as code that is not 64-bit code sees it, whichever runs. */
  public static long segmented(Cpu c, int s, long offset, int size, boolean write) {
    Segment segment = c.seg[s];
    check(c, s, segment, offset, size, write);
    return segment.base + offset & 0xFFFF_FFFFL;
  }

  private static void check(Cpu c, int s, Segment segment, long offset, int size, boolean write) {
    int a = segment.attributes;
    if (c.protectedMode() && !c.virtual8086()) {
      boolean code = (a & 8) != 0;
      if ((a & SegmentState.UNUSABLE) != 0 || write && (code || (a & 2) == 0) || !write && code && (a & 2) == 0) {
        throw c.fault(s == Seg.SS ? Vector.SS : Vector.GP, 0);
      }
    }
    long last = offset + size - 1;
    boolean inside;
    if ((a & 0xC) == 4) {
      // Expand-down: offsets above the limit are valid, up to 64 KiB or 4 GiB by B.
      inside = offset > segment.limit && last <= (segment.big() ? 0xFFFF_FFFFL : 0xFFFF);
    } else {
      inside = last <= segment.limit;
    }
    if (!inside) {
      throw c.fault(s == Seg.SS ? Vector.SS : Vector.GP, 0);
    }
  }
}
