package annulus.core.board;

import annulus.device.DeviceException;
import annulus.device.Platform;
import annulus.device.VcpuSignals;
import annulus.memory.FramePool;
import annulus.memory.MappedGuestMemory;
import annulus.memory.OutOfFramesException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A board with 1 MiB of RAM, without processors; what it reports is written down. */
final class TestBoard implements MachineEvents, VcpuSignals, Platform, AutoCloseable {
  private static final FramePool POOL = new FramePool();

  final List<String> reports = Collections.synchronizedList(new ArrayList<>());
  final MappedGuestMemory memory = new MappedGuestMemory(POOL);
  final MachineClock clock = new MachineClock(1_000_000_000);
  final Board board;

  TestBoard() {
    try {
      memory.addRam(0, 1 << 20);
    } catch (OutOfFramesException e) {
      throw new IllegalStateException(e);
    }
    board = new Board("test", clock, memory, this, this, this);
  }

  /** Runs code as device code runs. */
  void locked(Runnable code) {
    board.lock().lock();
    try {
      code.run();
    } finally {
      board.lock().unlock();
    }
  }

  /** Something that claims regions. */
  interface Claim {
    void run() throws DeviceException;
  }

  DeviceSlot slot(String name) {
    return new DeviceSlot(name, board);
  }

  @Override public void close() {
    board.close();
    memory.close();
  }

  @Override public void deviceFailed(String device, Throwable cause) {
    reports.add("failed " + device + ": " + cause.getMessage());
  }

  @Override public void powerOff(String reason) {
    reports.add("power off");
  }

  @Override public void reset(String reason) {
    reports.add("reset");
  }

  @Override public void exit(int status, String reason) {
    reports.add("exit " + status);
  }

  @Override public void interrupt(int vcpu, boolean asserted) {
    reports.add("interrupt " + vcpu + " " + asserted);
  }

  @Override public void nmi(int vcpu) {
    reports.add("nmi " + vcpu);
  }

  @Override public void init(int vcpu) {
    reports.add("init " + vcpu);
  }

  @Override public void startup(int vcpu, int vector) {
    reports.add("startup " + vcpu + " " + vector);
  }

  @Override public int processors() {
    return 1;
  }

  @Override public List<long[]> ram() {
    return List.of(new long[] {0, 1 << 20});
  }

  @Override public long tscHz() {
    return 1_000_000_000;
  }

  @Override public Map<String, String> devices() {
    return Map.of();
  }

  @Override public long epochSeconds() {
    return 0;
  }
}
