package annulus.loader.linux;

import annulus.tck.loader.ElfBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.XZOutputStream;

/** A small bzImage: two setup sectors, a stub and a payload with its size behind it, as Linux builds them. */
final class BzImage {
  static final int SETUP = 3 * 512;
  static final int STUB = 0x300;
  static final long PREFERRED = 0x100_0000;
  static final int INIT_SIZE = 0x10_0000;
  static final int LONGEST_COMMAND_LINE = 255;
  static final byte[] TEXT = ElfBuilder.pattern(700, 21);

  private interface Packer {
    OutputStream open(OutputStream to) throws IOException;
  }

  private BzImage() {}

  /** The kernel inside: entered at its second segment. */
  static byte[] vmlinux(boolean wide) {
    return new ElfBuilder(wide, 0x120_0010).segment(0x100_0000, wide ? 0xFFFF_FFFF_8100_0000L : 0xC100_0000L, TEXT, 0x1000)
        .segment(0x120_0000, 0, ElfBuilder.pattern(90, 22), 0x4000).build();
  }

  static byte[] gzip(boolean wide) {
    return image(payload(vmlinux(wide), GZIPOutputStream::new), wide);
  }

  static byte[] xz() {
    return image(payload(vmlinux(true), o -> new XZOutputStream(o, new LZMA2Options(0))), true);
  }

  static byte[] bzip2() {
    return image(payload(vmlinux(true), o -> new BZip2CompressorOutputStream(o, 1)), true);
  }

  static byte[] lzma() {
    return image(payload(vmlinux(true), o -> new LZMAOutputStream(o, new LZMA2Options(0), -1)), true);
  }

  /** A payload that unpacks to this many zeros. */
  static byte[] bomb(int size) {
    return image(payload(new byte[size], GZIPOutputStream::new), true);
  }

  /** A payload in no format the loader knows. */
  static byte[] unknown(boolean wide) {
    return image(ElfBuilder.pattern(500, 23), wide);
  }

  private static byte[] payload(byte[] vmlinux, Packer packer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = packer.open(bytes)) {
      out.write(vmlinux);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    // Linux' build appends the unpacked size
    bytes.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(vmlinux.length).array());
    return bytes.toByteArray();
  }

  private static byte[] image(byte[] payload, boolean wide) {
    ByteBuffer b = ByteBuffer.allocate(SETUP + STUB + payload.length).order(ByteOrder.LITTLE_ENDIAN);
    b.put(SETUP, ElfBuilder.pattern(STUB, 24));
    b.put(0x1F1, (byte) 2).putShort(0x1FE, (short) 0xAA55).put(0x200, (byte) 0xEB).put(0x201, (byte) 0x6A);
    b.putInt(0x202, 0x5372_6448).putShort(0x206, (short) 0x20F).putShort(0x20E, (short) 0x200);
    b.put(0x211, (byte) 1).putInt(0x22C, 0x7FFF_FFFF).putShort(0x236, (short) (wide ? 1 : 0)).putInt(0x238, LONGEST_COMMAND_LINE);
    b.putInt(0x248, STUB).putInt(0x24C, payload.length).putLong(0x258, PREFERRED).putInt(0x260, INIT_SIZE);
    b.put(0x400, "6.1.0-9-test (builder@host) #1 SMP\0".getBytes(StandardCharsets.US_ASCII));
    return b.put(SETUP + STUB, payload).array();
  }
}
