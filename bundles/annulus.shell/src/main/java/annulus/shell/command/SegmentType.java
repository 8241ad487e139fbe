package annulus.shell.command;

import annulus.arch.SegmentState;

/** What a segment's hidden attributes say (SDM 3A 3.4.5.1 and 3.5). */
final class SegmentType {
  private static final int ACCESSED = 1;
  private static final int WRITABLE_OR_READABLE = 2;
  private static final int DOWN_OR_CONFORMING = 4;
  private static final int CODE = 8;

  private SegmentType() {}

  static String text(SegmentState s) {
    int a = s.attributes();
    if ((a & SegmentState.UNUSABLE) != 0) {
      return "unusable";
    }
    String type = (a & SegmentState.CODE_OR_DATA) == 0 ? system(a & SegmentState.TYPE) : segment(a);
    return type + ", DPL " + s.dpl() + ((a & SegmentState.GRANULARITY) != 0 ? ", 4K" : "")
        + ((a & SegmentState.PRESENT) == 0 ? ", not present" : "");
  }

  private static String segment(int a) {
    boolean code = (a & CODE) != 0;
    int bits = (a & SegmentState.LONG) != 0 && code ? 64 : (a & SegmentState.BIG) != 0 ? 32 : 16;
    String access = code ? (a & WRITABLE_OR_READABLE) != 0 ? "rx" : "x" : (a & WRITABLE_OR_READABLE) != 0 ? "rw" : "r";
    String variant = (a & DOWN_OR_CONFORMING) == 0 ? "" : code ? " conforming" : " expand-down";
    return (code ? "code" : "data") + bits + ' ' + access + variant + ((a & ACCESSED) != 0 ? " accessed" : "");
  }

  /** SDM 3A table 3-2; the 64-bit forms have the numbers of the 32-bit ones. */
  private static String system(int type) {
    return switch (type) {
      case 1 -> "TSS16";
      case 2 -> "LDT";
      case 3 -> "TSS16 busy";
      case 9 -> "TSS";
      case 11 -> "TSS busy";
      default -> "system type " + type;
    };
  }
}
