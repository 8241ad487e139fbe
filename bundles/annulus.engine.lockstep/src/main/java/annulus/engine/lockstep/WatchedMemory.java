package annulus.engine.lockstep;

import annulus.memory.CodeObserver;
import annulus.memory.GuestMemory;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import annulus.memory.WriteObserver;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Guest memory as one engine sees it: knows which pages were written since {@link #startStep}. A page counts as directly writable
 * only once it is among them, so the first store to each page of a step comes here; {@link WatchedTlbs#startStep} makes engines
 * ask anew. The dirty log of the memory behind stays free for others.
 */
final class WatchedMemory implements GuestMemory {
  static final int PAGE = 4096;

  private final GuestMemory memory;
  private final boolean keepBefore;
  private final BitSet written = new BitSet();
  /** What pages held at the start of the step, by frame number. */
  private final Map<Integer, byte[]> before = new HashMap<>();

  /** @param keepBefore whether contents before the first write of a step are kept */
  WatchedMemory(GuestMemory memory, boolean keepBefore) {
    this.memory = memory;
    this.keepBefore = keepBefore;
  }

  void startStep() {
    written.clear();
    before.clear();
  }

  /** Frames written since the start of the step. */
  BitSet written() {
    return written;
  }

  /** What frames held at the start of the step. */
  Map<Integer, byte[]> before() {
    return before;
  }

  private void note(long gpa) {
    int gfn = (int) (gpa >>> 12);
    if (!written.get(gfn)) {
      written.set(gfn);
      if (keepBefore) {
        before.put(gfn, page(gfn));
      }
    }
  }

  private void note(long gpa, long length) {
    for (long at = gpa & -PAGE; at < gpa + length; at += PAGE) {
      if (memory.writable(at)) {
        note(at);
      }
    }
  }

  /** The bytes of a frame. */
  byte[] page(int gfn) {
    byte[] bytes = new byte[PAGE];
    MemorySegment.copy(memory.pool(), ValueLayout.JAVA_BYTE, memory.hostOffset((long) gfn << 12), bytes, 0, PAGE);
    return bytes;
  }

  /** Sets the bytes of a frame, RAM or ROM, behind the engine's back: it learns of changed code. */
  void setPage(int gfn, byte[] bytes) {
    long gpa = (long) gfn << 12;
    memory.beforeWrite(gpa);
    MemorySegment.copy(bytes, 0, memory.pool(), ValueLayout.JAVA_BYTE, memory.hostOffset(gpa), PAGE);
  }

  @Override public boolean directlyWritable(long gpa) {
    return written.get((int) (gpa >>> 12)) && memory.directlyWritable(gpa);
  }

  @Override public void beforeWrite(long gpa) {
    note(gpa, 1);
    memory.beforeWrite(gpa);
  }

  @Override public void write(long gpa, int size, long value) {
    note(gpa, size);
    memory.write(gpa, size, value);
  }

  @Override public void write(long gpa, byte[] from, int offset, int length) {
    note(gpa, length);
    memory.write(gpa, from, offset, length);
  }

  @Override public void clear(long gpa, long length) {
    note(gpa, length);
    memory.clear(gpa, length);
  }

  @Override public boolean compareAndSet(long gpa, int size, long expected, long value) {
    note(gpa, size);
    return memory.compareAndSet(gpa, size, expected, value);
  }

  // ---- unchanged --------------------------------------------------------------------------------------------------------------

  @Override public MemorySegment pool() {
    return memory.pool();
  }

  @Override public List<Range> ranges() {
    return memory.ranges();
  }

  @Override public long ramSize() {
    return memory.ramSize();
  }

  @Override public long hostOffset(long gpa) {
    return memory.hostOffset(gpa);
  }

  @Override public boolean writable(long gpa) {
    return memory.writable(gpa);
  }

  @Override public boolean markCode(long gfn) {
    return memory.markCode(gfn);
  }

  @Override public boolean isCode(long gfn) {
    return memory.isCode(gfn);
  }

  @Override public void addCodeObserver(CodeObserver observer) {
    memory.addCodeObserver(observer);
  }

  @Override public void removeCodeObserver(CodeObserver observer) {
    memory.removeCodeObserver(observer);
  }

  @Override public void addWriteObserver(WriteObserver observer) {
    memory.addWriteObserver(observer);
  }

  @Override public void removeWriteObserver(WriteObserver observer) {
    memory.removeWriteObserver(observer);
  }

  @Override public MappedGuestMemory openTwin() throws OutOfFramesException {
    return memory.openTwin();
  }

  @Override public void setDirtyLog(boolean on) {
    memory.setDirtyLog(on);
  }

  @Override public long[] takeDirtyLog() {
    return memory.takeDirtyLog();
  }

  @Override public long read(long gpa, int size) {
    return memory.read(gpa, size);
  }

  @Override public void read(long gpa, byte[] into, int offset, int length) {
    memory.read(gpa, into, offset, length);
  }
}
