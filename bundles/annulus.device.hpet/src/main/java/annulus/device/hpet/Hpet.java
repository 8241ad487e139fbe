package annulus.device.hpet;

import annulus.arch.DeviceState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.Device;
import annulus.device.DeviceClock;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.DeviceTimer;
import annulus.device.InterruptLine;
import annulus.device.LegacyTimer;
import annulus.device.MmioRegion;
import annulus.device.Role;

/**
 * The high-precision event timer at 0xFED00000: a 64-bit counter of 100 MHz and three comparators.
 *
 * <p>State: complete.
 * <p>Features: one-shot and periodic comparators, 32- and 64-bit, edge and level interrupts on pins 20-23, legacy replacement (lines
 * 0 and 8 instead of the 8254's and the clock's).
 * <p>Missing: interrupts by message (the capability bit says so).
 * <p>Documentation: IA-PC HPET Specification 1.0a.
 */
final class Hpet implements Device, MmioRegion {
  private static final String SCHEMA = "annulus.device.hpet";
  /** 2: with {@link #due}. */
  private static final int VERSION = 2;
  private static final long ADDRESS = 0xFED00000L;
  private static final int NANOS_PER_TICK = 10;
  /** In ticks: 20 microseconds. */
  private static final int SHORTEST_PERIOD = 2000;
  private static final int TIMERS = 3;
  /** Period in femtoseconds, vendor, legacy replacement, 64 bits, number of the last timer, revision (2.3.4). */
  private static final long CAPABILITIES =
      NANOS_PER_TICK * 1_000_000L << 32 | 0x8086L << 16 | 1 << 15 | 1 << 13 | TIMERS - 1 << 8 | 1;
  private static final int RUN = 1;
  private static final int LEGACY = 2;
  private static final long NEVER = Long.MAX_VALUE;

  private final DeviceClock clock;
  private final Role<LegacyTimer> legacyTimers;
  private final InterruptLine[] lines = new InterruptLine[24];
  private final DeviceTimer[] timers = new DeviceTimer[TIMERS];
  /** When comparators match next, in ticks of the machine's clock; {@link #NEVER} while they stand still. */
  private final long[] due = new long[TIMERS];
  private Comparator[] comparators = fresh();
  private int config;
  /** Interrupts of level-triggered timers that wait for software. */
  private int status;
  /** The counter while it stands, else what is added to the clock's ticks. */
  private long counter;

  Hpet(DeviceContext context) throws DeviceException {
    clock = context.clock();
    legacyTimers = context.role(LegacyTimer.class);
    for (int gsi : new int[] {0, 8, 20, 21, 22, 23}) {
      lines[gsi] = context.line(gsi);
    }
    for (int i = 0; i < TIMERS; i++) {
      int n = i;
      due[i] = NEVER;
      timers[i] = context.timer(() -> expired(n));
    }
    context.mmio(ADDRESS, 0x400, this);
  }

  private static Comparator[] fresh() {
    return new Comparator[] {new Comparator(), new Comparator(), new Comparator()};
  }

  private long ticks() {
    return clock.nanos() / NANOS_PER_TICK;
  }

  private boolean running() {
    return (config & RUN) != 0;
  }

  private long counter() {
    return running() ? counter + ticks() : counter;
  }

  /** The line a timer's interrupts go to, or -1 when its route is not one it can take. */
  private int line(int n) {
    if ((config & LEGACY) != 0 && n < 2) {
      return n == 0 ? 0 : 8;
    }
    int route = comparators[n].route();
    return route >= 20 && route <= 23 ? route : -1;
  }

  private void arm(int n) {
    arm(n, ticks());
  }

  /** @param ticks of the clock, of one reading: between two, a match that was near could have become one that is past */
  private void arm(int n, long ticks) {
    long distance = comparators[n].distance(counter + (running() ? ticks : 0));
    long room = Long.MAX_VALUE / NANOS_PER_TICK - ticks - 1;
    boolean comes = running() && Long.compareUnsigned(distance, room) <= 0; // not where it stands still, or beyond the end of time
    due[n] = comes ? ticks + distance : NEVER;
    if (comes && isSeen(n)) {
      timers[n].at(due[n] * NANOS_PER_TICK);
    } else {
      timers[n].cancel();
    }
  }

  /**
   * Whether anything shows a match when it comes. Linux leaves a timer that it needs no more periodic, without its interrupt: the host
   * must not wake up for each of its periods.
   */
  private boolean isSeen(int n) {
    return comparators[n].is(Comparator.LEVEL) || comparators[n].is(Comparator.ENABLED) && line(n) >= 0;
  }

  /** Has those timers expire that the host was late for, before they are set anew by what would find their match in the past. */
  private void catchUp() {
    for (int n = 0; n < TIMERS; n++) {
      catchUp(n);
    }
  }

  private void catchUp(int n) {
    if (due[n] <= ticks()) {
      expired(n);
    }
  }

  private void expired(int n) {
    Comparator c = comparators[n];
    long ticks = ticks();
    // Periods too short for any host are coalesced: a guest must not keep the machine's timers busy for ever
    c.advance(ticks - due[n] + (Long.compareUnsigned(c.period, SHORTEST_PERIOD) < 0 ? SHORTEST_PERIOD : 0));
    arm(n, ticks);
    int line = line(n);
    if (c.is(Comparator.LEVEL)) {
      status |= 1 << n;
      driveLevels();
    } else if (c.is(Comparator.ENABLED) && line >= 0) {
      lines[line].pulse();
    }
  }

  /** Lines of level-triggered timers show the status bits. */
  private void driveLevels() {
    int high = 0;
    for (int n = 0; n < TIMERS; n++) {
      int line = line(n);
      if (line >= 0 && (status & 1 << n) != 0 && comparators[n].is(Comparator.LEVEL) && comparators[n].is(Comparator.ENABLED)) {
        high |= 1 << line;
      }
    }
    for (int i = 0; i < lines.length; i++) {
      if (lines[i] != null) {
        lines[i].set((high & 1 << i) != 0);
      }
    }
  }

  private void armAll() {
    for (int n = 0; n < TIMERS; n++) {
      arm(n);
    }
  }

  private void tellLegacyTimers() {
    for (LegacyTimer t : legacyTimers.all()) {
      t.replaced((config & LEGACY) != 0);
    }
  }

  @Override public long read(long offset, int size) {
    long register = register((int) offset & ~7);
    return register >>> 8 * ((int) offset & 7);
  }

  private long register(int offset) {
    if (offset >= 0x100 && offset < 0x100 + 0x20 * TIMERS) {
      int n = offset - 0x100 >> 5;
      catchUp(n); // the host may not have waited for it
      Comparator c = comparators[n];
      return switch (offset & 0x1F) {
        case 0x00 -> c.config;
        case 0x08 -> c.comparator;
        default -> 0;
      };
    }
    return switch (offset) {
      case 0x000 -> CAPABILITIES;
      case 0x010 -> config;
      case 0x020 -> status;
      case 0x0F0 -> counter();
      default -> 0;
    };
  }

  /** Registers are written in halves or whole (2.3.2); other sizes are not allowed and change nothing. */
  @Override public void write(long offset, int size, long value) {
    int register = (int) offset & ~7;
    int half = (int) offset & 7;
    if (size == 8 && half == 0) {
      writeRegister(register, value, -1);
    } else if (size == 4 && (half & 3) == 0) {
      long mask = 0xFFFF_FFFFL << 8 * half;
      writeRegister(register, register(register) & ~mask | value << 8 * half, mask);
    }
  }

  private void writeRegister(int offset, long value, long written) {
    catchUp();
    if (offset >= 0x100 && offset < 0x100 + 0x20 * TIMERS) {
      int n = offset - 0x100 >> 5;
      if ((offset & 0x1F) == 0) {
        comparators[n].writeConfig(value);
        if (!comparators[n].is(Comparator.LEVEL)) {
          status &= ~(1 << n);
        }
        driveLevels();
      } else if ((offset & 0x1F) == 8) {
        comparators[n].writeComparator(value, written);
      }
      arm(n);
      return;
    }
    switch (offset) {
      case 0x010 -> writeConfig((int) value & (RUN | LEGACY));
      case 0x020 -> {
        status &= (int) ~(value & written); // write one to clear
        driveLevels();
      }
      case 0x0F0 -> {
        if (!running()) {
          counter = value;
        }
      }
      default -> { }
    }
  }

  private void writeConfig(int value) {
    if ((value & RUN) != 0 && !running()) {
      counter -= ticks();
    } else if ((value & RUN) == 0 && running()) {
      counter += ticks();
    }
    boolean legacyChanges = ((value ^ config) & LEGACY) != 0;
    config = value;
    if (legacyChanges) {
      tellLegacyTimers();
    }
    driveLevels();
    armAll();
  }

  @Override public void start() {
    resume();
  }

  @Override public void pause() {
    // the clock stands still, so no timer fires
  }

  @Override public void resume() {
    catchUp();
    driveLevels();
    armAll();
  }

  @Override public void reset() {
    comparators = fresh();
    status = 0;
    writeConfig(0);
    counter = 0;
    armAll();
  }

  @Override public void halt() {
    for (DeviceTimer t : timers) {
      t.cancel();
    }
  }

  @Override public DeviceState export() {
    StateWriter w = new StateWriter().put("config", config).put("status", status).put("counter", counter);
    for (int n = 0; n < TIMERS; n++) {
      comparators[n].export(w, "timer" + n + ".");
    }
    return w.put("due", due).toState(SCHEMA, VERSION);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader r = state.open(SCHEMA, VERSION);
    int newConfig = r.getInt("config", 0, RUN | LEGACY);
    int newStatus = r.getInt("status", 0, (1 << TIMERS) - 1);
    long newCounter = r.getLong("counter");
    Comparator[] c = new Comparator[TIMERS];
    for (int n = 0; n < TIMERS; n++) {
      c[n] = Comparator.restored(r, "timer" + n + ".");
    }
    long[] newDue = state.version() < VERSION ? overdue(c, newConfig, newCounter) : r.getLongs("due", TIMERS);
    r.finish();
    config = newConfig;
    status = newStatus;
    counter = newCounter;
    comparators = c;
    System.arraycopy(newDue, 0, due, 0, TIMERS);
  }

  /** For a state of version 1, which does not say it of one-shots: matches that lie behind. */
  private long[] overdue(Comparator[] c, int itsConfig, long itsCounter) {
    long[] matches = new long[TIMERS];
    long ticks = ticks();
    for (int n = 0; n < TIMERS; n++) {
      long now = itsCounter + ticks;
      matches[n] = (itsConfig & RUN) != 0 && c[n].isLate(now) ? ticks - c[n].behind(now) : NEVER;
    }
    return matches;
  }
}
