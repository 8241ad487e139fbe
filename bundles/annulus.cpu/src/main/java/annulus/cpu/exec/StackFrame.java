package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Segment;

/**
 * A frame that the processor is about to push, on the current stack or on that of an inner privilege level. All of its room is
 * checked first and the stack pointer changes last, by {@link #commit}, so a fault in between leaves the registers as they were.
 */
final class StackFrame {
  private final Cpu cpu;
  private final long base;
  private final long mask;
  private final boolean inner;
  private long pointer;

  private StackFrame(Cpu cpu, long base, long mask, boolean inner, long pointer) {
    this.cpu = cpu;
    this.base = base;
    this.mask = mask;
    this.inner = inner;
    this.pointer = pointer & mask;
  }

  /** A frame of {@code bytes} on the current stack, in values of {@code size}. Raises #SS(ext). */
  static StackFrame current(Cpu c, int bytes, int size, int ext) {
    if (c.codeBits != 64) {
      return segmented(c, bytes, size, ext);
    }
    checkCanonical(c, c.gpr[Cpu.RSP], bytes, ext);
    return new StackFrame(c, 0, -1, false, c.gpr[Cpu.RSP]);
  }

  /** The same, as code that is not 64-bit code sees the stack, whichever runs. */
  static StackFrame segmented(Cpu c, int bytes, int size, int ext) {
    Segment ss = c.seg[Seg.SS];
    StackFrame f = new StackFrame(c, ss.base, ss.big() ? 0xFFFF_FFFFL : 0xFFFF, false, c.gpr[Cpu.RSP]);
    for (int used = size; used <= bytes; used += size) {
      checkSegmented(c, f.pointer - used & f.mask, size, ext);
    }
    return f;
  }

  private static void checkSegmented(Cpu c, long offset, int size, int ext) {
    try {
      Addressing.segmented(c, Seg.SS, offset, size, true);
    } catch (annulus.cpu.GuestFault e) {
      throw c.fault(Vector.SS, ext);
    }
  }

  /** A frame on the stack of an inner level whose SS descriptor has been checked. Raises #SS(selector). */
  static StackFrame inner(Cpu c, int selector, long d, long pointer, int bytes, int ext) {
    long mask = Descriptors.isBig(d) ? 0xFFFF_FFFFL : 0xFFFF;
    StackFrame f = new StackFrame(c, Descriptors.base(d), mask, true, pointer);
    long lowest = f.pointer - bytes & mask;
    long highest = f.pointer - 1 & mask;
    long limit = Descriptors.limit(d);
    boolean expandDown = (Descriptors.type(d) & 4) != 0;
    if (lowest > highest || (expandDown ? lowest <= limit : highest > limit)) {
      throw c.fault(Vector.SS, Descriptors.error(selector, ext));
    }
    return f;
  }

  /** A frame of 8-byte values in long mode at {@code pointer}. Raises #SS(ext) for an address that is not canonical. */
  static StackFrame flat(Cpu c, long pointer, int bytes, int newCpl, int ext) {
    checkCanonical(c, pointer, bytes, ext);
    return new StackFrame(c, 0, -1, newCpl < 3, pointer);
  }

  private static void checkCanonical(Cpu c, long pointer, int bytes, int ext) {
    if (!c.canonical(pointer - 1) || !c.canonical(pointer - bytes)) {
      throw c.fault(Vector.SS, ext);
    }
  }

  void push(int size, long value) {
    pointer = pointer - size & mask;
    long linear = base + pointer;
    if (mask != -1) {
      linear &= 0xFFFF_FFFFL;
    }
    // The stack of an inner level belongs to the new privilege: a supervisor access.
    if (inner) {
      cpu.memory.systemStore(linear, size, value);
    } else {
      cpu.memory.store(linear, size, value);
    }
  }

  /** Sets the stack pointer behind the frame. */
  void commit() {
    cpu.gpr[Cpu.RSP] = mask == 0xFFFF ? cpu.gpr[Cpu.RSP] & ~0xFFFFL | pointer : pointer;
  }

  /** Sets the stack pointer of a stack switch: bits above a 16-bit stack's width come from {@code whole}. */
  void commit(long whole) {
    cpu.gpr[Cpu.RSP] = mask == 0xFFFF ? whole & 0xFFFF_0000L | pointer : pointer;
  }

  /** Makes {@code s} the null stack segment of 64-bit mode, with the privilege as its RPL. */
  static void setNull(Segment s, int cpl) {
    s.set(cpl, 0, 0, annulus.arch.SegmentState.UNUSABLE | cpl << annulus.arch.SegmentState.DPL_SHIFT);
  }
}
