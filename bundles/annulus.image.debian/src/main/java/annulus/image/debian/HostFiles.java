package annulus.image.debian;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the host has already: kernels and a static busybox. */
final class HostFiles {
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int ELF_MAGIC = 0x464C_457F;
  private static final int PT_INTERP = 3;
  private static final int MACHINE_X86_64 = 62;

  private HostFiles() {}

  /** The readable {@code vmlinuz-*} in {@code folder} of the highest version. */
  static Optional<Path> newestKernel(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "vmlinuz-*")) {
      files.forEach(f -> {
        if (Files.isReadable(f)) {
          found.add(f);
        }
      });
    }
    return found.stream().max((a, b) -> compareVersions(a.getFileName().toString(), b.getFileName().toString()));
  }

  /** Compares by the numbers in the names, so that 6.1.0-9 comes before 6.1.0-10. */
  static int compareVersions(String a, String b) {
    Matcher x = NUMBER.matcher(a);
    Matcher y = NUMBER.matcher(b);
    while (x.find()) {
      if (!y.find()) {
        return 1;
      }
      int c = new java.math.BigInteger(x.group()).compareTo(new java.math.BigInteger(y.group()));
      if (c != 0) {
        return c;
      }
    }
    return y.find() ? -1 : a.compareTo(b);
  }

  /** Whether {@code file} is an x86-64 executable that needs no dynamic linker, so that it runs alone in an initramfs. */
  static boolean staticExecutable(Path file) throws IOException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      return false;
    }
    ByteBuffer head = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file)) {
      while (head.hasRemaining() && channel.read(head) >= 0) {
        continue;
      }
    }
    int length = head.position();
    if (length < 64 || head.getInt(0) != ELF_MAGIC || head.get(4) != 2 || head.getShort(18) != MACHINE_X86_64) {
      return false;
    }
    long table = head.getLong(32);
    int size = head.getShort(54) & 0xFFFF;
    int count = head.getShort(56) & 0xFFFF;
    for (int i = 0; i < count; i++) {
      long at = table + (long) i * size;
      if (at < 0 || at > length - 4 || head.getInt((int) at) == PT_INTERP) {
        return false;
      }
    }
    return true;
  }
}
