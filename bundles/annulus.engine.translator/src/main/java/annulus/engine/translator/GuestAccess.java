package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.LinearMemory;
import annulus.cpu.block.LeaveRegion;
import annulus.memory.Pool;
import annulus.memory.translation.SoftTlb;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Accesses of generated code to guest memory. Each is a probe of the TLB that HotSpot inlines, the array of its entries a constant of the
 * calling class, and a call for everything else. Adding {@code size - 1} before the tag is formed sends accesses that cross a
 * page, which end on another one, to the slow path by the same comparison.
 */
final class GuestAccess {
  private static final MemorySegment RAM = Pool.MEMORY;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final long LOW32 = 0xFFFF_FFFFL;

  private GuestAccess() {}

  static long load8(long linear, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    return tlb[i + SoftTlb.READ] == (linear & -4096 | context) ? RAM.get(ValueLayout.JAVA_BYTE, linear + tlb[i + SoftTlb.ADDEND]) & 0xFF : m.load8(linear);
  }

  static long load16(long linear, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    return tlb[i + SoftTlb.READ] == (linear + 1 & -4096 | context) ? RAM.get(SHORT, linear + tlb[i + SoftTlb.ADDEND]) & 0xFFFF : m.load16(linear);
  }

  static long load32(long linear, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    return (tlb[i + SoftTlb.READ] == (linear + 3 & -4096 | context) ? RAM.get(INT, linear + tlb[i + SoftTlb.ADDEND]) : m.load32(linear)) & LOW32;
  }

  static long load64(long linear, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    return tlb[i + SoftTlb.READ] == (linear + 7 & -4096 | context) ? RAM.get(LONG, linear + tlb[i + SoftTlb.ADDEND]) : m.load64(linear);
  }

  static void store8(long linear, long value, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear & -4096 | context)) {
      RAM.set(ValueLayout.JAVA_BYTE, linear + tlb[i + SoftTlb.ADDEND], (byte) value);
    } else {
      storeSlow(linear, 1, value, m);
    }
  }

  static void store16(long linear, long value, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear + 1 & -4096 | context)) {
      RAM.set(SHORT, linear + tlb[i + SoftTlb.ADDEND], (short) value);
    } else {
      storeSlow(linear, 2, value, m);
    }
  }

  static void store32(long linear, long value, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear + 3 & -4096 | context)) {
      RAM.set(INT, linear + tlb[i + SoftTlb.ADDEND], (int) value);
    } else {
      storeSlow(linear, 4, value, m);
    }
  }

  static void store64(long linear, long value, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear + 7 & -4096 | context)) {
      RAM.set(LONG, linear + tlb[i + SoftTlb.ADDEND], value);
    } else {
      storeSlow(linear, 8, value, m);
    }
  }

  /** Code is only changed outside regions: {@link LeaveRegion}, before anything has happened. */
  private static void storeSlow(long linear, int size, long value, LinearMemory m) {
    refuseCode(linear, size, m);
    m.store(linear, size, value);
  }

  private static void refuseCode(long linear, int size, LinearMemory m) {
    m.checkWrite(linear, size);
    if (m.changesCode(linear, size)) {
      throw LeaveRegion.INSTANCE;
    }
  }

  /**
   * Begins a read-modify-write: raises its faults.
   *
   * @return the host offset to use, or -1 where {@link #fetch} and {@link #put} must go by the linear address
   */
  static long open(long linear, int size, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear + (size - 1) & -4096 | context)) {
      return linear + tlb[i + SoftTlb.ADDEND];
    }
    refuseCode(linear, size, m);
    return -1;
  }

  /** The old value, zero-extended. */
  static long fetch(long host, long linear, int size, LinearMemory m) {
    return host < 0 ? m.load(linear, size) : LinearMemory.read(host, size);
  }

  /** The new value. */
  static void put(long host, long linear, long value, int size, LinearMemory m) {
    if (host < 0) {
      m.store(linear, size, value);
    } else {
      LinearMemory.write(host, size, value);
    }
  }

  /** Raises #GP(0) for a branch out of the canonical range, before it is taken (SDM 2A Jcc, CALL). */
  static void requireCanonical(Cpu c, long target) {
    if (!c.canonical(target)) {
      throw c.gp();
    }
  }
}
