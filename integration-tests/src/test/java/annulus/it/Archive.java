package annulus.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A program for a Linux guest's {@code /bin}, as a file that is given to the loader behind the initial RAM disk: Linux unpacks
 * archives that follow one another (Documentation/driver-api/early-userspace/buffer-format.rst).
 */
final class Archive {
  private static final String MAGIC = "070701";
  private static final String TRAILER = "TRAILER!!!";
  private static final int EXECUTABLE = 0100755;
  private static final int ALIGNMENT = 4;

  private Archive() {}

  /** Writes the archive beside {@code program}. @return the file */
  static Path of(String name, Path program) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    entry(out, "bin/" + name, EXECUTABLE, Files.readAllBytes(program));
    entry(out, TRAILER, 0, new byte[0]);
    return Files.write(program.resolveSibling(name + ".cpio"), out.toByteArray());
  }

  private static void entry(ByteArrayOutputStream out, String name, int mode, byte[] content) {
    // inode, mode, user, group, links, time, size, two devices of two numbers, length of the name with its NUL, checksum
    int[] fields = {0, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length() + 1, 0};
    StringBuilder header = new StringBuilder(MAGIC);
    for (int field : fields) {
      header.append("%08X".formatted(field));
    }
    out.writeBytes(header.append(name).append('\0').toString().getBytes(StandardCharsets.US_ASCII));
    pad(out);
    out.writeBytes(content);
    pad(out);
  }

  private static void pad(ByteArrayOutputStream out) {
    while (out.size() % ALIGNMENT != 0) {
      out.write(0);
    }
  }
}
