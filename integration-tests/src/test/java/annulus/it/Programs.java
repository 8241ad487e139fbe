package annulus.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Small guests, as files: those assembled from {@code src/test/guest}, and some that are a few bytes only. */
final class Programs {
  /** {@code lidt [0x7c10]} (a limit of 0: memory there is zero); {@code int3}: without a table this is a triple fault. */
  private static final byte[] TRIPLE_FAULT = {0x0F, 0x01, 0x1E, 0x10, 0x7C, (byte) 0xCC};
  /** {@code cli; hlt} for ever. */
  private static final byte[] STOP = {(byte) 0xFA, (byte) 0xF4, (byte) 0xEB, (byte) 0xFC};

  private Programs() {}

  /** An assembled guest. */
  static Path assembled(Path folder, String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(Programs.class.getResourceAsStream(name), name)) {
      return Files.write(folder.resolve(name), in.readAllBytes());
    }
  }

  /** For the raw loader in real mode. */
  static Path tripleFault(Path folder) throws IOException {
    return Files.write(folder.resolve("triplefault.bin"), TRIPLE_FAULT);
  }

  /** For the raw loader in real mode: halts and never ends. */
  static Path stop(Path folder) throws IOException {
    return Files.write(folder.resolve("stop.bin"), STOP);
  }

  /** For the raw loader in real mode: writes a byte to a port and halts. */
  static Path portWrite(Path folder, int port) throws IOException {
    // mov dx, port; mov al, 1; out dx, al; hlt; jmp $-1
    return Files.write(folder.resolve("portwrite.bin"), new byte[] {
        (byte) 0xBA, (byte) port, (byte) (port >> 8), (byte) 0xB0, 1, (byte) 0xEE, (byte) 0xF4, (byte) 0xEB, (byte) 0xFD});
  }
}
