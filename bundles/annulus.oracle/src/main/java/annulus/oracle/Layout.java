package annulus.oracle;

/**
 * What lies where, as offsets from the base of one mapping below 2 GiB that is aligned to 64 KiB. Everything else in it is
 * inaccessible, so that an access that misses the data on purpose faults at a known address.
 *
 * <pre>
 *  00000 stub    01000 its context
 *  10000 base of 16-bit code    12000 page of code
 *  20000 base of data segments  22000 two pages of data   24000 a page that is only readable
 * </pre>
 */
final class Layout {
  static final int SIZE = 0x40000;
  static final int PAGE = 0x1000;
  static final int STUB = 0;
  static final int CONTEXT = 0x1000;
  static final int CODE_BASE = 0x10000;
  static final int CODE = 0x12000;
  static final int DATA_BASE = 0x20000;
  static final int DATA = 0x22000;
  static final int DATA_SIZE = 0x2000;
  static final int READ_ONLY = 0x24000;
  /** End of the readable pages. */
  static final int END = 0x25000;
  /** Lowest address a process may map on Linux by default (vm.mmap_min_addr). */
  static final int LOWEST_MAPPED = 0x10000;

  private Layout() {}

  /** Whether a page fault at {@code linear} is one the host would report alike: nothing else can be mapped there. */
  static boolean certainlyFaults(long base, long linear) {
    long offset = linear - base;
    return linear >= 0 && (linear < LOWEST_MAPPED || offset >= CODE + PAGE && offset < SIZE);
  }
}
