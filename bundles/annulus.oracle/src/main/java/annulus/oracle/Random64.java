package annulus.oracle;

/** SplitMix64: the same numbers from a seed in every release, because recorded cases keep seeds instead of states. */
final class Random64 {
  private long state;

  Random64(long seed) {
    state = seed;
  }

  long next() {
    state += 0x9E3779B97F4A7C15L;
    long z = state;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /** 0 to {@code bound} - 1. */
  int below(int bound) {
    return (int) ((next() >>> 33) * bound >>> 31);
  }

  /** True in {@code percent} of a hundred calls. */
  boolean chance(int percent) {
    return below(100) < percent;
  }
}
