package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.LinearMemory;
import annulus.cpu.block.LeaveRegion;
import annulus.memory.Ram;
import annulus.memory.translation.SoftTlb;

/**
 * Accesses of generated code to guest memory. Each is a probe of the TLB that HotSpot inlines, the array of its entries a constant of the
 * calling class, and a call for everything else. Adding {@code size - 1} before the tag is formed sends accesses that cross a
 * page, which end on another one, to the slow path by the same comparison.
 */
final class GuestAccess {
  private static final long LOW32 = 0xFFFF_FFFFL;

  /** MXCSR.MM, APM 1 4.2.2. */
  private static final int MISALIGNED_ALLOWED = 1 << 17;

  private GuestAccess() {}

  static long load8(long linear, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    return tlb[i + SoftTlb.READ] == (linear & -4096 | context)
        ? Ram.get8(linear + tlb[i + SoftTlb.ADDEND]) : m.load8(linear);
  }

  static long load16(long linear, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    return tlb[i + SoftTlb.READ] == (linear + 1 & -4096 | context)
        ? Ram.get16(linear + tlb[i + SoftTlb.ADDEND]) : m.load16(linear);
  }

  static long load32(long linear, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    return (tlb[i + SoftTlb.READ] == (linear + 3 & -4096 | context)
        ? Ram.get32(linear + tlb[i + SoftTlb.ADDEND]) : m.load32(linear)) & LOW32;
  }

  static long load64(long linear, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    return tlb[i + SoftTlb.READ] == (linear + 7 & -4096 | context)
        ? Ram.get64(linear + tlb[i + SoftTlb.ADDEND]) : m.load64(linear);
  }

  static void store8(long linear, long value, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear & -4096 | context)) {
      Ram.put8(linear + tlb[i + SoftTlb.ADDEND], (int) value);
    } else {
      storeSlow(linear, 1, value, m);
    }
  }

  static void store16(long linear, long value, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear + 1 & -4096 | context)) {
      Ram.put16(linear + tlb[i + SoftTlb.ADDEND], (int) value);
    } else {
      storeSlow(linear, 2, value, m);
    }
  }

  static void store32(long linear, long value, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear + 3 & -4096 | context)) {
      Ram.put32(linear + tlb[i + SoftTlb.ADDEND], (int) value);
    } else {
      storeSlow(linear, 4, value, m);
    }
  }

  static void store64(long linear, long value, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear + 7 & -4096 | context)) {
      Ram.put64(linear + tlb[i + SoftTlb.ADDEND], value);
    } else {
      storeSlow(linear, 8, value, m);
    }
  }

  /** Code is only changed outside regions: {@link LeaveRegion}, before anything has happened. */
  private static void storeSlow(long linear, int size, long value, LinearMemory m) {
    if (!m.storeUnlessCode(linear, size, value)) {
      throw LeaveRegion.INSTANCE;
    }
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

  /** Host offset of 16 bytes for loads, or -1: then {@link #half} loads them one by one. */
  static long wide(long linear, long context, long[] tlb) {
    int i = SoftTlb.index(linear);
    return tlb[i + SoftTlb.READ] == (linear + 15 & -4096 | context) ? linear + tlb[i + SoftTlb.ADDEND] : -1;
  }

  /** Eight bytes at {@code distance} from what {@link #wide} looked up. */
  static long half(long host, long linear, int distance, LinearMemory m) {
    return host < 0 ? m.load64(linear + distance) : Ram.get64(host + distance);
  }

  /** Stores 16 bytes, all or nothing. */
  static void store128(long linear, long low, long high, long context, long[] tlb, LinearMemory m) {
    int i = SoftTlb.index(linear);
    if (tlb[i + SoftTlb.WRITE] == (linear + 15 & -4096 | context)) {
      long host = linear + tlb[i + SoftTlb.ADDEND];
      Ram.put64(host, low);
      Ram.put64(host + 8, high);
    } else {
      refuseCode(linear, 8, m);
      refuseCode(linear + 8, 8, m);
      m.store64(linear, low);
      m.store64(linear + 8, high);
    }
  }

  /** Raises #GP(0) for an operand of 16 bytes that must be aligned and is not. @return the address */
  static long aligned(long linear, Cpu c) {
    if ((linear & 15) != 0) {
      misaligned(linear, c);
    }
    return linear;
  }

  private static void misaligned(long linear, Cpu c) {
    if ((c.mxcsr & MISALIGNED_ALLOWED) == 0) {
      if (!c.canonical(linear) || !c.canonical(linear + 15)) {
        // Another fault where it is the stack's.
        c.memory.nonCanonical = true;
      }
      throw c.gp();
    }
  }

  /** Raises #GP(0) for a branch out of the canonical range, before it is taken (SDM 2A Jcc, CALL). */
  static void requireCanonical(Cpu c, long target) {
    if (!c.canonical(target)) {
      throw c.gp();
    }
  }
}
