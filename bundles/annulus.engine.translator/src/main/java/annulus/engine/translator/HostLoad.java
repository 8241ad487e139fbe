package annulus.engine.translator;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Whether this process leaves processors of the host idle, by the time that it took of them in the last {@value #WINDOW} ms. */
final class HostLoad {
  /** Milliseconds; what the host counts is a multiple of 10. */
  static final int WINDOW = 100;
  /** How much of a processor has to be left. */
  private static final double LEFT = 0.25;
  /** More than any host has: it cannot say. */
  static final long UNKNOWN = Long.MAX_VALUE / 2;

  private final LongSupplier used;
  private final int processors;
  private long since;
  private long usedThen;
  private volatile boolean hasTime;

  HostLoad() {
    this(HostLoad::usedByProcess, Runtime.getRuntime().availableProcessors());
  }

  /** @param used nanoseconds of processors that were used up to now, or {@link #UNKNOWN} */
  HostLoad(LongSupplier used, int processors) {
    this.used = used;
    this.processors = processors;
  }

  private static long usedByProcess() {
    return ProcessHandle.current().info().totalCpuDuration().map(Duration::toNanos).orElse(UNKNOWN);
  }

  /** Begins at {@code now}, in nanoseconds. */
  void begin(long now) {
    since = now;
    usedThen = used.getAsLong();
    hasTime = false;
  }

  /** To be called often, by one thread. */
  void look(long now) {
    long elapsed = now - since;
    if (elapsed >= WINDOW * 1_000_000L) {
      long before = usedThen;
      usedThen = used.getAsLong();
      since = now;
      hasTime = before != UNKNOWN && usedThen != UNKNOWN && usedThen - before <= (processors - LEFT) * elapsed;
    }
  }

  /** Whether processors are idle, or have been lately. */
  boolean hasTime() {
    return hasTime;
  }
}
