package annulus.engine.translator;

import org.jspecify.annotations.Nullable;

/** Values for bytes of guest code: room is made for pages that have some, mostly one or two of the sixteen that were looked at. */
final class PerByte<T> {
  private final @Nullable Object[] @Nullable [] pages;

  /** For so many pages. */
  PerByte(int pages) {
    this.pages = new Object[pages][];
  }

  @SuppressWarnings("unchecked") // set puts in nothing else
  @Nullable T get(int index) {
    Object[] page = pages[index >>> 12];
    return page == null ? null : (T) page[index & CodeBytes.PAGE - 1];
  }

  void set(int index, T value) {
    Object[] page = pages[index >>> 12];
    if (page == null) {
      page = new Object[CodeBytes.PAGE];
      pages[index >>> 12] = page;
    }
    page[index & CodeBytes.PAGE - 1] = value;
  }
}
