package annulus.loader;

import annulus.loader.LoadException.Reason;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian reads from a hostile image: whatever lies outside it is a {@link LoadException} that says what was looked for. */
public final class ImageBytes {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String name;
  private final MemorySegment bytes;

  public ImageBytes(String name, MemorySegment bytes) {
    this.name = name;
    this.bytes = bytes;
  }

  public long size() {
    return bytes.byteSize();
  }

  public int u8(String what, long at) throws LoadException {
    check(what, at, 1);
    return bytes.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  public int u16(String what, long at) throws LoadException {
    check(what, at, 2);
    return bytes.get(SHORT, at) & 0xFFFF;
  }

  public long u32(String what, long at) throws LoadException {
    check(what, at, 4);
    return bytes.get(INT, at) & 0xFFFF_FFFFL;
  }

  public long u64(String what, long at) throws LoadException {
    check(what, at, 8);
    return bytes.get(LONG, at);
  }

  /** A part of the image. */
  public MemorySegment slice(String what, long at, long length) throws LoadException {
    check(what, at, length);
    return bytes.asSlice(at, length);
  }

  /** Refuses what is wrong with the image. */
  public LoadException damaged(String message) {
    return new LoadException(Reason.DAMAGED, name + ": " + message);
  }

  public LoadException unsupported(String message) {
    return new LoadException(Reason.UNSUPPORTED, name + ": " + message);
  }

  private void check(String what, long at, long length) throws LoadException {
    if (at < 0 || length < 0 || at > bytes.byteSize() - length) {
      throw damaged("%s at 0x%x of %d bytes lies outside the file of %d bytes".formatted(what, at, length, bytes.byteSize()));
    }
  }

  /** Whether the image has {@code value} at {@code at}: for probes. */
  public static boolean has32(MemorySegment image, long at, int value) {
    return at >= 0 && at <= image.byteSize() - 4 && image.get(INT, at) == value;
  }
}
