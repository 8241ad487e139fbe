package annulus.cpu.testing;

import annulus.memory.CodeObserver;
import annulus.memory.GuestMemory;
import annulus.memory.MappedGuestMemory;
import annulus.memory.MemoryFault;
import annulus.memory.Pool;
import annulus.memory.WriteObserver;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** RAM from address 0, contiguous in the pool; everything above it is I/O space. */
public final class FlatMemory implements GuestMemory {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  /** Slices at the end of the pool, used in turn: at most this many fixtures live at once. */
  private static final int SLICES = 8;
  private static final AtomicInteger NEXT = new AtomicInteger();

  private final long base;
  private final long size;
  private final BitSet code = new BitSet();
  private final List<CodeObserver> observers = new ArrayList<>();

  FlatMemory(long size) {
    this.size = size;
    base = Pool.MEMORY.byteSize() - size * (1 + NEXT.getAndIncrement() % SLICES);
    Pool.MEMORY.asSlice(base, size).fill((byte) 0);
  }

  @Override public MemorySegment pool() {
    return Pool.MEMORY;
  }

  @Override public List<Range> ranges() {
    return List.of(new Range(0, size, false));
  }

  @Override public long ramSize() {
    return size;
  }

  @Override public long hostOffset(long gpa) {
    return writable(gpa) ? base + gpa : -1;
  }

  @Override public boolean directlyWritable(long gpa) {
    return writable(gpa) && !isCode(gpa >>> 12);
  }

  @Override public boolean writable(long gpa) {
    return Long.compareUnsigned(gpa, size) < 0;
  }

  @Override public void beforeWrite(long gpa) {
    int gfn = (int) (gpa >>> 12);
    if (code.get(gfn)) {
      code.clear(gfn);
      observers.forEach(o -> o.codeWritten(gfn));
    }
  }

  @Override public boolean markCode(long gfn) {
    boolean before = isCode(gfn);
    code.set((int) gfn);
    return !before;
  }

  @Override public boolean isCode(long gfn) {
    return code.get((int) gfn);
  }

  @Override public void addCodeObserver(CodeObserver observer) {
    observers.add(observer);
  }

  @Override public void removeCodeObserver(CodeObserver observer) {
    observers.remove(observer);
  }

  @Override public void addWriteObserver(WriteObserver observer) {
    throw new UnsupportedOperationException("this fixture has no write observers");
  }

  @Override public void removeWriteObserver(WriteObserver observer) {}

  @Override public MappedGuestMemory openTwin() {
    throw new UnsupportedOperationException("this fixture has no twin");
  }

  @Override public void setDirtyLog(boolean on) {
    if (on) {
      throw new UnsupportedOperationException("this fixture keeps no dirty log");
    }
  }

  @Override public long[] takeDirtyLog() {
    return new long[0];
  }

  @Override public long read(long gpa, int bytes) {
    long at = at(gpa, bytes);
    return switch (bytes) {
      case 1 -> Pool.MEMORY.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
      case 2 -> Pool.MEMORY.get(SHORT, at) & 0xFFFF;
      case 4 -> Pool.MEMORY.get(INT, at) & 0xFFFF_FFFFL;
      default -> Pool.MEMORY.get(LONG, at);
    };
  }

  @Override public void write(long gpa, int bytes, long value) {
    long at = at(gpa, bytes);
    for (long page = gpa >>> 12; page <= gpa + bytes - 1 >>> 12; page++) {
      beforeWrite(page << 12);
    }
    switch (bytes) {
      case 1 -> Pool.MEMORY.set(ValueLayout.JAVA_BYTE, at, (byte) value);
      case 2 -> Pool.MEMORY.set(SHORT, at, (short) value);
      case 4 -> Pool.MEMORY.set(INT, at, (int) value);
      default -> Pool.MEMORY.set(LONG, at, value);
    }
  }

  @Override public void read(long gpa, byte[] into, int offset, int length) {
    MemorySegment.copy(Pool.MEMORY, ValueLayout.JAVA_BYTE, at(gpa, length), into, offset, length);
  }

  @Override public void write(long gpa, byte[] from, int offset, int length) {
    MemorySegment.copy(from, offset, Pool.MEMORY, ValueLayout.JAVA_BYTE, at(gpa, length), length);
  }

  @Override public void clear(long gpa, long length) {
    Pool.MEMORY.asSlice(at(gpa, length), length).fill((byte) 0);
  }

  @Override public boolean compareAndSet(long gpa, int bytes, long expected, long value) {
    if (read(gpa, bytes) != expected) {
      return false;
    }
    write(gpa, bytes, value);
    return true;
  }

  private long at(long gpa, long length) {
    if (gpa < 0 || gpa + length > size) {
      throw new MemoryFault(gpa);
    }
    return base + gpa;
  }
}
