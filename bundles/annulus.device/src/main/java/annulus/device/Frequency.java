package annulus.device;

/**
 * A clock that counts the machine's time in ticks of its own, without drift: ticks are computed, never accumulated.
 *
 * @param hz ticks per second, 1 to 8,000,000,000
 */
public record Frequency(long hz) {
  private static final long SECOND = 1_000_000_000L;

  public Frequency {
    if (hz < 1 || hz > 8_000_000_000L) {
      throw new IllegalArgumentException("frequency " + hz + " Hz is not from 1 to 8000000000");
    }
  }

  /** Whole ticks in {@code nanos} nanoseconds. */
  public long ticks(long nanos) {
    return Math.floorDiv(nanos, SECOND) * hz + Math.floorMod(nanos, SECOND) * hz / SECOND;
  }

  /** The first nanosecond at which {@link #ticks} is {@code ticks}; {@link Long#MAX_VALUE} where that is beyond 292 years. */
  public long nanos(long ticks) {
    long seconds = Math.floorDiv(ticks, hz);
    if (seconds >= Long.MAX_VALUE / SECOND) {
      return Long.MAX_VALUE;
    }
    return seconds * SECOND + Math.ceilDiv(Math.floorMod(ticks, hz) * SECOND, hz);
  }
}
