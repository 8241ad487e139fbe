package annulus.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Guest-physical memory as a table of frames. Per guest frame there are two ints: the host frame behind it, and what the monitor
 * has to know of it:
 *
 * <pre>
 * bit 0  MAPPED     RAM or ROM
 *     1  READ_ONLY  ROM: stores are dropped
 *     2  CODE       code was decoded from it; the next store tells the observers
 *     3  CLEAN      the dirty log is on and has not seen a store to it yet
 *     4  DIRTY      written since the log was last taken
 * </pre>
 *
 * A page is directly writable while the low four bits read MAPPED alone. Both tables grow when ranges are added and are read
 * without a lock.
 *
 * <p>A store by the methods here notifies before and, should the page have been marked as code meanwhile, after it: whoever
 * decodes marks the page first, so either the decoder sees the new bytes or it hears of them. After {@link #setDirtyLog} and
 * {@link #takeDirtyLog} engines may hold direct write access in their TLBs; the monitor calls them with all processors held and
 * flushes the engines.
 */
public final class MappedGuestMemory implements GuestMemory, AutoCloseable {
  private static final int PAGE = MachineMemory.FRAME_SIZE;
  private static final int MAPPED = 1;
  private static final int READ_ONLY = 1 << 1;
  private static final int CODE = 1 << 2;
  private static final int CLEAN = 1 << 3;
  private static final int DIRTY = 1 << 4;
  private static final int NOT_DIRECT = MAPPED | READ_ONLY | CODE | CLEAN;
  /** End of guest-physical memory: 4 TiB, whose frame numbers index the tables. */
  private static final long LIMIT = 1L << 42;

  private static final VarHandle STATE = MethodHandles.arrayElementVarHandle(int[].class);
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle ATOMIC_INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle ATOMIC_LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  /** Both tables, replaced together; equally long. */
  private record Tables(int[] frame, int[] state) {}

  private final MachineMemory machine;
  private final MemorySegment pool;
  private final List<int[]> owned = new ArrayList<>();
  private final List<CodeObserver> observers = new CopyOnWriteArrayList<>();
  private final List<WriteObserver> writeObservers = new CopyOnWriteArrayList<>();
  private volatile Tables tables = new Tables(new int[0], new int[0]);
  private volatile List<Range> ranges = List.of();
  private boolean dirtyLog;

  public MappedGuestMemory(MachineMemory machine) {
    this.machine = machine;
    pool = machine.segment();
  }

  /** Adds zero-filled RAM. @throws OutOfFramesException nothing has changed then */
  public void addRam(long gpa, long size) throws OutOfFramesException {
    add(new Range(gpa, size, false));
  }

  /** Adds ROM with these contents, padded with zeros to whole pages. @throws OutOfFramesException nothing has changed then */
  public void addRom(long gpa, byte[] contents) throws OutOfFramesException {
    add(new Range(gpa, contents.length + PAGE - 1L & -PAGE, true));
    copyIn(gpa, contents, 0, contents.length);
  }

  /** Gives all frames back; there is no memory afterwards. */
  @Override public synchronized void close() {
    tables = new Tables(new int[0], new int[0]);
    ranges = List.of();
    observers.clear();
    writeObservers.clear();
    for (int[] frames : owned) {
      machine.free(frames);
    }
    owned.clear();
  }

  private synchronized void add(Range range) throws OutOfFramesException {
    if ((range.gpa() | range.size()) % PAGE != 0 || range.size() <= 0 || range.gpa() < 0 || range.end() > LIMIT) {
      throw new IllegalArgumentException(
          "memory at 0x%x of 0x%x bytes; both must be multiples of 4 KiB and end below 0x%x".formatted(range.gpa(), range.size(), LIMIT));
    }
    for (Range r : ranges) {
      if (range.gpa() < r.end() && r.gpa() < range.end()) {
        throw new IllegalArgumentException(
            "memory at 0x%x to 0x%x overlaps that at 0x%x to 0x%x".formatted(range.gpa(), range.end(), r.gpa(), r.end()));
      }
    }
    int[] frames = machine.allocate((int) (range.size() / PAGE));
    owned.add(frames);
    Tables old = tables;
    int first = (int) (range.gpa() / PAGE);
    int length = Math.max(old.frame.length, first + frames.length);
    int[] frame = Arrays.copyOf(old.frame, length);
    int[] state = Arrays.copyOf(old.state, length);
    System.arraycopy(frames, 0, frame, first, frames.length);
    int initial = range.readOnly() ? MAPPED | READ_ONLY : dirtyLog ? MAPPED | CLEAN : MAPPED;
    Arrays.fill(state, first, first + frames.length, initial);
    tables = new Tables(frame, state);
    List<Range> all = new ArrayList<>(ranges);
    all.add(range);
    all.sort(Comparator.comparingLong(Range::gpa));
    ranges = List.copyOf(all);
  }

  @Override public MemorySegment pool() {
    return pool;
  }

  @Override public List<Range> ranges() {
    return ranges;
  }

  @Override public long ramSize() {
    return ranges.stream().filter(r -> !r.readOnly()).mapToLong(Range::size).sum();
  }

  @Override public long hostOffset(long gpa) {
    Tables t = tables;
    long gfn = gpa >>> 12;
    if (gfn >= t.frame.length || t.state[(int) gfn] == 0) {
      return -1;
    }
    return ((long) t.frame[(int) gfn] << 12) + (gpa & 0xFFF);
  }

  private static int state(Tables t, long gfn) {
    return gfn >= 0 && gfn < t.state.length ? (int) STATE.getVolatile(t.state, (int) gfn) : 0;
  }

  @Override public boolean directlyWritable(long gpa) {
    return (state(tables, gpa >>> 12) & NOT_DIRECT) == MAPPED;
  }

  @Override public boolean writable(long gpa) {
    return (state(tables, gpa >>> 12) & (MAPPED | READ_ONLY)) == MAPPED;
  }

  @Override public void beforeWrite(long gpa) {
    Tables t = tables;
    long gfn = gpa >>> 12;
    if ((state(t, gfn) & (MAPPED | READ_ONLY)) != MAPPED) {
      return;
    }
    int before = (int) STATE.getAndBitwiseAnd(t.state, (int) gfn, ~(CODE | CLEAN));
    if ((before & CLEAN) != 0) {
      STATE.getAndBitwiseOr(t.state, (int) gfn, DIRTY);
    }
    if ((before & CODE) != 0) {
      for (CodeObserver o : observers) {
        o.codeWritten(gfn);
      }
    }
  }

  @Override public boolean markCode(long gfn) {
    Tables t = tables;
    if ((state(t, gfn) & MAPPED) == 0) {
      return false;
    }
    return ((int) STATE.getAndBitwiseOr(t.state, (int) gfn, CODE) & CODE) == 0;
  }

  @Override public boolean isCode(long gfn) {
    return (state(tables, gfn) & CODE) != 0;
  }

  @Override public void addCodeObserver(CodeObserver observer) {
    observers.add(observer);
  }

  @Override public void removeCodeObserver(CodeObserver observer) {
    observers.remove(observer);
  }

  @Override public void addWriteObserver(WriteObserver observer) {
    writeObservers.add(observer);
  }

  @Override public void removeWriteObserver(WriteObserver observer) {
    writeObservers.remove(observer);
  }

  private void written(long gpa, long length) {
    for (WriteObserver o : writeObservers) {
      o.written(gpa, length);
    }
  }

  @Override public MappedGuestMemory openTwin() throws OutOfFramesException {
    MappedGuestMemory twin = new MappedGuestMemory(machine);
    try {
      for (Range r : ranges) {
        twin.add(r);
      }
    } catch (OutOfFramesException e) {
      twin.close();
      throw e;
    }
    return twin;
  }

  @Override public synchronized void setDirtyLog(boolean on) {
    dirtyLog = on;
    int[] state = tables.state;
    for (int i = 0; i < state.length; i++) {
      STATE.getAndBitwiseAnd(state, i, ~(CLEAN | DIRTY));
      if (on && (state[i] & (MAPPED | READ_ONLY)) == MAPPED) {
        STATE.getAndBitwiseOr(state, i, CLEAN);
      }
    }
  }

  @Override public synchronized long[] takeDirtyLog() {
    if (!dirtyLog) {
      return new long[0];
    }
    int[] state = tables.state;
    long[] log = new long[state.length + 63 >>> 6];
    for (int i = 0; i < state.length; i++) {
      if (((int) STATE.getVolatile(state, i) & DIRTY) != 0) {
        STATE.getAndBitwiseOr(state, i, CLEAN);
        STATE.getAndBitwiseAnd(state, i, ~DIRTY);
        log[i >>> 6] |= 1L << i;
      }
    }
    return log;
  }

  @Override public long read(long gpa, int size) {
    long host = host(gpa);
    if ((gpa & 0xFFF) + size > PAGE) {
      long value = 0;
      for (int i = 0; i < size; i++) {
        value |= (pool.get(ValueLayout.JAVA_BYTE, host(gpa + i)) & 0xFFL) << 8 * i;
      }
      return value;
    }
    return switch (size) {
      case 1 -> pool.get(ValueLayout.JAVA_BYTE, host) & 0xFF;
      case 2 -> pool.get(SHORT, host) & 0xFFFF;
      case 4 -> pool.get(INT, host) & 0xFFFF_FFFFL;
      default -> pool.get(LONG, host);
    };
  }

  @Override public void write(long gpa, int size, long value) {
    requireMemory(gpa, size);
    if ((gpa & 0xFFF) + size > PAGE) {
      for (int i = 0; i < size; i++) {
        write(gpa + i, 1, value >>> 8 * i);
      }
      return;
    }
    if (!writable(gpa)) {
      return;
    }
    announce(gpa);
    long host = host(gpa);
    switch (size) {
      case 1 -> pool.set(ValueLayout.JAVA_BYTE, host, (byte) value);
      case 2 -> pool.set(SHORT, host, (short) value);
      case 4 -> pool.set(INT, host, (int) value);
      default -> pool.set(LONG, host, value);
    }
    announceAgain(gpa);
    written(gpa, size);
  }

  @Override public void read(long gpa, byte[] into, int offset, int length) {
    requireMemory(gpa, length);
    for (int done = 0; done < length; ) {
      int part = (int) Math.min(length - done, PAGE - (gpa + done & 0xFFF));
      MemorySegment.copy(pool, ValueLayout.JAVA_BYTE, host(gpa + done), into, offset + done, part);
      done += part;
    }
  }

  @Override public void write(long gpa, byte[] from, int offset, int length) {
    requireMemory(gpa, length);
    for (int done = 0; done < length; ) {
      int part = (int) Math.min(length - done, PAGE - (gpa + done & 0xFFF));
      if (writable(gpa + done)) {
        announce(gpa + done);
        copyIn(gpa + done, from, offset + done, part);
        announceAgain(gpa + done);
      }
      done += part;
    }
    written(gpa, length);
  }

  @Override public void clear(long gpa, long length) {
    requireMemory(gpa, length);
    for (long done = 0; done < length; ) {
      long part = Math.min(length - done, PAGE - (gpa + done & 0xFFF));
      if (writable(gpa + done)) {
        announce(gpa + done);
        pool.asSlice(host(gpa + done), part).fill((byte) 0);
        announceAgain(gpa + done);
      }
      done += part;
    }
    written(gpa, length);
  }

  @Override public boolean compareAndSet(long gpa, int size, long expected, long value) {
    if (!writable(gpa)) {
      throw new MemoryFault(gpa);
    }
    announce(gpa);
    long host = host(gpa);
    boolean done = size == 4
        ? ATOMIC_INT.compareAndSet(pool, host, (int) expected, (int) value)
        : ATOMIC_LONG.compareAndSet(pool, host, expected, value);
    announceAgain(gpa);
    return done;
  }

  private void announce(long gpa) {
    if (!directlyWritable(gpa)) {
      beforeWrite(gpa);
    }
  }

  /** Code may have been decoded from the page between the announcement and the store. */
  private void announceAgain(long gpa) {
    VarHandle.fullFence();
    announce(gpa);
  }

  private void copyIn(long gpa, byte[] from, int offset, int length) {
    for (int done = 0; done < length; ) {
      int part = (int) Math.min(length - done, PAGE - (gpa + done & 0xFFF));
      MemorySegment.copy(from, offset + done, pool, ValueLayout.JAVA_BYTE, host(gpa + done), part);
      done += part;
    }
  }

  private long host(long gpa) {
    long host = hostOffset(gpa);
    if (host < 0) {
      throw new MemoryFault(gpa);
    }
    return host;
  }

  private void requireMemory(long gpa, long length) {
    if (length < 0) {
      throw new IllegalArgumentException(length + " bytes of guest memory; the length must not be negative");
    }
    for (long page = gpa & -PAGE; page < gpa + length; page += PAGE) {
      if (hostOffset(page) < 0) {
        throw new MemoryFault(Math.max(page, gpa));
      }
    }
  }
}
