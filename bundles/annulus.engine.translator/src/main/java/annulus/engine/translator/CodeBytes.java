package annulus.engine.translator;

/**
 * Pages of guest code as they were, at distances from the first that are the same wherever it is mapped. An offset counts bytes from
 * the start of the first page; an index counts only the pages that are here.
 */
final class CodeBytes {
  static final int PAGE = 4096;

  final byte[] bytes;
  private final int[] pages;

  /**
   * @param pages distances in pages, ascending from 0
   * @param bytes what the pages hold, one after the other
   */
  CodeBytes(int[] pages, byte[] bytes) {
    this.pages = pages;
    this.bytes = bytes;
  }

  /** A single page. */
  static CodeBytes of(byte[] page) {
    return new CodeBytes(new int[1], page);
  }

  int pages() {
    return pages.length;
  }

  /** Distance of page {@code n} from the first. */
  int page(int n) {
    return pages[n];
  }

  /** Pages from the first to the last, with those between that are not here. */
  int span() {
    return pages[pages.length - 1] + 1;
  }

  /** Where the byte at {@code offset} is, or -1. */
  int index(long offset) {
    long page = offset >> 12;
    for (int n = 0; n < pages.length; n++) {
      if (pages[n] == page) {
        return n << 12 | (int) offset & PAGE - 1;
      }
    }
    return -1;
  }

  int offset(int index) {
    return pages[index >>> 12] << 12 | index & PAGE - 1;
  }

  /** Index after the last byte that follows {@code index} without a gap. */
  int end(int index) {
    int n = index >>> 12;
    while (n + 1 < pages.length && pages[n + 1] == pages[n] + 1) {
      n++;
    }
    return n + 1 << 12;
  }
}
