package annulus.device.ioapic;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.ApicBus;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.EndOfInterruptListener;
import annulus.device.InterruptSink;
import annulus.device.MmioRegion;
import annulus.device.Role;

/**
 * The I/O APIC at 0xFEC00000.
 *
 * <p>State: complete.
 * <p>Features: 24 pins with edge and level triggering, remote IRR, masks, all delivery modes the local APICs take, EOI by broadcast
 * and by register (version 20H). The timer's line 0 is on pin 2, as the MADT's override says; pin 0 is not connected.
 * <p>Missing: the polarity bit is kept but changes nothing, since lines carry "asserted", not a voltage.
 * <p>Documentation: Intel 82093AA data sheet, order 290566; Intel ICH10 data sheet 13.5 (EOI register).
 */
final class IoApic implements Device, MmioRegion, InterruptSink, EndOfInterruptListener {
  private static final String SCHEMA = "annulus.device.ioapic";
  private static final long ADDRESS = 0xFEC00000L;
  private static final int PINS = 24;
  private static final int TIMER_PIN = 2;

  // Redirection table entry: destination 63-56, mask 16, level 15, remote IRR 14, polarity 13, status 12, logical 11, mode 10-8, vector
  private static final long MASKED = 1 << 16;
  private static final long LEVEL = 1 << 15;
  private static final long REMOTE_IRR = 1 << 14;
  private static final long LOGICAL = 1 << 11;
  private static final long WRITABLE = 0xFF00_0000_0001_AFFFL;

  private final Role<ApicBus> bus;
  private int select;
  private int id;
  /** Levels of the 24 lines, by GSI. */
  private int lines;
  private long[] entries = masked();

  IoApic(DeviceContext context) throws DeviceException {
    bus = context.role(ApicBus.class);
    context.mmio(ADDRESS, 0x1000, this);
    context.provide(InterruptSink.class, this);
    context.provide(EndOfInterruptListener.class, this);
  }

  private static long[] masked() {
    long[] e = new long[PINS];
    java.util.Arrays.fill(e, MASKED);
    return e;
  }

  private boolean high(int pin) {
    return switch (pin) {
      case 0 -> false;
      case TIMER_PIN -> (lines & (1 | 1 << TIMER_PIN)) != 0;
      default -> (lines & 1 << pin) != 0;
    };
  }

  @Override public void lineChanged(int gsi, boolean asserted) {
    if (gsi < 0 || gsi >= PINS) {
      return;
    }
    int pin = gsi == 0 ? TIMER_PIN : gsi;
    boolean before = high(pin);
    lines = asserted ? lines | 1 << gsi : lines & ~(1 << gsi);
    if (!before && high(pin)) {
      if ((entries[pin] & LEVEL) != 0) {
        serviceLevel(pin);
      } else if ((entries[pin] & MASKED) == 0) { // an edge at a masked pin is lost (82093AA 3.2.4)
        send(entries[pin], false);
      }
    }
  }

  private void send(long entry, boolean level) {
    ApicBus b = bus.get();
    if (b != null) {
      b.deliver((int) (entry >>> 56), (entry & LOGICAL) != 0, (int) entry >> 8 & 7, (int) entry & 0xFF, level);
    }
  }

  /** Sends a level interrupt that is asserted, not masked and not still in service. */
  private void serviceLevel(int pin) {
    long e = entries[pin];
    if (high(pin) && (e & (LEVEL | MASKED | REMOTE_IRR)) == LEVEL) {
      int mode = (int) e >> 8 & 7;
      if (mode <= 1) { // only fixed and lowest priority can be level-triggered; others act as edges
        entries[pin] |= REMOTE_IRR;
        send(e, true);
      } else {
        send(e, false);
      }
    }
  }

  @Override public void endOfInterrupt(int vector) {
    for (int pin = 0; pin < PINS; pin++) {
      if ((entries[pin] & 0xFF) == vector && (entries[pin] & REMOTE_IRR) != 0) {
        entries[pin] &= ~REMOTE_IRR;
        serviceLevel(pin);
      }
    }
  }

  @Override public long read(long offset, int size) {
    return switch ((int) offset) {
      case 0x00 -> select;
      case 0x10 -> Integer.toUnsignedLong(register());
      default -> 0;
    };
  }

  private int register() {
    if (select >= 0x10 && select < 0x10 + 2 * PINS) {
      long e = entries[select - 0x10 >> 1];
      return (int) ((select & 1) == 0 ? e : e >>> 32);
    }
    return switch (select) {
      case 0, 2 -> id << 24; // the arbitration id follows the id
      case 1 -> PINS - 1 << 16 | 0x20;
      default -> 0;
    };
  }

  @Override public void write(long offset, int size, long value) {
    switch ((int) offset) {
      case 0x00 -> select = (int) value & 0xFF;
      case 0x10 -> writeRegister(value & 0xFFFF_FFFFL);
      case 0x40 -> endOfInterrupt((int) value & 0xFF);
      default -> { }
    }
  }

  private void writeRegister(long value) {
    if (select == 0) {
      id = (int) value >> 24 & 0xF;
    } else if (select >= 0x10 && select < 0x10 + 2 * PINS) {
      int pin = select - 0x10 >> 1;
      long kept = entries[pin] & ~WRITABLE;
      long written = (select & 1) == 0
          ? entries[pin] & 0xFFFF_FFFF_0000_0000L | value
          : entries[pin] & 0xFFFF_FFFFL | value << 32;
      entries[pin] = kept | written & WRITABLE;
      if ((entries[pin] & LEVEL) == 0) {
        entries[pin] &= ~REMOTE_IRR; // an edge pin has none: software resets a stuck pin by switching it over
      }
      serviceLevel(pin);
    }
  }

  @Override public void start() {
    // lines that are high show themselves as changes
  }

  @Override public void pause() {
    // acts only when a line changes or a processor accesses it, and both stand still
  }

  @Override public void resume() {
    // see pause
  }

  @Override public void reset() {
    select = 0;
    id = 0;
    entries = masked();
  }

  @Override public void halt() {
    // holds no resource of the host
  }

  @Override public DeviceState export() {
    return new StateWriter().put("select", select).put("id", id).put("lines", lines).put("entries", entries).toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    int newSelect = r.getInt("select", 0, 0xFF);
    int newId = r.getInt("id", 0, 0xF);
    int newLines = r.getInt("lines", 0, (1 << PINS) - 1);
    long[] newEntries = r.getLongs("entries", PINS);
    r.finish();
    for (int i = 0; i < PINS; i++) {
      newEntries[i] &= WRITABLE | REMOTE_IRR;
    }
    select = newSelect;
    id = newId;
    lines = newLines;
    entries = newEntries;
  }
}
