package annulus.device.pit;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.BytePorts;
import annulus.device.Device;
import annulus.device.DeviceClock;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceTimer;
import annulus.device.Frequency;
import annulus.device.InterruptLine;
import annulus.device.IsaDevice;
import annulus.device.LegacyTimer;
import java.util.List;

/**
 * The 8254 interval timer and the system control port 0x61.
 *
 * <p>State: complete.
 * <p>Features: three counters, modes 0-5, binary and BCD, counter latch and read-back, gate and output of counter 2, refresh
 * toggle. Counters are computed from the clock when read; only counter 0 sets a timer, for the rising edges of line 0.
 * <p>Missing: the sound; ticks that the host was too late for are not made up, the next edge comes at its own time.
 * <p>Documentation: Intel 8254 data sheet, order 231164; Intel 82371AB data sheet 4.3 (port 0x61).
 */
final class Pit implements Device, BytePorts, LegacyTimer {
  private static final String SCHEMA = "annulus.device.pit";
  private static final Frequency INPUT = new Frequency(1_193_182);
  /** The refresh request bit toggles every 18 input ticks. */
  private static final int REFRESH_TICKS = 18;
  private static final int CONTROL = 0x43;
  private static final int SYSTEM_CONTROL = 0x61;

  private final DeviceClock clock;
  private final InterruptLine line;
  private final DeviceTimer timer;
  private Counter[] counters = fresh();
  /** Port 0x61 bits 3-1: NMI masks and speaker data; kept for software that reads them back. */
  private int control;
  /** An HPET drives line 0. */
  private boolean replaced;

  Pit(DeviceContext context) throws DeviceException {
    clock = context.clock();
    line = context.line(0);
    timer = context.timer(this::expired);
    context.ports(0x40, 4, this);
    context.ports(SYSTEM_CONTROL, 1, this);
    context.provide(LegacyTimer.class, this);
    context.provide(IsaDevice.class,
        new IsaDevice("PIT0", "PNP0100", 0, List.of(new IsaDevice.Ports(0x40, 4)), List.of(0)));
  }

  private static Counter[] fresh() {
    // The gates of counters 0 and 1 are tied high
    return new Counter[] {new Counter(true), new Counter(true), new Counter(false)};
  }

  private long now() {
    return INPUT.ticks(clock.nanos());
  }

  /** Shows counter 0's output on its line and waits for the next rise. */
  private void update(long now) {
    line.set(!replaced && counters[0].output(now));
    await(now);
  }

  private void await(long now) {
    long rise = replaced ? -1 : counters[0].nextRise(now);
    if (rise < 0) {
      timer.cancel();
    } else {
      timer.at(INPUT.nanos(rise));
    }
  }

  /** OUT has risen: the low time before it, one tick in mode 2, needs no expiry of its own. */
  private void expired() {
    line.set(false);
    line.set(true);
    await(now());
  }

  @Override public int readByte(int port) {
    long now = now();
    if (port == SYSTEM_CONTROL) {
      return (counters[2].gate() ? 1 : 0) | control | (now / REFRESH_TICKS % 2 != 0 ? 0x10 : 0)
          | (counters[2].output(now) ? 0x20 : 0);
    }
    return port == CONTROL ? 0xFF : counters[port & 3].read(now);
  }

  @Override public void writeByte(int port, int value) {
    long now = now();
    if (port == SYSTEM_CONTROL) {
      counters[2].setGate((value & 1) != 0, now);
      control = value & 0x0E;
    } else if (port != CONTROL) {
      counters[port & 3].write(value, now);
      if (port == 0x40) {
        update(now);
      }
    } else if (value >> 6 == 3) {
      readBack(value, now);
    } else if ((value & 0x30) == 0) {
      counters[value >> 6].latchCount(now);
    } else {
      counters[value >> 6].control(value);
      if (value >> 6 == 0) {
        update(now);
      }
    }
  }

  /** Read-back command: 1 1 /COUNT /STATUS CNT2 CNT1 CNT0 0. */
  private void readBack(int value, long now) {
    for (int i = 0; i < 3; i++) {
      if ((value & 2 << i) != 0) {
        if ((value & 0x20) == 0) {
          counters[i].latchCount(now);
        }
        if ((value & 0x10) == 0) {
          counters[i].latchStatus(now);
        }
      }
    }
  }

  @Override public void replaced(boolean byHpet) {
    replaced = byHpet;
    update(now());
  }

  @Override public void start() {
    update(now());
  }

  @Override public void pause() {
    // the clock stands still, so no timer fires
  }

  @Override public void resume() {
    update(now());
  }

  @Override public void reset() {
    counters = fresh();
    control = 0;
    replaced = false;
    update(now());
  }

  @Override public void halt() {
    timer.cancel();
  }

  @Override public DeviceState export() {
    StateWriter w = new StateWriter();
    long now = now();
    for (int i = 0; i < 3; i++) {
      counters[i].settle(now);
      counters[i].export(w, "counter" + i + ".");
    }
    return w.put("control", control).put("replaced", replaced).toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    Counter[] c = new Counter[3];
    for (int i = 0; i < 3; i++) {
      c[i] = Counter.restored(r, "counter" + i + ".", now());
    }
    int newControl = r.getInt("control", 0, 0x0E);
    boolean newReplaced = r.getBoolean("replaced");
    r.finish();
    counters = c;
    control = newControl;
    replaced = newReplaced;
  }
}
