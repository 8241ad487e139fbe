package annulus.core.board;

import annulus.device.DeviceClock;

/** Guest time: host monotonic time less the time the machine stood still. Read without a lock on every RDTSC. */
public final class MachineClock implements DeviceClock {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** While running, guest nanos = host nanos + offset; while stopped, {@code stoppedAt} is the time. Replaced as one. */
  private record Setting(boolean running, long offset, long stoppedAt) {}

  private final long tscHz;
  private volatile Setting setting = new Setting(false, 0, 0);

  public MachineClock(long tscHz) {
    this.tscHz = tscHz;
  }

  @Override public long nanos() {
    Setting s = setting;
    return s.running() ? System.nanoTime() + s.offset() : s.stoppedAt();
  }

  @Override public long tsc() {
    long nanos = nanos();
    return nanos / NANOS_PER_SECOND * tscHz + nanos % NANOS_PER_SECOND * tscHz / NANOS_PER_SECOND;
  }

  /** Whether time passes. */
  public boolean running() {
    return setting.running();
  }

  /** Lets time pass from where it stood. */
  public void start() {
    Setting s = setting;
    if (!s.running()) {
      setting = new Setting(true, s.stoppedAt() - System.nanoTime(), 0);
    }
  }

  public void stop() {
    if (setting.running()) {
      setting = new Setting(false, 0, nanos());
    }
  }

  /** Sets the time of a stopped clock. */
  public void set(long nanos) {
    if (setting.running()) {
      throw new IllegalStateException("the clock is running");
    }
    setting = new Setting(false, 0, nanos);
  }
}
