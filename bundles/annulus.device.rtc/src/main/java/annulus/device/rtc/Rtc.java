package annulus.device.rtc;

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
import annulus.device.Platform;
import java.util.List;

/**
 * The MC146818 real-time clock and its battery-backed memory, ports 0x70 and 0x71.
 *
 * <p>State: complete.
 * <p>Features: time of day from the machine's start time and clock, binary and BCD, 12 and 24 hours, century; update in progress;
 * alarm with don't-care codes, periodic and update-ended interrupts on line 8, computed from the clock: a timer is set only for an
 * interrupt that is enabled and not pending; NVRAM with memory sizes where firmware leaves them; the NMI-disable bit is kept.
 * <p>Missing: daylight saving and square wave (the bits are kept); the day of the week follows the date and cannot be set apart; a
 * stopped divider counts as a stopped clock; nothing raises an NMI that the disable bit could hold back.
 * <p>Documentation: Motorola MC146818 data sheet; Intel ICH10 data sheet 13.6.
 */
final class Rtc implements Device, BytePorts, LegacyTimer {
  static final int CENTURY = 0x32;
  static final int B_24_HOURS = 0x02;
  static final int B_BINARY = 0x04;

  private static final String SCHEMA = "annulus.device.rtc";
  private static final long SECOND = 1_000_000_000L;
  private static final Frequency CRYSTAL = new Frequency(32_768);
  /** An update takes 1984 microseconds and is announced 244 before. */
  private static final long UPDATE_NANOS = 2_228_000;

  private static final int SIZE = 128;
  private static final int A = 0x0A;
  private static final int B = 0x0B;
  private static final int C = 0x0C;
  private static final int D = 0x0D;
  private static final int A_UPDATING = 0x80;
  private static final int B_SET = 0x80;
  private static final int PERIODIC = 0x40;
  private static final int ALARM = 0x20;
  private static final int UPDATED = 0x10;
  private static final int REQUEST = 0x80;
  private static final int SQUARE_WAVE = 0x08;

  private final DeviceClock clock;
  private final Platform platform;
  private final InterruptLine line;
  private final DeviceTimer timer;
  private byte[] cmos;
  private int index;
  /** What is added to the machine's clock for nanoseconds since 1970, while the clock runs. */
  private long offset;
  /** Up to when the flags in register C account for events, in nanoseconds of the machine's clock. */
  private long settled;
  /** An HPET drives line 8. */
  private boolean replaced;

  Rtc(DeviceContext context) throws DeviceException {
    clock = context.clock();
    platform = context.platform();
    line = context.line(8);
    timer = context.timer(this::expired);
    offset = platform.epochSeconds() * SECOND;
    settled = clock.nanos();
    cmos = Nvram.initial(SIZE, platform);
    cmos[A] = 0x26; // 32.768 kHz time base, 1024 Hz
    cmos[B] = B_24_HOURS;
    cmos[D] = (byte) 0x80; // the battery is good
    context.ports(0x70, 2, this);
    context.provide(LegacyTimer.class, this);
    context.provide(IsaDevice.class,
        new IsaDevice("RTC0", "PNP0B00", 0, List.of(new IsaDevice.Ports(0x70, 2)), List.of(8)));
  }

  private boolean running() {
    return (cmos[B] & B_SET) == 0 && (cmos[A] & 0x70) == 0x20;
  }

  private long now() {
    return clock.nanos() + offset;
  }

  // ---- interrupts

  private long periodTicks() {
    int rate = cmos[A] & 15;
    return rate == 0 ? 0 : rate <= 2 ? 128L << rate - 1 : 1L << rate - 1;
  }

  /** The first alarm after second {@code from}, or -1 where the registers name no time of day. */
  private long nextAlarm(long from) {
    long t = from + 1;
    long end = t + 2 * 86_400;
    while (t < end) {
      int daySecond = (int) Math.floorMod(t, 86_400L);
      if (!matches(cmos[5] & 0xFF, daySecond / 3600, true)) {
        t += 3600 - daySecond % 3600;
      } else if (!matches(cmos[3] & 0xFF, daySecond / 60 % 60, false)) {
        t += 60 - daySecond % 60;
      } else if (!matches(cmos[1] & 0xFF, daySecond % 60, false)) {
        t++;
      } else {
        return t;
      }
    }
    return -1;
  }

  /** 0xC0 to 0xFF match everything. */
  private boolean matches(int register, int value, boolean hour) {
    int b = cmos[B];
    return register >= 0xC0 || register == (hour ? Calendar.encodeHour(value, b) : Calendar.encode(value, b));
  }

  /** Sets the flags of everything that happened since the last time this was asked. */
  private void settle() {
    long nanos = clock.nanos();
    if (nanos == settled) {
      return;
    }
    int flags = 0;
    long period = periodTicks();
    if (period != 0 && CRYSTAL.ticks(nanos) / period != CRYSTAL.ticks(settled) / period) {
      flags |= PERIODIC;
    }
    if (running()) {
      long before = Math.floorDiv(settled + offset, SECOND);
      long after = Math.floorDiv(nanos + offset, SECOND);
      if (after != before) {
        flags |= UPDATED;
        long alarm = nextAlarm(before);
        if (alarm >= 0 && alarm <= after) {
          flags |= ALARM;
        }
      }
    }
    settled = nanos;
    cmos[C] |= (byte) flags;
  }

  /** Drives the line and waits for the next event that would raise it. */
  private void update() {
    settle();
    boolean request = (cmos[C] & cmos[B] & (PERIODIC | ALARM | UPDATED)) != 0;
    cmos[C] = (byte) (cmos[C] & ~REQUEST | (request ? REQUEST : 0));
    line.set(request && !replaced);
    long next = Long.MAX_VALUE;
    int waiting = cmos[B] & ~cmos[C];
    long period = periodTicks();
    if ((waiting & PERIODIC) != 0 && period != 0) {
      next = CRYSTAL.nanos((CRYSTAL.ticks(settled) / period + 1) * period);
    }
    if (running()) {
      long second = Math.floorDiv(settled + offset, SECOND);
      if ((waiting & UPDATED) != 0) {
        next = Math.min(next, (second + 1) * SECOND - offset);
      }
      long alarm = (waiting & ALARM) != 0 ? nextAlarm(second) : -1;
      if (alarm >= 0) {
        next = Math.min(next, alarm * SECOND - offset);
      }
    }
    if (next == Long.MAX_VALUE || replaced) {
      timer.cancel();
    } else {
      timer.at(next);
    }
  }

  private void expired() {
    update();
  }

  // ---- registers

  private static boolean isTime(int register) {
    return register < A && (register & 1) == 0 || register == 7 || register == 9 || register == CENTURY;
  }

  @Override public int readByte(int port) {
    if (port == 0x70) {
      return 0xFF; // write-only
    }
    if (isTime(index) && running()) {
      Calendar.store(Math.floorDiv(now(), SECOND), cmos, cmos[B]);
    }
    if (index == A) {
      boolean updating = running() && Math.floorMod(now(), SECOND) >= SECOND - UPDATE_NANOS;
      return cmos[A] & 0x7F | (updating ? A_UPDATING : 0);
    }
    if (index == C) {
      update();
      int flags = cmos[C] & 0xFF;
      cmos[C] = 0;
      update();
      return flags;
    }
    return cmos[index] & 0xFF;
  }

  @Override public void writeByte(int port, int value) {
    if (port == 0x70) {
      index = value & 0x7F;
      return;
    }
    settle();
    switch (index) {
      case A -> setMode(value & 0x7F, cmos[B]);
      case B -> setMode(cmos[A], value);
      case C, D -> { } // read-only
      default -> {
        if (isTime(index) && running()) {
          Calendar.store(Math.floorDiv(now(), SECOND), cmos, cmos[B]);
          cmos[index] = (byte) value;
          setTime(Math.floorMod(now(), SECOND));
        } else {
          cmos[index] = (byte) value;
        }
      }
    }
    update();
  }

  private void setTime(long fraction) {
    offset = Calendar.load(cmos, cmos[B]) * SECOND + fraction - clock.nanos();
  }

  /** Registers A and B: the clock may stop, which leaves the time in the registers, or go on from there. */
  private void setMode(int a, int b) {
    boolean before = running();
    boolean dividerStood = (cmos[A] & 0x70) != 0x20;
    long fraction = Math.floorMod(now(), SECOND);
    if (before) {
      Calendar.store(Math.floorDiv(now(), SECOND), cmos, cmos[B]);
    }
    cmos[A] = (byte) a;
    cmos[B] = (byte) ((b & B_SET) != 0 ? b & ~UPDATED : b); // SET clears the update-ended enable
    if (running() && !before) {
      setTime(dividerStood ? SECOND / 2 : fraction); // the first update comes half a second after the divider's release
    } else if (before && running()) {
      Calendar.store(Math.floorDiv(now(), SECOND), cmos, cmos[B]); // perhaps in another format
    }
  }

  @Override public void replaced(boolean byHpet) {
    replaced = byHpet;
    update();
  }

  // ---- lifecycle

  @Override public void start() {
    update();
  }

  @Override public void pause() {
    // the clock stands still, so no timer fires
  }

  @Override public void resume() {
    update();
  }

  /** The battery keeps time and memory; the RESET line only disables interrupts. */
  @Override public void reset() {
    settled = clock.nanos();
    cmos[B] &= (byte) ~(PERIODIC | ALARM | UPDATED | SQUARE_WAVE);
    cmos[C] = 0;
    index = 0;
    replaced = false;
    update();
  }

  @Override public void halt() {
    timer.cancel();
  }

  @Override public DeviceState export() {
    if (running()) {
      Calendar.store(Math.floorDiv(now(), SECOND), cmos, cmos[B]);
    }
    settle();
    return new StateWriter().put("cmos", cmos).put("index", index).put("offset", offset).put("settled", settled)
        .put("replaced", replaced).toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, 1);
    byte[] newCmos = r.getBytes("cmos");
    int newIndex = r.getInt("index", 0, SIZE - 1);
    long newOffset = r.getLong("offset");
    long newSettled = r.getLong("settled");
    boolean newReplaced = r.getBoolean("replaced");
    r.finish();
    long seconds = newOffset / SECOND;
    // Far enough from the limits of 64 bits of nanoseconds that no sum overflows
    if (newCmos.length != SIZE || newSettled < 0 || newSettled > clock.nanos() || Math.abs(seconds) > 8_000_000_000L) {
      throw new StateException("clock state has %d registers, offset %d s, settled at %d; needed are %d, at most 8000000000, and a"
          .formatted(newCmos.length, seconds, newSettled, SIZE) + " time up to now, " + clock.nanos());
    }
    cmos = newCmos;
    index = newIndex;
    offset = newOffset;
    settled = newSettled;
    replaced = newReplaced;
  }
}
