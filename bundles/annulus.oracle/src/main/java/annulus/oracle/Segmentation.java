package annulus.oracle;

import annulus.arch.Seg;
import annulus.arch.SegmentState;

/**
 * The segments of each kind of code. 64-bit and 32-bit code use those of Linux' global descriptor table, everything else is in a
 * local table that the oracle makes: FS with a limit within the readable page, GS expand-down from the middle of the data.
 */
final class Segmentation {
  /** Descriptor {@code index} of the local table. */
  record Local(int index, int base, int limit, int attributes) {
    int selector() {
      return index << 3 | 7;
    }
  }

  private static final int CODE = 0xFB;
  private static final int DATA = 0xF3;
  private static final int EXPAND_DOWN = 0xF7;
  private static final int FS_LIMIT = 0x43FF;
  private static final int GS_LIMIT = 0x2FFF;
  static final Local[] LOCAL = {
      new Local(0, Layout.CODE_BASE, 0x8FFF, CODE),
      new Local(1, Layout.DATA_BASE, 0xFFFF, DATA),
      new Local(2, Layout.DATA_BASE, FS_LIMIT, DATA | SegmentState.BIG),
      new Local(3, Layout.DATA_BASE, GS_LIMIT, EXPAND_DOWN | SegmentState.BIG),
      new Local(4, Layout.DATA_BASE, FS_LIMIT, DATA),
      new Local(5, Layout.DATA_BASE, GS_LIMIT, EXPAND_DOWN)};
  /** Linux' global table (arch/x86 GDT_ENTRY_*): base 0, limit 4 GiB; the last one's limit is the number of the processor. */
  static final int[] GLOBAL = {0, 0xC09B, 0xA09B, 0xC093, 0xC0FB, 0xC0F3, 0xA0FB, 0, 0x8B, 0, 0x82, 0, 0, 0, 0, 0x40F5};
  static final int USER_CODE_64 = 0x33;
  static final int USER_CODE_32 = 0x23;
  static final int USER_DATA = 0x2B;
  static final int LOCAL_TABLE = 0x50;
  private static final int FS_BASE = Layout.DATA_BASE + 0x100;
  private static final int GS_BASE = Layout.DATA_BASE + 0x1F00;

  private Segmentation() {}

  /** Segment {@code s} while code of {@code bits} bits runs. */
  static SegmentState of(int bits, int s, long base) {
    if (bits == 64) {
      return switch (s) {
        case Seg.CS -> flat(USER_CODE_64);
        case Seg.FS -> new SegmentState(0, base + FS_BASE, 0xFFFF_FFFFL, 0xC0F3);
        case Seg.GS -> new SegmentState(0, base + GS_BASE, 0xFFFF_FFFFL, 0xC0F3);
        default -> flat(USER_DATA);
      };
    }
    if (bits == 32) {
      return switch (s) {
        case Seg.CS -> flat(USER_CODE_32);
        case Seg.FS -> local(2, base);
        case Seg.GS -> local(3, base);
        default -> flat(USER_DATA);
      };
    }
    return switch (s) {
      case Seg.CS -> local(0, base);
      case Seg.FS -> local(4, base);
      case Seg.GS -> local(5, base);
      default -> local(1, base);
    };
  }

  private static SegmentState flat(int selector) {
    return SegmentState.flat(selector, GLOBAL[selector >>> 3]);
  }

  private static SegmentState local(int index, long base) {
    Local l = LOCAL[index];
    return new SegmentState(l.selector(), base + l.base(), l.limit(), l.attributes());
  }

  /** The global table's bytes. */
  static Bytes globalTable(long localTableBase) {
    Bytes b = new Bytes(8 * GLOBAL.length);
    for (int n = 0; n < GLOBAL.length; n++) {
      boolean system = GLOBAL[n] == 0x8B || GLOBAL[n] == 0x82;
      int limit = n == GLOBAL.length - 1 ? 0 : GLOBAL[n] == 0x82 ? 8 * LOCAL.length - 1 : GLOBAL[n] == 0x8B ? 0x206F : 0xF_FFFF;
      if (GLOBAL[n] != 0) {
        b.putLong(8 * n, descriptor(system ? localTableBase & 0xFFFF_FFFFL : 0, limit, GLOBAL[n]));
        if (system) {
          b.putLong(8 * n + 8, localTableBase >>> 32);
        }
      }
    }
    return b;
  }

  /** The local table's bytes. */
  static Bytes localTable(long base) {
    Bytes b = new Bytes(8 * LOCAL.length);
    for (Local l : LOCAL) {
      b.putLong(8 * l.index(), descriptor(base + l.base(), l.limit(), l.attributes()));
    }
    return b;
  }

  /** SDM 3A 3.4.5. */
  private static long descriptor(long base, long limit, int attributes) {
    return limit & 0xFFFF | (base & 0xFF_FFFF) << 16 | (attributes & 0xFFL) << 40 | (limit >>> 16 & 15) << 48
        | (attributes >>> 12 & 15L) << 52 | (base >>> 24 & 0xFF) << 56;
  }
}
