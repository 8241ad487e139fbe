package annulus.cpu;

import annulus.arch.Cr0;
import annulus.arch.Rflags;
import annulus.arch.Vector;
import annulus.engine.VcpuContext;
import annulus.memory.GuestMemory;
import annulus.memory.Ram;
import annulus.memory.translation.Access;
import annulus.memory.translation.SoftTlb;
import annulus.memory.translation.Translation;
import annulus.memory.translation.Walk;

/**
 * Accesses of one processor to linear memory: an inline probe of the {@link SoftTlb}, and a slow path for misses, I/O, code
 * pages, page crossings, alignment checks and data breakpoints. Values are little-endian; narrow loads are zero-extended.
 *
 * <p>An access that must be looked at each time (alignment checking on, a data breakpoint armed) runs in a context that is never
 * filled in, so it always misses: the fast path pays nothing for them.
 */
public final class LinearMemory {
  /** Context of accesses that must take the slow path; translations hand out contexts below it. */
  public static final int NEVER_CACHED = 0xFFE;

  public final SoftTlb tlb;
  private final long[] entries;
  /** TLB context of explicit accesses at the current privilege. */
  public int dataContext;
  /** TLB context of accesses the processor makes by itself to descriptor tables and task state. */
  public int systemContext;
  /** TLB context of instruction fetches. */
  public int fetchContext;

  /** The last #GP came from here: through the stack segment it is an #SS (SDM 1 6.2.1). Cleared by whoever looks. */
  public boolean nonCanonical;
  /** Second result of {@link #load128}. */
  public long high;

  private final Cpu cpu;
  private final Translation translation;
  private final GuestMemory memory;
  private final VcpuContext context;
  private final Walk walk = new Walk();
  private int dataAccess;
  /**
   * TLB context whose entries serve explicit accesses too: with EFLAGS.AC and SMAP that of implicit ones, which have no more rights. Else
   * {@link #dataContext}. Linux sets AC around each copy from and to a user's page, and what it uses of its own meanwhile would be filled
   * in anew before and after.
   */
  private int lesserContext;

  LinearMemory(Cpu cpu, VcpuContext context, SoftTlb tlb) {
    this.tlb = tlb;
    entries = tlb.entries;
    this.cpu = cpu;
    this.context = context;
    translation = context.translation();
    memory = context.memory();
  }

  /** Derives the contexts after a change of privilege, mode, address space, EFLAGS.AC or debug registers. */
  public void contextsChanged() {
    dataAccess = cpu.cpl == 3 ? Access.USER : 0;
    boolean everyAccess = (cpu.dr[7] & 0xFF) != 0
        || cpu.cpl == 3 && (cpu.paging.cr0 & Cr0.AM) != 0 && (cpu.systemFlags & Rflags.AC) != 0;
    fetchContext = translation.context(cpu.paging, dataAccess | Access.EXECUTE, tlb);
    dataContext = everyAccess ? NEVER_CACHED : translation.context(cpu.paging, dataAccess, tlb);
    systemContext = translation.context(cpu.paging, Access.IMPLICIT, tlb);
    lesserContext = cpu.cpl < 3 && !everyAccess ? systemContext : dataContext;
  }

  // The tag is formed from the last byte's address, so that an access across pages fails the same comparison.

  // ---- explicit accesses -------------------------------------------------------------------------------------------------

  public int load8(long linear) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.READ] == SoftTlb.tag(linear, dataContext)) {
      return Ram.getAt8(linear + entries[i + SoftTlb.ADDEND]);
    }
    return (int) loadSlow(linear, 1, dataAccess);
  }

  public int load16(long linear) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.READ] == SoftTlb.tag(linear + 1, dataContext)) {
      return Ram.getAt16(linear + entries[i + SoftTlb.ADDEND]);
    }
    return (int) loadSlow(linear, 2, dataAccess);
  }

  /** Sign as it comes: mask to zero-extend. */
  public int load32(long linear) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.READ] == SoftTlb.tag(linear + 3, dataContext)) {
      return Ram.getAt32(linear + entries[i + SoftTlb.ADDEND]);
    }
    return (int) loadSlow(linear, 4, dataAccess);
  }

  public long load64(long linear) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.READ] == SoftTlb.tag(linear + 7, dataContext)) {
      return Ram.getAt64(linear + entries[i + SoftTlb.ADDEND]);
    }
    return loadSlow(linear, 8, dataAccess);
  }

  public void store8(long linear, int value) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.WRITE] == SoftTlb.tag(linear, dataContext)) {
      Ram.putAt8(linear + entries[i + SoftTlb.ADDEND], value);
    } else {
      storeSlow(linear, 1, value, dataAccess);
    }
  }

  public void store16(long linear, int value) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.WRITE] == SoftTlb.tag(linear + 1, dataContext)) {
      Ram.putAt16(linear + entries[i + SoftTlb.ADDEND], value);
    } else {
      storeSlow(linear, 2, value, dataAccess);
    }
  }

  public void store32(long linear, int value) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.WRITE] == SoftTlb.tag(linear + 3, dataContext)) {
      Ram.putAt32(linear + entries[i + SoftTlb.ADDEND], value);
    } else {
      storeSlow(linear, 4, value, dataAccess);
    }
  }

  public void store64(long linear, long value) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.WRITE] == SoftTlb.tag(linear + 7, dataContext)) {
      Ram.putAt64(linear + entries[i + SoftTlb.ADDEND], value);
    } else {
      storeSlow(linear, 8, value, dataAccess);
    }
  }

  /** The low half of 16 bytes; the high half is in {@link #high}. Fewer than 16 canonical bytes are a fault before any other. */
  public long load128(long linear) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.READ] == SoftTlb.tag(linear + 15, dataContext)) {
      long address = linear + entries[i + SoftTlb.ADDEND];
      high = Ram.getAt64(address + 8);
      return Ram.getAt64(address);
    }
    requireCanonical(linear, 16);
    long low = load64(linear);
    high = load64(linear + 8);
    return low;
  }

  /** Stores 16 bytes, all or nothing. */
  public void store128(long linear, long low, long high) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.WRITE] == SoftTlb.tag(linear + 15, dataContext)) {
      long address = linear + entries[i + SoftTlb.ADDEND];
      Ram.putAt64(address, low);
      Ram.putAt64(address + 8, high);
      return;
    }
    requireCanonical(linear, 16);
    if ((linear & 0xFFF) > 0xFF0) {
      checkWrite(linear, 8);
      checkWrite(linear + 8, 8);
    }
    store64(linear, low);
    store64(linear + 8, high);
  }

  /** Loads 1, 2, 4 or 8 bytes, zero-extended. */
  public long load(long linear, int size) {
    return switch (size) {
      case 1 -> load8(linear);
      case 2 -> load16(linear);
      case 4 -> load32(linear) & 0xFFFF_FFFFL;
      default -> load64(linear);
    };
  }

  /** Stores the low 1, 2, 4 or 8 bytes. */
  public void store(long linear, int size, long value) {
    switch (size) {
      case 1 -> store8(linear, (int) value);
      case 2 -> store16(linear, (int) value);
      case 4 -> store32(linear, (int) value);
      default -> store64(linear, value);
    }
  }

  /**
   * Raises the fault a store to these bytes would raise, now: instructions that read, modify and write, or that store more than
   * one value, check first and cannot fault half-way.
   */
  public void checkWrite(long linear, int size) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.WRITE] != SoftTlb.tag(linear, dataContext) || (linear & 0xFFF) > 0x1000 - size) {
      checkSlow(linear, size, dataAccess | Access.WRITE);
    }
  }

  /** Raises the fault a load of these bytes would raise. */
  public void checkRead(long linear, int size) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.READ] != SoftTlb.tag(linear, dataContext) || (linear & 0xFFF) > 0x1000 - size) {
      checkSlow(linear, size, dataAccess | Access.READ);
    }
  }

  /** Whether a store to these bytes, which {@link #checkWrite} has let pass, would change decoded code. */
  public boolean changesCode(long linear, int size) {
    int room = 0x1000 - (int) (linear & 0xFFF);
    if (cachedForWrite(linear, dataAccess) >= 0 && (size <= room || cachedForWrite(linear + room, dataAccess) >= 0)) {
      return false;
    }
    translate(linear, dataAccess | Access.WRITE);
    boolean code = memory.isCode(walk.gpa >>> 12);
    if (size > room) {
      translate(linear + room, dataAccess | Access.WRITE);
      code |= memory.isCode(walk.gpa >>> 12);
    }
    return code;
  }

  /**
   * Stores, unless that would change decoded code: then nothing is done.
   *
   * @return whether it was stored
   */
  public boolean storeUnlessCode(long linear, int size, long value) {
    if ((linear & 0xFFF) > 0x1000 - size) {
      checkWrite(linear, size);
      if (changesCode(linear, size)) {
        return false;
      }
      store(linear, size, value);
      return true;
    }
    examine(linear, size, dataAccess | Access.WRITE);
    translate(linear, dataAccess | Access.WRITE);
    if (memory.isCode(walk.gpa >>> 12)) {
      return false;
    }
    storeTranslated(linear, size, value, dataAccess);
    return true;
  }

  /**
   * Locked read-modify-write: stores {@code value} if the memory still holds {@code expected}. Atomic among processors also when
   * not aligned.
   *
   * @return whether it was stored
   */
  public boolean compareAndSet(long linear, int size, long expected, long value) {
    checkWrite(linear, size);
    return LockedAccess.compareAndSet(this, linear, size, expected, value);
  }

  /** The 16-byte form of {@link #compareAndSet}, on an aligned operand. */
  public boolean compareAndSet16(long linear, long expectedLow, long expectedHigh, long low, long high) {
    checkWrite(linear, 16);
    return LockedAccess.compareAndSet16(this, linear, expectedLow, expectedHigh, low, high);
  }

  /**
   * Host offset of {@code linear} for loads up to the end of its page, or -1 where each access must be made by itself: I/O memory,
   * alignment checks, data breakpoints. Raises the fault of a load of one byte.
   */
  public long runForRead(long linear) {
    long known = cachedForRead(linear, dataAccess);
    if (known >= 0 || dataContext == NEVER_CACHED) {
      return known;
    }
    translate(linear, dataAccess | Access.READ);
    long host = memory.hostOffset(walk.gpa);
    if (host >= 0) {
      fill(linear, dataAccess, host);
    }
    return host;
  }

  /** The same for stores; -1 for ROM too. A code page is no longer one afterwards. Raises the fault of a store of one byte. */
  public long runForWrite(long linear) {
    long known = cachedForWrite(linear, dataAccess);
    if (known >= 0 || dataContext == NEVER_CACHED) {
      return known;
    }
    long host = hostForWrite(linear);
    if (host >= 0) {
      fill(linear, dataAccess, host);
    }
    return host;
  }

  // ---- accesses the processor makes by itself ---------------------------------------------------------------------------------

  /** Loads from a descriptor table or task state: a supervisor access whatever the privilege. */
  public long systemLoad(long linear, int size) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.READ] == SoftTlb.tag(linear, systemContext) && (linear & 0xFFF) <= 0x1000 - size) {
      return read(tlb.hostOffset(i, linear), size);
    }
    return loadSlow(linear, size, Access.IMPLICIT);
  }

  public void systemStore(long linear, int size, long value) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.WRITE] == SoftTlb.tag(linear, systemContext) && (linear & 0xFFF) <= 0x1000 - size) {
      write(tlb.hostOffset(i, linear), size, value);
    } else {
      storeSlow(linear, size, value, Access.IMPLICIT);
    }
  }

  public void systemCheckWrite(long linear, int size) {
    checkSlow(linear, size, Access.IMPLICIT | Access.WRITE);
  }

  /** Clears, then sets bits of one byte of a descriptor, atomically among processors (SDM 3A 8.1.2.1: accessed and busy flags). */
  public void systemUpdate(long linear, int clear, int set) {
    systemCheckWrite(linear, 1);
    long host = hostForWrite(linear, Access.IMPLICIT);
    if (host >= 0) {
      LockedAccess.update(host, clear, set);
    } else {
      systemStore(linear, 1, systemLoad(linear, 1) & ~(long) clear | set);
    }
  }

  // ---- instruction fetch ----------------------------------------------------------------------------------------------------

  /**
   * Host offset of code at {@code linear}, valid to the end of its page, or -1 where code lies outside memory (fetch it byte by
   * byte with {@link #fetchByte}).
   */
  public long fetch(long linear) {
    int i = SoftTlb.index(linear);
    if (entries[i + SoftTlb.EXECUTE] == SoftTlb.tag(linear, fetchContext)) {
      return tlb.hostOffset(i, linear);
    }
    translate(linear, dataAccess | Access.EXECUTE);
    long host = memory.hostOffset(walk.gpa);
    if (host >= 0) {
      tlb.fill(linear, fetchContext, host & ~0xFFFL, Access.EXECUTE, walk.pageShift, walk.global);
    }
    return host;
  }

  /** As {@link #fetch}, but -1 in place of a fault. */
  public long fetchable(long linear) {
    if (!cpu.canonical(linear) || cpu.codeBits != 64 && linear >>> 32 != 0) {
      return -1;
    }
    return translation.translate(cpu.paging, linear, dataAccess | Access.EXECUTE, walk) == Translation.OK ? fetch(linear) : -1;
  }

  /** Guest-physical address of code at {@code linear}: after {@link #fetch} of the same address. */
  public long fetchPhysical(long linear) {
    translate(linear, dataAccess | Access.EXECUTE);
    return walk.gpa;
  }

  /** Fetches one byte of code from memory or I/O space. */
  public int fetchByte(long linear) {
    long host = fetch(linear);
    return host >= 0 ? Ram.get8(host) : (int) context.bus().readMmio(walk.gpa, 1) & 0xFF;
  }

  // ---- slow paths -------------------------------------------------------------------------------------------------------------

  private long loadSlow(long linear, int size, int access) {
    int room = 0x1000 - (int) (linear & 0xFFF);
    examine(linear, size, access | Access.READ);
    if (size > room) {
      long first = cachedForRead(linear, access);
      long second = cachedForRead(linear + room, access);
      if (first >= 0 && second >= 0) {
        return read(first, room, second, size);
      }
      translate(linear, access | Access.READ);
      translate(linear + room, access | Access.READ);
      long value = 0;
      for (int i = 0; i < size; i++) {
        value |= loadSlow(linear + i, 1, access) << 8 * i;
      }
      return value;
    }
    long known = cachedForRead(linear, access);
    if (known >= 0) {
      return read(known, size);
    }
    translate(linear, access | Access.READ);
    long host = memory.hostOffset(walk.gpa);
    if (host < 0) {
      return context.bus().readMmio(walk.gpa, size);
    }
    fill(linear, access, host);
    return read(host, size);
  }

  private void storeSlow(long linear, int size, long value, int access) {
    int room = 0x1000 - (int) (linear & 0xFFF);
    examine(linear, size, access | Access.WRITE);
    if (size > room) {
      long first = cachedForWrite(linear, access);
      long second = cachedForWrite(linear + room, access);
      if (first >= 0 && second >= 0) {
        for (int i = 0; i < size; i++) {
          Ram.put8(i < room ? first + i : second + i - room, (int) (value >>> 8 * i));
        }
        return;
      }
      translate(linear, access | Access.WRITE);
      translate(linear + room, access | Access.WRITE);
      for (int i = 0; i < size; i++) {
        storeSlow(linear + i, 1, value >>> 8 * i, access);
      }
      return;
    }
    long known = cachedForWrite(linear, access);
    if (known >= 0) {
      write(known, size, value);
      return;
    }
    translate(linear, access | Access.WRITE);
    storeTranslated(linear, size, value, access);
  }

  /** Stores within the page that the last walk has found. */
  private void storeTranslated(long linear, int size, long value, int access) {
    long host = memory.hostOffset(walk.gpa);
    if (host < 0) {
      context.bus().writeMmio(walk.gpa, size, value);
      return;
    }
    if (!memory.writable(walk.gpa)) {
      return;
    }
    if (!memory.directlyWritable(walk.gpa)) {
      memory.beforeWrite(walk.gpa);
    }
    fill(linear, access, host);
    write(host, size, value);
  }

  /** Host offset of {@code linear} where the TLB allows loads, or -1: an access across pages looks at both before it walks. */
  private long cachedForRead(long linear, int access) {
    return cached(linear, access, SoftTlb.READ);
  }

  private long cachedForWrite(long linear, int access) {
    return cached(linear, access, SoftTlb.WRITE);
  }

  private long cached(long linear, int access, int kind) {
    int i = SoftTlb.index(linear);
    boolean implicit = (access & Access.IMPLICIT) != 0;
    long tag = entries[i + kind];
    boolean hit = tag == SoftTlb.tag(linear, implicit ? systemContext : dataContext)
        || !implicit && tag == SoftTlb.tag(linear, lesserContext);
    return hit ? tlb.hostOffset(i, linear) : -1;
  }

  /** {@code size} bytes of which {@code room} lie at the one host offset and the rest at the other. */
  private static long read(long first, int room, long second, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) Ram.get8(i < room ? first + i : second + i - room) << 8 * i;
    }
    return value;
  }

  private void checkSlow(long linear, int size, int access) {
    examine(linear, size, access);
    int room = 0x1000 - (int) (linear & 0xFFF);
    if (size > room && ((access & Access.WRITE) != 0 ? cachedForWrite(linear, access) >= 0 && cachedForWrite(linear + room, access) >= 0
        : cachedForRead(linear, access) >= 0 && cachedForRead(linear + room, access) >= 0)) {
      return;
    }
    translate(linear, access);
    if (size > room) {
      translate(linear + room, access);
    }
  }

  private void translate(long linear, int access) {
    if (translation.translate(cpu.paging, linear, access, walk) != Translation.OK) {
      cpu.cr2 = linear;
      throw cpu.fault(Vector.PF, walk.errorCode);
    }
  }

  /** Caches what the last walk found. A store's page is only cached for writing while nothing watches its writes. */
  private void fill(long linear, int access, long host) {
    int context = (access & Access.IMPLICIT) != 0 ? systemContext : dataContext;
    if (context != NEVER_CACHED) {
      int rights = walk.rights & (Access.READ | Access.WRITE);
      if ((rights & Access.WRITE) != 0 && !memory.directlyWritable(walk.gpa)) {
        rights &= ~Access.WRITE;
      }
      tlb.fill(linear, context, host & ~0xFFFL, rights, walk.pageShift, walk.global);
    }
  }

  /**
   * The checks that no cached entry passes: canonical form, which engines that address flat segments leave to this place, and in
   * the context that is never cached alignment and data breakpoints.
   */
  private void examine(long linear, int size, int access) {
    requireCanonical(linear, size);
    if (dataContext != NEVER_CACHED || (access & Access.IMPLICIT) != 0) {
      return;
    }
    if (cpu.cpl == 3 && (cpu.paging.cr0 & Cr0.AM) != 0 && (cpu.systemFlags & Rflags.AC) != 0 && (linear & size - 1) != 0) {
      throw cpu.fault(Vector.AC, 0);
    }
    DataBreakpoints.check(cpu, linear, size, (access & Access.WRITE) != 0);
  }

  private void requireCanonical(long linear, int size) {
    if (!cpu.canonical(linear) || !cpu.canonical(linear + size - 1)) {
      nonCanonical = true;
      throw cpu.gp();
    }
  }

  /** Loads 1, 2, 4 or 8 bytes at a host offset, zero-extended. */
  public static long read(long host, int size) {
    return switch (size) {
      case 1 -> Ram.get8(host);
      case 2 -> Ram.get16(host);
      case 4 -> Ram.get32(host) & 0xFFFF_FFFFL;
      default -> Ram.get64(host);
    };
  }

  /** Stores the low 1, 2, 4 or 8 bytes at a host offset. */
  public static void write(long host, int size, long value) {
    switch (size) {
      case 1 -> Ram.put8(host, (int) value);
      case 2 -> Ram.put16(host, (int) value);
      case 4 -> Ram.put32(host, (int) value);
      default -> Ram.put64(host, value);
    }
  }

  /** Host offset for a write to {@code linear} that {@link #checkWrite} has passed, or -1 where it is not plain RAM. */
  long hostForWrite(long linear) {
    return hostForWrite(linear, dataAccess);
  }

  private long hostForWrite(long linear, int access) {
    long known = cachedForWrite(linear, access);
    if (known >= 0) {
      return known;
    }
    translate(linear, access | Access.WRITE);
    if (memory.hostOffset(walk.gpa) < 0 || !memory.writable(walk.gpa)) {
      return -1;
    }
    if (!memory.directlyWritable(walk.gpa)) {
      memory.beforeWrite(walk.gpa);
    }
    return memory.hostOffset(walk.gpa);
  }
}
