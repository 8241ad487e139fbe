package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Segment;

/**
 * Segment and gate descriptors, SDM 3A 3.4.5 and 5.8.3. A descriptor is the 8 bytes as they stand in the table:
 *
 * <pre>
 * 63      56 55 54  53 52 51      48 47 46 45 44 43  40 39           16 15        0
 * | base 31-24 | G D/B L AVL | limit 19-16 | P | DPL | S | type | base 23-0     | limit 15-0 |
 * gates:  offset 31-16             P   DPL   0   type   count/IST   selector    offset 15-0
 * </pre>
 */
final class Descriptors {
  /** System types, SDM 3A table 3-2; 16-bit forms are the same without bit 3. */
  static final int TSS16 = 1;
  static final int LDT = 2;
  static final int CALL_GATE16 = 4;
  static final int TASK_GATE = 5;
  static final int INTERRUPT_GATE16 = 6;
  static final int TRAP_GATE16 = 7;
  static final int TSS32 = 9;
  static final int CALL_GATE32 = 12;
  static final int INTERRUPT_GATE32 = 14;
  static final int TRAP_GATE32 = 15;
  /** Bit of a TSS type: the task is busy. */
  static final int BUSY = 2;

  private static final int ACCESSED = 1;

  private Descriptors() {}

  static boolean isNull(int selector) {
    return (selector & 0xFFFC) == 0;
  }

  /** Error code that names a selector (SDM 3A 6.13). */
  static int error(int selector, int ext) {
    return selector & 0xFFFC | ext;
  }

  /** Linear address of the {@code size} bytes that {@code selector} names, or -1 outside its table. */
  static long address(Cpu c, int selector, int size) {
    long base = c.gdtBase;
    long limit = c.gdtLimit;
    if ((selector & 4) != 0) {
      Segment ldt = c.seg[Seg.LDTR];
      if (!ldt.usable() || isNull(ldt.selector)) {
        return -1;
      }
      base = ldt.base;
      limit = ldt.limit;
    }
    int offset = selector & 0xFFF8;
    if (offset + size - 1 > limit) {
      return -1;
    }
    return c.longMode() ? base + offset : base + offset & 0xFFFF_FFFFL;
  }

  /** Reads the descriptor of a selector that is not null. Raises {@code vector} with the selector outside the table. */
  static long read(Cpu c, int selector, int vector, int ext) {
    long address = address(c, selector, 8);
    if (address == -1) {
      throw c.fault(vector, error(selector, ext));
    }
    return c.memory.systemLoad(address, 8);
  }

  /** Upper half of a 16-byte system descriptor. Raises {@code vector} outside the table or when its type is not 0. */
  static long readUpper(Cpu c, int selector, int vector, int ext) {
    long address = address(c, selector, 16);
    if (address == -1) {
      throw c.fault(vector, error(selector, ext));
    }
    long upper = c.memory.systemLoad(address + 8, 8);
    if ((upper >>> 40 & 0x1F) != 0) {
      throw c.fault(vector, error(selector, ext));
    }
    return upper;
  }

  /** Sets the accessed bit in the table where it is clear. @return the descriptor with it */
  static long access(Cpu c, int selector, long d) {
    if ((d & (long) ACCESSED << 40) == 0) {
      c.memory.systemUpdate(address(c, selector, 8) + 5, 0, ACCESSED);
    }
    return d | (long) ACCESSED << 40;
  }

  /** Sets or clears the busy bit of a TSS descriptor in the GDT. */
  static void busy(Cpu c, int selector, boolean busy) {
    c.memory.systemUpdate(address(c, selector, 8) + 5, busy ? 0 : BUSY, busy ? BUSY : 0);
  }

  static int type(long d) {
    return (int) (d >>> 40) & 0xF;
  }

  /** S clear: a gate, TSS or LDT. */
  static boolean isSystem(long d) {
    return (d & 1L << 44) == 0;
  }

  static int dpl(long d) {
    return (int) (d >>> 45) & 3;
  }

  static boolean present(long d) {
    return (d & 1L << 47) != 0;
  }

  static boolean isCode(long d) {
    return !isSystem(d) && (type(d) & 8) != 0;
  }

  static boolean isConforming(long d) {
    return (type(d) & 4) != 0;
  }

  static boolean isWritableData(long d) {
    return !isSystem(d) && (type(d) & 0xA) == 2;
  }

  /** Data, or code that may be read. */
  static boolean isReadable(long d) {
    return !isSystem(d) && (type(d) & 0xA) != 8;
  }

  static boolean isLong(long d) {
    return (d & 1L << 53) != 0;
  }

  static boolean isBig(long d) {
    return (d & 1L << 54) != 0;
  }

  static long base(long d) {
    return d >>> 16 & 0xFF_FFFF | d >>> 32 & 0xFF00_0000L;
  }

  static long limit(long d) {
    long limit = d & 0xFFFF | d >>> 32 & 0xF_0000;
    return (d & 1L << 55) != 0 ? limit << 12 | 0xFFF : limit;
  }

  /** Attributes as {@link SegmentState} keeps them. */
  static int attributes(long d) {
    return (int) (d >>> 40) & 0xF0FF;
  }

  static int gateSelector(long d) {
    return (int) (d >>> 16) & 0xFFFF;
  }

  /** Offset of a gate; 16 bits wide in the 16-bit types. */
  static long gateOffset(long d) {
    return (type(d) & 8) != 0 ? d & 0xFFFF | d >>> 32 & 0xFFFF_0000L : d & 0xFFFF;
  }

  static void set(Segment s, int selector, long d) {
    s.set(selector, base(d), limit(d), attributes(d));
  }

  /**
   * Raises #GP for a code segment of no valid width: L and D both set in long mode.
   *
   * @param toLong whether it must be 64-bit code (gates of long mode)
   */
  static void checkCodeWidth(Cpu c, int selector, long d, boolean toLong, int ext) {
    if (c.longMode() && isLong(d) && isBig(d) || toLong && !isLong(d)) {
      throw c.fault(Vector.GP, error(selector, ext));
    }
  }

  /** Raises #GP(ext) for an instruction pointer outside its code segment, or one that is not canonical in 64-bit code. */
  static void checkTarget(Cpu c, long d, long offset, int ext) {
    if (c.longMode() && isLong(d) ? !c.canonical(offset) : Long.compareUnsigned(offset, limit(d)) > 0) {
      throw c.fault(Vector.GP, ext);
    }
  }

  /** Enters a code segment at a privilege: CS, CPL and what follows from them. */
  static void enterCode(Cpu c, int selector, long d, int cpl, long rip) {
    set(c.seg[Seg.CS], selector & 0xFFFC | cpl, access(c, selector, d));
    c.cpl = cpl;
    c.rip = rip;
    c.modeChanged();
  }
}
