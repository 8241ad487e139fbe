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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** What {@link #detach} took off the board. */
  record Detached(IoBus.Claims claims, Map<Class<?>, Object> roles, Map<String, InterruptLine> lines,
      Map<CharacterLine, List<Runnable>> listeners) {}

  /** Releases every claim for good. Under the device lock. */
  void withdraw() {
    retire(detach());
  }

  /** Takes the device off the board, so that another can have its place; the lines it drives stay as they are. */
  Detached detach() {
    Map<String, InterruptLine> lines = board.lines().detach(name);
    Map<CharacterLine, List<Runnable>> listeners = new HashMap<>();
    board.allCharacters().forEach(line -> listeners.put(line, line.withdraw(name)));
    return new Detached(board.bus().detach(name), board.roles().withdraw(name), lines, listeners);
  }

  /** Puts the device back after {@link #detach}. */
  void reattach(Detached detached) {
    board.bus().reattach(detached.claims());
    board.roles().reattach(name, detached.roles());
    board.lines().reattach(detached.lines());
    detached.listeners().forEach((line, its) -> line.reattach(name, its));
  }

  /** Ends what a detached device does and could still do. Whoever replaces it drives its lines by now. */
  void retire(Detached detached) {
    Lines.release(detached.lines());
    end();
  }

  /** Ends what a detached device could still do, but for the lines. */
  void end() {
    timers.forEach(DeviceTimer::cancel);
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
    CharacterLine line = board.character(id);
    return new CharacterPort() {
      @Override public void send(int value) {
        line.send(value);
      }

      @Override public boolean available() {
        return line.available();
      }

      @Override public int receive() {
        return line.receive();
      }

      @Override public void onInput(Runnable listener) {
        line.onInput(name, () -> board.guard(name, listener));
      }
    };
  }

  @Override public MachineControl machine() {
    return board.events();
  }

  @Override public Platform platform() {
    return board.platform();
  }
}
