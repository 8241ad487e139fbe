package annulus.engine.translator;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.LinearMemory;
import annulus.cpu.block.LeaveRegion;
import annulus.cpu.block.RegionRunner;
import annulus.cpu.block.op.Op;
import annulus.engine.PendingEvents;
import annulus.memory.Ram;
import annulus.memory.translation.SoftTlb;
import java.lang.invoke.VarHandle;

/**
 * Accesses of generated code to guest memory. Each is a probe of the TLB and a call for everything else, which is named {@code ...Slow}:
 * the start script's options tell C2 to inline the others into hot regions. Adding {@code size - 1} before the tag is formed sends
 * accesses that cross a page, which end on another one, to the slow path by the same comparison.
 *
 * <p>What seldom happens is asked for by comparisons for order, not for equality: those HotSpot thinks to fail nine times out of ten
 * when it knows nothing.
 *
 * <p>{@code at} is the number of the instruction in its region, which is left in {@link Op#AT} before anything can fault, and above it,
 * from bit {@link #FLAGS_SHIFT}, the form of flags that are not with the processor yet: see {@link FlagWriter}. They follow from
 * {@code a} and {@code b}. {@code rest} is what is left of the budget, or {@link #STORED}.
 */
final class GuestAccess {
  /** In {@code at}. */
  static final int FLAGS_SHIFT = 16;
  private static final int NUMBER = (1 << FLAGS_SHIFT) - 1;
  /** {@code rest} of regions that leave it in {@link Op#REST} themselves. */
  private static final long STORED = -1;
  private static final long LOW32 = 0xFFFF_FFFFL;

  /** MXCSR.MM, APM 1 4.2.2. */
  private static final int MISALIGNED_ALLOWED = 1 << 17;

  private GuestAccess() {}

  // ---- the probe --------------------------------------------------------------------------------------------------------------

  private static long readTag(long linear, long[] tlb) {
    return tlb[SoftTlb.index(linear) + SoftTlb.READ];
  }

  private static long writeTag(long linear, long[] tlb) {
    return tlb[SoftTlb.index(linear) + SoftTlb.WRITE];
  }

  private static long host(long linear, long[] tlb) {
    return linear + tlb[SoftTlb.index(linear) + SoftTlb.ADDEND];
  }

  /**
   * 0 when a jump back must not go on, because the budget {@code rest} does not hold for {@code most} instructions more or one of the
   * events in {@link Op#ATTENTION} is pending, else 1: without a branch, and for a comparison that C2 takes to be seldom true.
   */
  static int goesOn(long rest, int most, PendingEvents pending, long[] gpr) {
    // C2 would read the events before the branch around this, each time.
    VarHandle.acquireFence();
    return goesOn(rest, most, pending.poll(), gpr);
  }

  /** The same where the budget is with the processor. */
  static int goesOn(int most, PendingEvents pending, long[] gpr) {
    return goesOn(gpr[Op.REST], most, pending.poll(), gpr);
  }

  private static int goesOn(long rest, int most, int events, long[] gpr) {
    // The events first: C2 would work out what does not depend on them before the branch around this too.
    return (int) ((rest | -(events & gpr[Op.ATTENTION]) >> 63) - most >>> 63) ^ 1;
  }

  /**
   * Offset of {@code target} in a region of {@code span} pages that begins at {@code start}, or -1 where it lies elsewhere or the region
   * must not go on, as {@link #goesOn} says.
   */
  static int inside(long target, long start, int span, int most, PendingEvents pending, long[] gpr) {
    long offset = target - start;
    return offset >>> 12 >= span || goesOn(most, pending, gpr) == 0 ? -1 : (int) offset;
  }

  /** A call at {@code start} goes to {@code target}: the last two targets are in {@code called} from {@code at} on. */
  static void goesTo(long target, long start, long[] called, int at) {
    long distance = target - start;
    if (called[at] != distance) {
      called[at + 1] = called[at];
      called[at] = distance;
    }
  }

  /** Leaves word of where the region is, for a fault, and flags that are not with the processor yet. */
  private static void tell(Cpu c, int at, long rest, long a, long b) {
    c.gpr[Op.AT] = at & NUMBER;
    if (rest != STORED) {
      c.gpr[Op.REST] = rest;
    }
    int flags = at >>> FLAGS_SHIFT;
    if (flags != 0) {
      FlagForm.store(c, flags, a, b);
    }
  }

  /** The bases of FS and GS have been changed: those that addresses are formed with follow. */
  static void takeBases(Cpu c) {
    c.gpr[Op.FS_BASE] = c.seg[Seg.FS].base;
    c.gpr[Op.GS_BASE] = c.seg[Seg.GS].base;
  }

  /** The interrupt flag has been changed: who looks at events looks for interrupts or does not. */
  static void attend(Cpu c) {
    long others = c.gpr[Op.ATTENTION] & ~PendingEvents.INTERRUPT;
    c.gpr[Op.ATTENTION] = (c.systemFlags & Rflags.IF) == 0 ? others : others | PendingEvents.INTERRUPT;
  }

  /**
   * 1 where the region goes on behind STI, of which it has the next instruction; 0, with the shadow, where an event is pending. One that
   * comes later is not looked for before that instruction is through, so that the shadow ends here.
   */
  static int passesSti(Cpu c, PendingEvents pending) {
    attend(c);
    if ((pending.poll() & c.gpr[Op.ATTENTION]) != 0) {
      c.endBlock = true;
      return 0;
    }
    c.stiShadow = false;
    return 1;
  }

  /**
   * 1 where a repeated instruction has come to its end, {@code next} follows, and the region goes on: not where decoded code was written,
   * or when the engine is to count iterations.
   */
  static int complete(Cpu c, long next) {
    if (RegionRunner.hasToCount(c)) {
      c.endBlock = true;
    }
    return c.rip == next && !c.endBlock ? 1 : 0;
  }

  /** {@code host}, which is no negative number, where {@code difference} is 0, and otherwise some negative number: without a branch. */
  static long orNegative(long difference, long host) {
    return host | (difference | -difference) >> 63;
  }

  /**
   * {@code host}, in a region that is left before the access where {@code difference} is not 0. What HotSpot knows of how seldom that is it
   * has learnt by {@link Rarity}.
   */
  static long hit(long difference, long host) {
    if (difference != 0) {
      throw LeaveRegion.INSTANCE;
    }
    return host;
  }

  /** Of two targets of a call that one to which {@code target} may be equal; {@code first} is the lower one. */
  static long candidate(long target, long first, long second) {
    return target > first ? second : first;
  }

  /** Leaves a region that has no place for what is to be done where {@code why} is a positive number. */
  static void unless(int why) {
    if (why > 0) {
      throw LeaveRegion.INSTANCE;
    }
  }

  // What comes of a probe is one function each, which the warm code's and the hot code's way to it have in common: HotSpot counts by
  // function which way a branch goes, so what warm code finds tells C2, which compiles hot code before it has run, how seldom a probe
  // misses. The branch and the call that is so seldom made have to be in the same function: of a truth value that comes out of another
  // C2 thinks it is as likely true, and keeps no value in a register over an access.

  // ---- loads and stores ---------------------------------------------------------------------------------------------------------

  static long load8(long linear, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    return loaded8(readTag(linear, tlb) ^ SoftTlb.tag(linear, m.dataContext), host(linear, tlb), linear, c, at, STORED, 0, 0);
  }

  static long loaded8(long difference, long host, long linear, Cpu c, int at, long rest, long a, long b) {
    return difference != 0 ? load8Slow(linear, c, at, rest, a, b) : Ram.getAt8(host);
  }

  static int load8Slow(long linear, Cpu c, int at, long rest, long a, long b) {
    tell(c, at, rest, a, b);
    return c.memory.load8(linear);
  }

  static long load16(long linear, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    return loaded16(readTag(linear, tlb) ^ SoftTlb.tag(linear + 1, m.dataContext), host(linear, tlb), linear, c, at, STORED, 0, 0);
  }

  static long loaded16(long difference, long host, long linear, Cpu c, int at, long rest, long a, long b) {
    return difference != 0 ? load16Slow(linear, c, at, rest, a, b) : Ram.getAt16(host);
  }

  static int load16Slow(long linear, Cpu c, int at, long rest, long a, long b) {
    tell(c, at, rest, a, b);
    return c.memory.load16(linear);
  }

  static long load32(long linear, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    return loaded32(readTag(linear, tlb) ^ SoftTlb.tag(linear + 3, m.dataContext), host(linear, tlb), linear, c, at, STORED, 0, 0);
  }

  static long loaded32(long difference, long host, long linear, Cpu c, int at, long rest, long a, long b) {
    return (difference != 0 ? load32Slow(linear, c, at, rest, a, b) : Ram.getAt32(host)) & LOW32;
  }

  static int load32Slow(long linear, Cpu c, int at, long rest, long a, long b) {
    tell(c, at, rest, a, b);
    return c.memory.load32(linear);
  }

  static long load64(long linear, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    return loaded64(readTag(linear, tlb) ^ SoftTlb.tag(linear + 7, m.dataContext), host(linear, tlb), linear, c, at, STORED, 0, 0);
  }

  static long loaded64(long difference, long host, long linear, Cpu c, int at, long rest, long a, long b) {
    return difference != 0 ? load64Slow(linear, c, at, rest, a, b) : Ram.getAt64(host);
  }

  static long load64Slow(long linear, Cpu c, int at, long rest, long a, long b) {
    tell(c, at, rest, a, b);
    return c.memory.load64(linear);
  }

  static void store8(long linear, long value, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    stored8(writeTag(linear, tlb) ^ SoftTlb.tag(linear, m.dataContext), host(linear, tlb), value, linear, c, at, STORED, 0, 0);
  }

  static void stored8(long difference, long host, long value, long linear, Cpu c, int at, long rest, long a, long b) {
    if (difference != 0) {
      storeSlow(linear, 1, value, c, at, rest, a, b);
    } else {
      Ram.putAt8(host, (int) value);
    }
  }

  static void store16(long linear, long value, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    stored16(writeTag(linear, tlb) ^ SoftTlb.tag(linear + 1, m.dataContext), host(linear, tlb), value, linear, c, at, STORED, 0, 0);
  }

  static void stored16(long difference, long host, long value, long linear, Cpu c, int at, long rest, long a, long b) {
    if (difference != 0) {
      storeSlow(linear, 2, value, c, at, rest, a, b);
    } else {
      Ram.putAt16(host, (int) value);
    }
  }

  static void store32(long linear, long value, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    stored32(writeTag(linear, tlb) ^ SoftTlb.tag(linear + 3, m.dataContext), host(linear, tlb), value, linear, c, at, STORED, 0, 0);
  }

  static void stored32(long difference, long host, long value, long linear, Cpu c, int at, long rest, long a, long b) {
    if (difference != 0) {
      storeSlow(linear, 4, value, c, at, rest, a, b);
    } else {
      Ram.putAt32(host, (int) value);
    }
  }

  static void store64(long linear, long value, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    stored64(writeTag(linear, tlb) ^ SoftTlb.tag(linear + 7, m.dataContext), host(linear, tlb), value, linear, c, at, STORED, 0, 0);
  }

  static void stored64(long difference, long host, long value, long linear, Cpu c, int at, long rest, long a, long b) {
    if (difference != 0) {
      storeSlow(linear, 8, value, c, at, rest, a, b);
    } else {
      Ram.putAt64(host, value);
    }
  }

  /** Code is only changed outside regions: {@link LeaveRegion}, before anything has happened. */
  static void storeSlow(long linear, int size, long value, Cpu c, int at, long rest, long a, long b) {
    tell(c, at, rest, a, b);
    if (!c.memory.storeUnlessCode(linear, size, value)) {
      throw LeaveRegion.INSTANCE;
    }
  }

  // ---- the stack, 64-bit: what warm code has no place for --------------------------------------------------------------------------

  static void push64(long value, Cpu c, int at) {
    long to = c.gpr[Cpu.RSP] - 8;
    store64(to, value, c, at);
    c.gpr[Cpu.RSP] = to;
  }

  static long pop64(Cpu c, int at) {
    long from = c.gpr[Cpu.RSP];
    long value = load64(from, c, at);
    c.gpr[Cpu.RSP] = from + 8;
    return value;
  }

  /** RET, which takes {@code release} bytes off the stack. @return where to */
  static long return64(int release, Cpu c, int at) {
    long from = c.gpr[Cpu.RSP];
    long target = load64(from, c, at);
    requireCanonical(c, target, at);
    c.gpr[Cpu.RSP] = from + release;
    return target;
  }

  // ---- several registers: their numbers four bits each in {@code registers}, the first lowest; {@code at} is the first's ------------

  /** PUSH of {@code count} general registers. */
  static void pushAll(long registers, int count, Cpu c, int at) {
    long[] gpr = c.gpr;
    long[] tlb = c.tlb;
    int size = count << 3;
    long low = gpr[Cpu.RSP] - size;
    if ((writeTag(low, tlb) ^ SoftTlb.tag(low + size - 1, c.memory.dataContext)) != 0) {
      pushAllSlow(registers, count, c, at);
      return;
    }
    long host = host(low, tlb);
    long rest = registers;
    for (int distance = size - 8; distance >= 0; distance -= 8) {
      Ram.putAt64(host + distance, gpr[(int) rest & 15]);
      rest >>>= 4;
    }
    gpr[Cpu.RSP] = low;
  }

  private static void pushAllSlow(long registers, int count, Cpu c, int at) {
    for (int n = 0; n < count; n++) {
      long to = c.gpr[Cpu.RSP] - 8;
      storeSlow(to, 8, c.gpr[(int) (registers >>> 4 * n) & 15], c, at + n, STORED, 0, 0);
      c.gpr[Cpu.RSP] = to;
    }
  }

  /** POP of {@code count} general registers. */
  static void popAll(long registers, int count, Cpu c, int at) {
    long[] gpr = c.gpr;
    long[] tlb = c.tlb;
    long low = gpr[Cpu.RSP];
    int size = count << 3;
    if ((readTag(low, tlb) ^ SoftTlb.tag(low + size - 1, c.memory.dataContext)) != 0) {
      popAllSlow(registers, count, c, at);
      return;
    }
    long host = host(low, tlb);
    long rest = registers;
    for (int distance = 0; distance < size; distance += 8) {
      gpr[(int) rest & 15] = Ram.getAt64(host + distance);
      rest >>>= 4;
    }
    gpr[Cpu.RSP] = low + size;
  }

  private static void popAllSlow(long registers, int count, Cpu c, int at) {
    for (int n = 0; n < count; n++) {
      long from = c.gpr[Cpu.RSP];
      c.gpr[(int) (registers >>> 4 * n) & 15] = load64Slow(from, c, at + n, STORED, 0, 0);
      c.gpr[Cpu.RSP] = from + 8;
    }
  }

  // ---- read-modify-write ----------------------------------------------------------------------------------------------------------

  /**
   * Begins a read-modify-write: raises its faults.
   *
   * @return the host address to use, or -1 where {@link #fetch64} and {@link #put64}, and their like, must go by the linear address
   */
  static long open8(long linear, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    return opened(writeTag(linear, tlb) ^ SoftTlb.tag(linear, m.dataContext), host(linear, tlb), linear, 1, c, at, STORED, 0, 0);
  }

  static long open16(long linear, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    return opened(writeTag(linear, tlb) ^ SoftTlb.tag(linear + 1, m.dataContext), host(linear, tlb), linear, 2, c, at, STORED, 0, 0);
  }

  static long open32(long linear, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    return opened(writeTag(linear, tlb) ^ SoftTlb.tag(linear + 3, m.dataContext), host(linear, tlb), linear, 4, c, at, STORED, 0, 0);
  }

  static long open64(long linear, Cpu c, int at) {
    LinearMemory m = c.memory;
    long[] tlb = c.tlb;
    return opened(writeTag(linear, tlb) ^ SoftTlb.tag(linear + 7, m.dataContext), host(linear, tlb), linear, 8, c, at, STORED, 0, 0);
  }

  static long opened(long difference, long host, long linear, int size, Cpu c, int at, long rest, long a, long b) {
    return difference != 0 ? openSlow(linear, size, c, at, rest, a, b) : host;
  }

  static long openSlow(long linear, int size, Cpu c, int at, long rest, long a, long b) {
    tell(c, at, rest, a, b);
    refuseCodeSlow(linear, size, c.memory);
    return -1;
  }

  private static void refuseCodeSlow(long linear, int size, LinearMemory m) {
    m.checkWrite(linear, size);
    if (m.changesCode(linear, size)) {
      throw LeaveRegion.INSTANCE;
    }
  }

  static long fetch8(long host, long linear, LinearMemory m) {
    return host < 0 ? m.load8(linear) : Ram.getAt8(host);
  }

  static long fetch16(long host, long linear, LinearMemory m) {
    return host < 0 ? m.load16(linear) : Ram.getAt16(host);
  }

  static long fetch32(long host, long linear, LinearMemory m) {
    return (host < 0 ? m.load32(linear) : Ram.getAt32(host)) & LOW32;
  }

  /** The old value, zero-extended. */
  static long fetch64(long host, long linear, LinearMemory m) {
    return host < 0 ? m.load64(linear) : Ram.getAt64(host);
  }

  static void put8(long host, long linear, long value, LinearMemory m) {
    if (host < 0) {
      m.store8(linear, (int) value);
    } else {
      Ram.putAt8(host, (int) value);
    }
  }

  static void put16(long host, long linear, long value, LinearMemory m) {
    if (host < 0) {
      m.store16(linear, (int) value);
    } else {
      Ram.putAt16(host, (int) value);
    }
  }

  static void put32(long host, long linear, long value, LinearMemory m) {
    if (host < 0) {
      m.store32(linear, (int) value);
    } else {
      Ram.putAt32(host, (int) value);
    }
  }

  /** The new value. */
  static void put64(long host, long linear, long value, LinearMemory m) {
    if (host < 0) {
      m.store64(linear, value);
    } else {
      Ram.putAt64(host, value);
    }
  }

  // ---- 16 bytes -----------------------------------------------------------------------------------------------------------------

  /** Host address of 16 bytes for loads, or -1: then {@link #half} loads them one by one. */
  static long wide(long linear, long context, long[] tlb) {
    return readTag(linear, tlb) != tag128(linear, context) ? -1 : host(linear, tlb);
  }

  private static long tag128(long linear, long context) {
    return linear + 15 & -4096 | context;
  }

  /** Eight bytes at {@code distance} from what {@link #wide} looked up. */
  static long half(long host, long linear, int distance, LinearMemory m) {
    return host < 0 ? m.load64(linear + distance) : Ram.getAt64(host + distance);
  }

  /** Stores 16 bytes, all or nothing. */
  static void store128(long linear, long low, long high, long context, long[] tlb, LinearMemory m) {
    if (writeTag(linear, tlb) != tag128(linear, context)) {
      store128Slow(linear, low, high, m);
    } else {
      long host = host(linear, tlb);
      Ram.putAt64(host, low);
      Ram.putAt64(host + 8, high);
    }
  }

  private static void store128Slow(long linear, long low, long high, LinearMemory m) {
    refuseCodeSlow(linear, 8, m);
    refuseCodeSlow(linear + 8, 8, m);
    m.store64(linear, low);
    m.store64(linear + 8, high);
  }

  /** Raises #GP(0) for an operand of 16 bytes that must be aligned and is not. @return the address */
  static long aligned(long linear, Cpu c) {
    if ((linear & 15) > 0) {
      misalignedSlow(linear, c);
    }
    return linear;
  }

  private static void misalignedSlow(long linear, Cpu c) {
    if ((c.mxcsr & MISALIGNED_ALLOWED) == 0) {
      if (!c.canonical(linear) || !c.canonical(linear + 15)) {
        // Another fault where it is the stack's.
        c.memory.nonCanonical = true;
      }
      throw c.gp();
    }
  }

  /** Raises #GP(0) for a branch out of the canonical range, before it is taken (SDM 2A Jcc, CALL). */
  static void requireCanonical(Cpu c, long target, int at) {
    requireCanonicalSlow(c, target, at, STORED, 0, 0);
  }

  static void requireCanonicalSlow(Cpu c, long target, int at, long rest, long a, long b) {
    if (!c.canonical(target)) {
      tell(c, at, rest, a, b);
      throw c.gp();
    }
  }
}
