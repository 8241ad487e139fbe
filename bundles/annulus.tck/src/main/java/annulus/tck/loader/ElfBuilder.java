package annulus.tck.loader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes small ELF executables of either class (System V ABI, chapters 4 and 5), headers first, then the contents in order. */
public final class ElfBuilder {
  private static final int CONTENTS = 0x400;

  private record Part(int type, long physical, long linear, byte[] bytes, long size) {}

  private final boolean wide;
  private final long entry;
  private final List<Part> parts = new ArrayList<>();

  public ElfBuilder(boolean wide, long entry) {
    this.wide = wide;
    this.entry = entry;
  }

  /** Adds a loadable segment of {@code size} bytes in memory. */
  public ElfBuilder segment(long physical, long linear, byte[] bytes, long size) {
    parts.add(new Part(1, physical, linear, bytes, size));
    return this;
  }

  /** Adds a note segment with one note. */
  public ElfBuilder note(String owner, int type, byte[] value) {
    int name = owner.length() + 1 + 3 & ~3;
    ByteBuffer b = ByteBuffer.allocate(12 + name + (value.length + 3 & ~3)).order(ByteOrder.LITTLE_ENDIAN).putInt(owner.length() + 1).putInt(value.length).putInt(type);
    b.put(owner.getBytes(StandardCharsets.US_ASCII)).position(12 + name);
    b.put(value);
    parts.add(new Part(4, 0, 0, b.array(), b.capacity()));
    return this;
  }

  public byte[] build() {
    int header = wide ? 56 : 32;
    int length = CONTENTS + parts.stream().mapToInt(p -> p.bytes().length).sum();
    ByteBuffer b = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN).putInt(0x464C_457F).put((byte) (wide ? 2 : 1)).put((byte) 1).put((byte) 1);
    b.putShort(16, (short) 2).putShort(18, (short) (wide ? 62 : 3)).putInt(20, 1);
    if (wide) {
      b.putLong(24, entry).putLong(32, 64).putShort(52, (short) 64).putShort(54, (short) header).putShort(56, (short) parts.size());
    } else {
      b.putInt(24, (int) entry).putInt(28, 52).putShort(40, (short) 52).putShort(42, (short) header).putShort(44, (short) parts.size());
    }
    int at = wide ? 64 : 52;
    int offset = CONTENTS;
    for (Part p : parts) {
      b.putInt(at, p.type());
      if (wide) {
        b.putLong(at + 8, offset).putLong(at + 16, p.linear()).putLong(at + 24, p.physical());
        b.putLong(at + 32, p.bytes().length).putLong(at + 40, p.size());
      } else {
        b.putInt(at + 4, offset).putInt(at + 8, (int) p.linear()).putInt(at + 12, (int) p.physical());
        b.putInt(at + 16, p.bytes().length).putInt(at + 20, (int) p.size());
      }
      b.put(offset, p.bytes());
      at += header;
      offset += p.bytes().length;
    }
    return b.array();
  }

  /** {@code length} bytes that no other part of an image has. */
  public static byte[] pattern(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
