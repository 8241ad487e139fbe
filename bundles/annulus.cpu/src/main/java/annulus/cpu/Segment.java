package annulus.cpu;

import annulus.arch.SegmentState;

/** A segment register with its hidden part, as the processor works with it. Attribute bits as in {@link SegmentState}. */
public final class Segment {
  public int selector;
  public long base;
  /** Highest valid offset, 0 to 0xFFFF_FFFF; the lowest invalid one of an expand-down segment. */
  public long limit;
  public int attributes;

  public SegmentState export() {
    return new SegmentState(selector, base, limit, attributes);
  }

  public void set(SegmentState s) {
    set(s.selector(), s.base(), s.limit(), s.attributes());
  }

  public void set(int selector, long base, long limit, int attributes) {
    this.selector = selector;
    this.base = base;
    this.limit = limit;
    this.attributes = attributes;
  }

  /** Loads as real and virtual-8086 mode do: base is selector times 16; the limit stays (SDM 3A 20.1.1). */
  public void setReal(int selector) {
    this.selector = selector;
    this.base = (long) selector << 4;
  }

  public int dpl() {
    return attributes >>> SegmentState.DPL_SHIFT & 3;
  }

  public int type() {
    return attributes & SegmentState.TYPE;
  }

  public boolean usable() {
    return (attributes & SegmentState.UNUSABLE) == 0;
  }

  /** D/B: 32-bit code, or a stack addressed by ESP. */
  public boolean big() {
    return (attributes & SegmentState.BIG) != 0;
  }

  /** L: 64-bit code. */
  public boolean isLong() {
    return (attributes & SegmentState.LONG) != 0;
  }
}
