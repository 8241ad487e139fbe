package annulus.cpu.testing;

import annulus.engine.VcpuBus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A bus that remembers what was asked of it, in order, as {@code in 60 1}, {@code out 60 1 ff}, {@code read ...}, {@code write ...}. */
public final class RecordingBus implements VcpuBus {
  public final List<String> log = new ArrayList<>();
  /** What reads of a port answer; all ones elsewhere. */
  public final Map<Integer, Integer> ports = new HashMap<>();
  /** I/O memory by byte; all ones where nothing was written. */
  public final Map<Long, Integer> mmio = new HashMap<>();
  /** What {@link #acknowledgeInterrupt} answers. */
  public int interrupt = -1;
  /** Values of readable APIC MSRs. */
  public final Map<Integer, Long> apicMsrs = new HashMap<>();
  private int priority;

  @Override public int readPort(int port, int size) {
    log.add("in %x %d".formatted(port, size));
    return ports.getOrDefault(port, -1) & (size == 4 ? -1 : (1 << 8 * size) - 1);
  }

  @Override public void writePort(int port, int size, int value) {
    log.add("out %x %d %x".formatted(port, size, value));
  }

  @Override public long readMmio(long gpa, int size) {
    log.add("read %x %d".formatted(gpa, size));
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) mmio.getOrDefault(gpa + i, 0xFF) << 8 * i;
    }
    return value;
  }

  @Override public void writeMmio(long gpa, int size, long value) {
    log.add("write %x %d %x".formatted(gpa, size, size == 8 ? value : value & (1L << 8 * size) - 1));
    for (int i = 0; i < size; i++) {
      mmio.put(gpa + i, (int) (value >>> 8 * i) & 0xFF);
    }
  }

  @Override public int acknowledgeInterrupt() {
    return interrupt;
  }

  @Override public int taskPriority() {
    return priority;
  }

  @Override public void setTaskPriority(int priority) {
    this.priority = priority;
  }

  @Override public boolean apicMsrReadable(int msr) {
    return apicMsrs.containsKey(msr);
  }

  @Override public long readApicMsr(int msr) {
    return apicMsrs.getOrDefault(msr, 0L);
  }

  @Override public boolean writeApicMsr(int msr, long value) {
    return apicMsrs.replace(msr, value) != null;
  }

  @Override public boolean apicEnabled() {
    return true;
  }
}
