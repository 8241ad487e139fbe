package annulus.device.debugexit;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.MachineControl;
import annulus.device.PortRegion;

/**
 * A port that ends the machine with a status of the guest's choice.
 *
 * <p>State: none.
 * <p>Features: writing {@code code}, in any size, ends the machine with status {@code code * 2 + 1}, so that no guest can claim
 * the status 0 of a machine that was switched off.
 * <p>Missing: nothing; codes beyond 127 lose their high bits, since a process status has eight.
 * <p>Documentation: the convention of other monitors' {@code isa-debug-exit} device.
 */
final class DebugExit implements Device, PortRegion {
  private static final String SCHEMA = "annulus.device.debugexit";
  private static final int PORTS = 4;

  private final MachineControl machine;

  DebugExit(DeviceContext context, int port) throws DeviceException {
    machine = context.machine();
    context.ports(port, PORTS, this);
  }

  @Override public int read(int port, int size) {
    return 0;
  }

  @Override public void write(int port, int size, int value) {
    machine.exit(value << 1 & 0xFF | 1, "the guest wrote 0x%x to its exit port".formatted(value));
  }

  @Override public void start() {
    // acts only when a processor writes to it
  }

  @Override public void pause() {
    // see start
  }

  @Override public void resume() {
    // see start
  }

  @Override public void reset() {
    // has no state
  }

  @Override public void halt() {
    // holds no resource of the host
  }

  @Override public DeviceState export() {
    return new StateWriter().put("stateless", true).toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    r.getInt("stateless", 1, 1);
    r.finish();
  }
}
