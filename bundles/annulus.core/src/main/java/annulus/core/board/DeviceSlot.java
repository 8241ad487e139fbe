package annulus.core.board;

import annulus.device.CharacterPort;
import annulus.device.DeviceClock;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceTimer;
import annulus.device.DmaPort;
import annulus.device.InterruptLine;
import annulus.device.MachineControl;
import annulus.device.MmioRegion;
import annulus.device.Platform;
import annulus.device.PortRegion;
import annulus.device.Role;
import annulus.device.VcpuSignals;
import java.util.ArrayList;
import java.util.List;

/** A device's context: forwards to the board in the device's name, and takes everything back when the device goes. */
final class DeviceSlot implements DeviceContext {
  private final String name;
  private final Board board;
  private final DirectDma dma;
  private final List<DeviceTimer> timers = new ArrayList<>();

  DeviceSlot(String name, Board board) {
    this.name = name;
    this.board = board;
    dma = new DirectDma(board.memory());
  }

  /** Releases every claim. Under the device lock. */
  void withdraw() {
    timers.forEach(DeviceTimer::cancel);
    board.bus().releaseAll(name);
    board.roles().withdraw(name);
    board.lines().release(name);
    dma.revoke();
  }

  @Override public String name() {
    return name;
  }

  @Override public void ports(int first, int count, PortRegion region) throws DeviceException {
    board.lock().check();
    board.bus().claimPorts(name, first, count, region);
  }

  @Override public void mmio(long gpa, long size, MmioRegion region) throws DeviceException {
    board.lock().check();
    board.bus().claimMmio(name, gpa, size, region);
  }

  @Override public void release(Object region) {
    board.lock().check();
    board.bus().release(name, region);
  }

  @Override public InterruptLine line(int gsi) {
    return board.lines().line(name, gsi);
  }

  @Override public <T> void provide(Class<T> role, T implementation) {
    board.lock().check();
    board.roles().provide(name, role, implementation);
  }

  @Override public <T> Role<T> role(Class<T> role) {
    return board.roles().role(role);
  }

  @Override public DeviceTimer timer(Runnable expiry) {
    DeviceTimer timer = board.timers().timer(expiry);
    timers.add(timer);
    return timer;
  }

  @Override public DeviceClock clock() {
    return board.clock();
  }

  @Override public DmaPort dma() {
    return dma;
  }

  @Override public VcpuSignals vcpus() {
    return board.signals();
  }

  @Override public int currentVcpu() {
    return board.lock().currentVcpu();
  }

  @Override public CharacterPort characters(String id) {
    return board.character(id);
  }

  @Override public MachineControl machine() {
    return board.events();
  }

  @Override public Platform platform() {
    return board.platform();
  }
}
