package annulus.device.acpi;

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
import annulus.device.FirmwareTables;
import annulus.device.Frequency;
import annulus.device.InterruptLine;
import annulus.device.IsaDevice;
import annulus.device.MachineControl;
import annulus.device.PowerButton;

/**
 * ACPI's fixed hardware and the tables that describe the machine.
 *
 * <p>State: complete.
 * <p>Features: PM1a event and control registers with power button and S5, PM timer of 24 or 32 bits with its overflow event,
 * GPE0 block, ACPI mode switched by the command port, SCI on line 9 (level, active high); tables in {@link Tables}.
 * <p>Missing: sleep states but S5, SMI (without ACPI mode events raise nothing), general-purpose events (no device has one).
 * <p>Documentation: ACPI 6.4 chapters 4 and 5.
 */
final class Acpi implements Device, BytePorts, PowerButton {
  static final int SCI = 9;
  static final int EVENT = 0x600;
  static final int CONTROL = 0x604;
  static final int TIMER = 0x608;
  static final int GPE0 = 0x620;
  static final int SMI_COMMAND = 0xB2;
  static final int ENABLE = 0xA1;
  static final int DISABLE = 0xA0;
  static final int SLEEP_TYPE_S5 = 5;

  private static final String SCHEMA = "annulus.device.acpi";
  private static final Frequency PM_CLOCK = new Frequency(3_579_545);

  // PM1 status and enable: RTC 10, power button 8, global 5, timer 0; status only: wake 15
  private static final int TIMER_EVENT = 1;
  private static final int POWER_BUTTON = 1 << 8;
  private static final int STATUS_BITS = 0x8D31;
  private static final int ENABLE_BITS = 0x0521;
  // PM1 control: SLP_EN 13, SLP_TYP 12-10, SCI_EN 0
  private static final int SCI_EN = 1;
  private static final int SLEEP_ENABLE = 1 << 13;

  private final DeviceClock clock;
  private final MachineControl machine;
  private final InterruptLine sci;
  private final DeviceTimer overflow;
  /** Ticks between changes of the PM timer's highest bit. */
  private final int halfRange;
  private int status;
  private int enable;
  private int control;
  private int gpeEnable;
  private int command;
  private int commandStatus;
  /** PM timer ticks up to which the status accounts for overflows. */
  private long settled;
  private boolean running;

  Acpi(DeviceContext context, int timerBits) throws DeviceException {
    clock = context.clock();
    machine = context.machine();
    sci = context.line(SCI);
    overflow = context.timer(this::update);
    halfRange = timerBits - 1;
    settled = ticks();
    context.ports(EVENT, 12, this);
    context.ports(GPE0, 4, this);
    context.ports(SMI_COMMAND, 2, this);
    context.provide(PowerButton.class, this);
    context.provide(FirmwareTables.class, new Tables(context.platform(), context.role(IsaDevice.class), timerBits));
  }

  private long ticks() {
    return PM_CLOCK.ticks(clock.nanos());
  }

  /** The timer's highest bit has changed since last time: an event (ACPI 4.8.3.3). */
  private void settle() {
    long now = ticks();
    if (now >> halfRange != settled >> halfRange) {
      status |= TIMER_EVENT;
    }
    settled = now;
  }

  private void update() {
    settle();
    if (!running) {
      return;
    }
    sci.set((control & SCI_EN) != 0 && (status & enable & ENABLE_BITS) != 0);
    if ((enable & ~status & TIMER_EVENT) != 0) {
      overflow.at(PM_CLOCK.nanos((settled >> halfRange) + 1 << halfRange));
    } else {
      overflow.cancel();
    }
  }

  @Override public void press() {
    status |= POWER_BUTTON;
    update();
  }

  // ---- registers

  /** Wide reads of the timer are one sample, not four. */
  @Override public int read(int port, int size) {
    if (port == TIMER && size == 4) {
      return timer();
    }
    return BytePorts.super.read(port, size);
  }

  private int timer() {
    return (int) (ticks() & (2L << halfRange) - 1);
  }

  @Override public int readByte(int port) {
    settle();
    int word = switch (port & ~1) {
      case EVENT -> status;
      case EVENT + 2 -> enable;
      case CONTROL -> control;
      case TIMER -> timer();
      case TIMER + 2 -> timer() >> 16;
      case GPE0 + 2 -> gpeEnable;
      case SMI_COMMAND -> command | commandStatus << 8;
      default -> 0; // no general-purpose event is ever pending
    };
    return word >> 8 * (port & 1) & 0xFF;
  }

  @Override public void writeByte(int port, int value) {
    settle();
    int shift = 8 * (port & 1);
    int kept = 0xFF00 >> shift;
    switch (port & ~1) {
      case EVENT -> status &= ~(value << shift & STATUS_BITS); // write one to clear
      case EVENT + 2 -> enable = (enable & kept | value << shift) & ENABLE_BITS;
      case CONTROL -> writeControl(control & kept | value << shift);
      case GPE0 + 2 -> gpeEnable = gpeEnable & kept | value << shift;
      case SMI_COMMAND -> {
        if (port == SMI_COMMAND) {
          command(value);
        } else {
          commandStatus = value;
        }
      }
      default -> { } // the timer is read-only
    }
    update();
  }

  private void command(int value) {
    command = value;
    if (value == ENABLE) {
      control |= SCI_EN;
    } else if (value == DISABLE) {
      control &= ~SCI_EN;
    }
  }

  /** SCI_EN is the firmware's and not written here; SLP_EN reads as zero. */
  private void writeControl(int value) {
    control = value & 0x1C06 | control & SCI_EN;
    if ((value & SLEEP_ENABLE) != 0 && (value >> 10 & 7) == SLEEP_TYPE_S5) {
      machine.powerOff("ACPI S5");
    }
  }

  // ---- lifecycle

  @Override public void start() {
    resume();
  }

  @Override public void pause() {
    running = false;
  }

  @Override public void resume() {
    running = true;
    update();
  }

  @Override public void reset() {
    status = 0;
    enable = 0;
    control = 0;
    gpeEnable = 0;
    command = 0;
    commandStatus = 0;
    settled = ticks();
    update();
  }

  @Override public void halt() {
    running = false;
    overflow.cancel();
  }

  @Override public DeviceState export() {
    settle();
    return new StateWriter().put("status", status).put("enable", enable).put("control", control).put("gpeEnable", gpeEnable)
        .put("command", command).put("commandStatus", commandStatus).put("settled", settled).toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    int newStatus = r.getInt("status", 0, 0xFFFF) & STATUS_BITS;
    int newEnable = r.getInt("enable", 0, 0xFFFF) & ENABLE_BITS;
    int newControl = r.getInt("control", 0, 0x1FFF);
    int newGpeEnable = r.getInt("gpeEnable", 0, 0xFFFF);
    int newCommand = r.getInt("command", 0, 0xFF);
    int newCommandStatus = r.getInt("commandStatus", 0, 0xFF);
    long newSettled = r.getLong("settled");
    if (newSettled < 0 || newSettled > ticks()) {
      throw new StateException("field settled is " + newSettled + "; it must be from 0 to now, " + ticks());
    }
    r.finish();
    status = newStatus;
    enable = newEnable;
    control = newControl;
    gpeEnable = newGpeEnable;
    command = newCommand;
    commandStatus = newCommandStatus;
    settled = newSettled;
  }
}
