package annulus.cpu.block;

import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.cpu.Cpu;
import annulus.cpu.Segment;

/** What the decoding of a block depends on beside its bytes. */
public final class CodeMode {
  public static final int CODE_16 = 0;
  public static final int CODE_32 = 1;
  /** 32-bit code with flat, writable 4 GiB segments in CS, DS, ES and SS. */
  public static final int FLAT_32 = 2;
  public static final int CODE_64 = 3;

  private static final int[] FLAT_DATA = {Seg.DS, Seg.SS, Seg.ES};

  private CodeMode() {}

  static int of(Cpu c) {
    return switch (c.codeBits) {
      case 64 -> CODE_64;
      case 32 -> flat(c) ? FLAT_32 : CODE_32;
      default -> CODE_16;
    };
  }

  /** Whether specialised operations hold: every address in the usual segments is its own offset and passes all checks. */
  public static boolean flat(int mode) {
    return mode >= FLAT_32;
  }

  public static int bits(int mode) {
    return mode == CODE_64 ? 64 : mode == CODE_16 ? 16 : 32;
  }

  private static boolean flat(Cpu c) {
    if (!c.protectedMode() || c.virtual8086()) {
      return false;
    }
    Segment cs = c.seg[Seg.CS];
    if (cs.base != 0 || cs.limit != 0xFFFF_FFFFL) {
      return false;
    }
    for (int n : FLAT_DATA) {
      Segment s = c.seg[n];
      // Writable data (bit 1), not code (bit 3), not expand-down (bit 2).
      if (s.base != 0 || s.limit != 0xFFFF_FFFFL || (s.attributes & (SegmentState.UNUSABLE | 0xE)) != 2) {
        return false;
      }
    }
    return c.seg[Seg.SS].big();
  }
}
