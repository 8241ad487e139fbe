package annulus.cpu.decode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads an instruction's bytes in order, little-endian; past the end it reads zeros and remembers that. */
final class CodeReader {
  /** Longest instruction (SDM 2A 2.3.11). */
  static final int LONGEST = 15;

  private final byte[] bytes = new byte[LONGEST];
  private int limit;
  private int position;
  private boolean overrun;

  void open(MemorySegment code, long offset, int available) {
    limit = Math.min(available, LONGEST);
    MemorySegment.copy(code, ValueLayout.JAVA_BYTE, offset, bytes, 0, limit);
    position = 0;
    overrun = false;
  }

  void open(byte[] code, int offset, int available) {
    limit = Math.min(available, LONGEST);
    System.arraycopy(code, offset, bytes, 0, limit);
    position = 0;
    overrun = false;
  }

  int position() {
    return position;
  }

  /** Whether more was read than was there. */
  boolean overrun() {
    return overrun;
  }

  /** Whether an overrun means an instruction of more than 15 bytes and not merely missing bytes. */
  boolean complete() {
    return limit == LONGEST;
  }

  /** The next byte, not consumed, or 0. */
  int peek() {
    if (position >= limit) {
      overrun = true;
      return 0;
    }
    return bytes[position] & 0xFF;
  }

  int u8() {
    if (position >= limit) {
      overrun = true;
      return 0;
    }
    return bytes[position++] & 0xFF;
  }

  int u16() {
    return u8() | u8() << 8;
  }

  int s32() {
    return u16() | u16() << 16;
  }

  long s64() {
    return s32() & 0xFFFF_FFFFL | (long) s32() << 32;
  }

  /** A sign-extended value of 1, 2, 4 or 8 bytes. */
  long signed(int size) {
    return switch (size) {
      case 1 -> (byte) u8();
      case 2 -> (short) u16();
      case 4 -> s32();
      default -> s64();
    };
  }
}
