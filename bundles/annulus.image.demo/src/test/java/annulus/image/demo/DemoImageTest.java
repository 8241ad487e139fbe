package annulus.image.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoImageTest {
  private static final int MULTIBOOT = 0x1BAD_B002;

  @TempDir private Path folder;

  private static byte[] committed() throws IOException {
    try (InputStream in = DemoImage.class.getResourceAsStream("demo.bin")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  @Test void committedImageIsWhatTheSourceAssemblesTo() throws IOException, InterruptedException {
    boolean installed = Stream.of(String.valueOf(System.getenv("PATH")).split(":")).anyMatch(p -> Files.isExecutable(Path.of(p, "nasm")));
    if (!installed) {
      System.out.println("DemoImageTest: nasm is not installed, so the embedded guest is not compared with its source");
    }
    Assumptions.assumeTrue(installed, "nasm is not installed");
    Path script = Path.of("src/main/guest/build.sh");
    Path made = folder.resolve("demo.bin");
    Process p = new ProcessBuilder("sh", script.toString(), made.toString()).redirectErrorStream(true).start();
    String output = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(p.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, p.exitValue(), output);
    Path expected = Files.write(folder.resolve("committed"), committed());
    assertEquals(-1, Files.mismatch(expected, made), "src/main/guest/build.sh makes another image: run it and commit the result");
  }

  @Test void theImageHasAMultibootHeaderWithItsOwnAddresses() throws IOException {
    ByteBuffer b = ByteBuffer.wrap(committed()).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (b.getInt(at) != MULTIBOOT) {
      at += 4;
      assertTrue(at < 8192, "a header within 8 KiB");
    }
    assertEquals(0, b.getInt(at) + b.getInt(at + 4) + b.getInt(at + 8), "checksum");
    assertTrue((b.getInt(at + 4) & 1 << 16) != 0, "a flat file needs addresses");
    int load = b.getInt(at + 16);
    int loadEnd = b.getInt(at + 20);
    int entry = b.getInt(at + 28);
    assertTrue(loadEnd == 0 || loadEnd - load <= b.capacity());
    assertTrue(entry >= load && entry < load + b.capacity());
  }
}
