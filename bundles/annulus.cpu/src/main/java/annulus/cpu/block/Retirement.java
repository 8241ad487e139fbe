package annulus.cpu.block;

/** Why a {@link Region} is no more, other than that a larger one has taken its place. */
enum Retirement {
  /** The processor has written a page that it covers. */
  WRITTEN("written"),
  /** Another processor or a device has. */
  WRITTEN_ELSEWHERE("written-elsewhere"),
  /** There was no more room for decoded code. */
  CACHE_FULL("cache-full"),
  /** There was no more room for compiled code. */
  EVICTED("evicted"),
  /** The engine was told to forget what it knows of memory. */
  FLUSHED("flushed");

  private final String label;

  Retirement(String label) {
    this.label = label;
  }

  /** In the names of figures. */
  String label() {
    return label;
  }
}
