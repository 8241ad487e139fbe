package annulus.device.acpi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A system description table in the making (ACPI 6.4 5.2.6): a header of 36 bytes and what is put behind it. */
final class Table {
  static final int HEADER = 36;
  static final String OEM = "ANNULS";

  private final ByteBuffer b = ByteBuffer.allocate(0x10000).order(ByteOrder.LITTLE_ENDIAN);

  Table(String signature, int revision) {
    text(signature).u32(0).u8(revision).u8(0).text(OEM).text("ANNULUS ").u32(1).text("ANLS").u32(1);
  }

  Table text(String ascii) {
    b.put(ascii.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  Table u8(int value) {
    b.put((byte) value);
    return this;
  }

  Table u16(int value) {
    b.putShort((short) value);
    return this;
  }

  Table u32(long value) {
    b.putInt((int) value);
    return this;
  }

  Table u64(long value) {
    b.putLong(value);
    return this;
  }

  Table bytes(byte[] bytes) {
    b.put(bytes);
    return this;
  }

  Table zeros(int count) {
    return bytes(new byte[count]);
  }

  /** Generic address structure (5.2.3.2): space 0 memory or 1 ports; access 1 byte, 2 word, 3 dword. */
  Table address(int space, int bits, int access, long address) {
    return u8(space).u8(bits).u8(0).u8(access).u64(address);
  }

  /** The finished table, length and checksum filled in. */
  byte[] finish() {
    b.putInt(4, b.position());
    byte[] bytes = Arrays.copyOf(b.array(), b.position());
    bytes[9] = checksum(bytes, 0, bytes.length);
    return bytes;
  }

  /** What makes the bytes of a range sum up to zero. */
  static byte checksum(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum += bytes[i];
    }
    return (byte) -sum;
  }
}
