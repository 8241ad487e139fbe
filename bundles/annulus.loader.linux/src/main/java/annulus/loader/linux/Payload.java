package annulus.loader.linux;

import annulus.loader.ImageBytes;
import annulus.loader.LoadException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.SingleXZInputStream;

/**
 * Unpacks a bzImage's payload on the host, so that the guest need not: the decompressor is three quarters of the instructions of
 * a boot. Formats are told by their magic; one that is not known here is left to the kernel's own decompressor.
 */
final class Payload {
  private static final int XZ_MEMORY_KIB = 256 << 10;

  private Payload() {}

  /**
   * The unpacked kernel, or empty where the format is none of gzip, bzip2, xz and lzma.
   *
   * @param most bytes it may have at most
   */
  static Optional<MemorySegment> unpack(ImageBytes image, MemorySegment payload, long most) throws LoadException {
    byte[] packed = payload.toArray(ValueLayout.JAVA_BYTE);
    try (InputStream in = open(packed)) {
      if (in == null) {
        return Optional.empty();
      }
      int limit = (int) Math.min(most, Integer.MAX_VALUE - 16);
      byte[] unpacked = in.readNBytes(limit);
      if (unpacked.length == limit) {
        throw image.damaged("the unpacked kernel is larger than the machine's " + (most >> 20) + " MiB of memory");
      }
      return Optional.of(MemorySegment.ofArray(unpacked));
    } catch (IOException e) {
      throw image.damaged("the compressed kernel cannot be unpacked: " + e.getMessage());
    }
  }

  private static @Nullable InputStream open(byte[] b) throws IOException {
    InputStream in = new ByteArrayInputStream(b);
    if (starts(b, 0x1F, 0x8B)) {
      // One member only: the unpacked size stands behind the stream
      return new GzipCompressorInputStream(in);
    }
    if (starts(b, 0xFD, '7', 'z', 'X', 'Z', 0)) {
      return new SingleXZInputStream(in, XZ_MEMORY_KIB);
    }
    if (starts(b, 'B', 'Z', 'h')) {
      return new BZip2CompressorInputStream(in);
    }
    if (starts(b, 0x5D, 0, 0)) {
      return new LZMAInputStream(in, XZ_MEMORY_KIB);
    }
    return null;
  }

  private static boolean starts(byte[] b, int... magic) {
    if (b.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((b[i] & 0xFF) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
