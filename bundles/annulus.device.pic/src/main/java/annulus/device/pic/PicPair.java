package annulus.device.pic;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.BytePorts;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.ExternalInterruptTarget;
import annulus.device.ExternalInterrupts;
import annulus.device.InterruptSink;
import annulus.device.IsaDevice;
import annulus.device.LocalInterrupts;
import annulus.device.Role;
import annulus.device.VcpuSignals;
import java.util.List;

/**
 * The PC's two 8259A interrupt controllers, the second on input 2 of the first.
 *
 * <p>State: complete.
 * <p>Features: ICW1-4, OCW1-3, fixed and rotating priority, special mask, special fully nested and poll mode, automatic end of
 * interrupt, edge and level triggering (ICW1 and ELCR), spurious interrupts 7 and 15. INTR goes to LINT0 of the local APICs, or
 * without those to processor 0.
 * <p>Missing: MCS-80 vectoring and the buffered-mode pins, which a PC does not wire.
 * <p>Documentation: Intel 8259A data sheet, order 231468; Intel 82371AB data sheet 4.2.5 (ELCR).
 */
final class PicPair implements Device, BytePorts, InterruptSink, ExternalInterrupts {
  private static final String SCHEMA = "annulus.device.pic";
  private static final int CASCADE = 2;

  private final VcpuSignals vcpus;
  private final Role<LocalInterrupts> apics;
  private final Role<ExternalInterruptTarget> targets;
  // ELCR bits of the timer, keyboard and cascade inputs, of the clock and of the coprocessor are fixed to edge (82371AB 4.2.5)
  private Pic master = new Pic(0xF8, 1 << CASCADE);
  private Pic slave = new Pic(0xDE, 0);

  PicPair(DeviceContext context) throws DeviceException {
    vcpus = context.vcpus();
    apics = context.role(LocalInterrupts.class);
    targets = context.role(ExternalInterruptTarget.class);
    context.ports(0x20, 2, this);
    context.ports(0xA0, 2, this);
    context.ports(0x4D0, 2, this);
    context.provide(InterruptSink.class, this);
    context.provide(ExternalInterrupts.class, this);
    context.provide(IsaDevice.class, new IsaDevice("PIC0", "PNP0000", 0,
        List.of(new IsaDevice.Ports(0x20, 2), new IsaDevice.Ports(0xA0, 2), new IsaDevice.Ports(0x4D0, 2)), List.of(CASCADE)));
  }

  /** Passes the slave's output to the master, and the master's to the processors. */
  private void update() {
    master.input(CASCADE, slave.request() >= 0);
    boolean intr = asserted();
    for (ExternalInterruptTarget t : targets.all()) {
      t.externalInterruptChanged(intr);
    }
    if (apics.get() == null) {
      vcpus.interrupt(0, intr);
    }
  }

  @Override public void lineChanged(int gsi, boolean asserted) {
    if (gsi < 8 && gsi != CASCADE) {
      master.input(gsi, asserted);
    } else if (gsi >= 8 && gsi < 16) {
      slave.input(gsi - 8, asserted);
    } else {
      return; // input 2 is the cascade, 16 and up are the I/O APIC's
    }
    update();
  }

  @Override public boolean asserted() {
    return master.request() >= 0;
  }

  @Override public int acknowledge() {
    int n = master.request();
    int vector;
    if (n < 0) {
      vector = master.spurious();
    } else if (n != CASCADE) {
      vector = master.acknowledge(n);
    } else {
      int m = slave.request();
      master.acknowledge(CASCADE);
      vector = m < 0 ? slave.spurious() : slave.acknowledge(m);
      // The slave's output falls during the cycle: what it still requests is a new edge
      master.input(CASCADE, false);
    }
    update();
    return vector;
  }

  @Override public int readByte(int port) {
    if (port >= 0x4D0) {
      return port == 0x4D0 ? master.elcr() : slave.elcr();
    }
    Pic pic = port < 0xA0 ? master : slave;
    if (!pic.polled()) {
      return pic.read((port & 1) != 0);
    }
    // Poll word: I 0 0 0 0 W2 W1 W0; the read is the acknowledge
    int n = pic.request();
    if (n < 0) {
      return 0;
    }
    pic.acknowledge(n);
    update();
    return 0x80 | n;
  }

  @Override public void writeByte(int port, int value) {
    if (port == 0x4D0) {
      master.setElcr(value);
    } else if (port == 0x4D1) {
      slave.setElcr(value);
    } else {
      (port < 0xA0 ? master : slave).write((port & 1) != 0, value);
    }
    update();
  }

  @Override public void start() {
    update();
  }

  @Override public void pause() {
    // acts only when a line changes or a processor accesses it, and both stand still
  }

  @Override public void resume() {
    update();
  }

  @Override public void reset() {
    master = master.reset();
    slave = slave.reset();
    update();
  }

  @Override public void halt() {
    // holds no resource of the host
  }

  @Override public DeviceState export() {
    StateWriter w = new StateWriter();
    master.export(w, "master.");
    slave.export(w, "slave.");
    return w.toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    Pic newMaster = master.restored(r, "master.");
    Pic newSlave = slave.restored(r, "slave.");
    r.finish();
    master = newMaster;
    slave = newSlave;
  }
}
