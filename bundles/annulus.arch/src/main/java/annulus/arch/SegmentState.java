package annulus.arch;

/**
 * A segment register with its hidden part.
 *
 * @param selector the visible part, 16 bits
 * @param base linear base address
 * @param limit highest valid offset in bytes, granularity already applied, 0 to 0xFFFF_FFFF
 * @param attributes descriptor bits 40-47 in bits 0-7 (type, S, DPL, P) and bits 52-55 in bits 12-15 (AVL, L, D/B, G),
 *     as in a VMCS access-rights field (SDM 3C 24.4.1); bit 16 set: unusable
 */
public record SegmentState(int selector, long base, long limit, int attributes) {
  public static final int TYPE = 0xF;
  public static final int CODE_OR_DATA = 1 << 4;
  public static final int DPL_SHIFT = 5;
  public static final int PRESENT = 1 << 7;
  public static final int AVL = 1 << 12;
  public static final int LONG = 1 << 13;
  public static final int BIG = 1 << 14;
  public static final int GRANULARITY = 1 << 15;
  public static final int UNUSABLE = 1 << 16;

  public SegmentState {
    if ((selector & ~0xFFFF) != 0 || (limit & ~0xFFFF_FFFFL) != 0) {
      throw new IllegalArgumentException("segment selector %x or limit %x out of range".formatted(selector, limit));
    }
  }

  /** A real-mode data segment: base is selector times 16, limit 64 KiB. */
  public static SegmentState real(int selector) {
    return new SegmentState(selector, (long) selector << 4, 0xFFFF, 0x93);
  }

  /** A flat 4 GiB segment with these attributes. */
  public static SegmentState flat(int selector, int attributes) {
    return new SegmentState(selector, 0, 0xFFFF_FFFFL, attributes);
  }

  public int dpl() {
    return attributes >>> DPL_SHIFT & 3;
  }
}
