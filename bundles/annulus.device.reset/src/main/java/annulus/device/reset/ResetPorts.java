package annulus.device.reset;

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
 * The reset control register at 0xCF9 and system control port A at 0x92.
 *
 * <p>State: complete.
 * <p>Features: 0xCF9 resets when bit 2 rises (0x02 then 0x06 or 0x0E); port 0x92 resets when bit 0 rises and keeps its A20 bit.
 * <p>Missing: processor-only resets: what a PC does with INIT is a full reset here, for want of firmware that goes on after one.
 * The A20 bit changes no address, as on processors of today.
 * <p>Documentation: Intel ICH10 data sheet 13.7.5 (RST_CNT), 13.7.3 (PORT92).
 */
final class ResetPorts implements Device {
  private static final String SCHEMA = "annulus.device.reset";
  private static final int PORT_92 = 0x92;
  private static final int FAST_INIT = 1;
  private static final int A20 = 2;
  private static final int RESET_CONTROL = 0xCF9;
  private static final int RESET = 4;

  private final MachineControl machine;
  private int port92 = A20;
  private int control;

  ResetPorts(DeviceContext context) throws DeviceException {
    machine = context.machine();
    context.ports(PORT_92, 1, new PortRegion() {
      @Override public int read(int port, int size) {
        return port92;
      }

      @Override public void write(int port, int size, int value) {
        writePort92(value);
      }
    });
    // All four ports of PCI's address register: a wide access there is none to the reset register, and must not be split into one
    context.ports(RESET_CONTROL - 1, 4, new PortRegion() {
      @Override public int read(int port, int size) {
        return port == RESET_CONTROL && size == 1 ? control : -1;
      }

      @Override public void write(int port, int size, int value) {
        if (port == RESET_CONTROL && size == 1) {
          writeControl(value);
        }
      }
    });
  }

  private void writePort92(int value) {
    boolean rises = (value & ~port92 & FAST_INIT) != 0;
    port92 = value & (A20 | FAST_INIT);
    if (rises) {
      machine.reset("port 0x92");
    }
  }

  /** RST_CNT: FULL_RST 3, RST_CPU 2, SYS_RST 1. */
  private void writeControl(int value) {
    boolean rises = (value & ~control & RESET) != 0;
    control = value & 0x0E;
    if (rises) {
      machine.reset("port 0xcf9");
    }
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
    port92 = A20;
    control = 0;
  }

  @Override public void halt() {
    // holds no resource of the host
  }

  @Override public DeviceState export() {
    return new StateWriter().put("port92", port92).put("control", control).toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    int newPort92 = r.getInt("port92", 0, A20 | FAST_INIT);
    int newControl = r.getInt("control", 0, 0x0E);
    r.finish();
    port92 = newPort92;
    control = newControl;
  }
}
