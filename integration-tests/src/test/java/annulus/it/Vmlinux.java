package annulus.it;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;
import org.tukaani.xz.SingleXZInputStream;

/** The ELF kernel inside a bzImage (Documentation/arch/x86/boot.rst). */
final class Vmlinux {
  private static final byte[] XZ = {(byte) 0xFD, '7', 'z', 'X', 'Z', 0};
  private static final int SETUP_SECTORS = 0x1F1;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24C;

  private Vmlinux() {}

  /** Writes the unpacked kernel. A kernel packed otherwise than Debian's aborts the test with that reason. */
  static void unpack(Path bzImage, Path to) throws IOException {
    ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(bzImage)).order(ByteOrder.LITTLE_ENDIAN);
    int sectors = image.get(SETUP_SECTORS) == 0 ? 4 : image.get(SETUP_SECTORS) & 0xFF;
    int from = (sectors + 1) * 512 + image.getInt(PAYLOAD_OFFSET);
    byte[] payload = Arrays.copyOfRange(image.array(), from, from + image.getInt(PAYLOAD_LENGTH));
    if (!Arrays.equals(payload, 0, XZ.length, XZ, 0, XZ.length)) {
      String reason = bzImage + " is not packed with xz: no unpacked kernel to boot by PVH";
      System.out.println(reason);
      Assumptions.abort(reason);
    }
    try (SingleXZInputStream in = new SingleXZInputStream(new ByteArrayInputStream(payload))) {
      Files.copy(in, to);
    }
  }
}
