package annulus.image.debian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.loader.GuestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resolving without a network: named files, and the host's own. */
class LinuxImageTest {
  @TempDir private Path folder;
  private LinuxImage image;
  private Path kernel;
  private Path busybox;

  @BeforeEach void host() throws IOException {
    kernel = Files.writeString(Files.createDirectories(folder.resolve("boot")).resolve("vmlinuz-6.1.0-1-amd64"), "kernel");
    busybox = Files.writeString(folder.resolve("busybox"), "busybox");
    image = new LinuxImage(folder.resolve("cache"), folder.resolve("boot"), folder.resolve("none"));
  }

  private GuestImage resolve(Map<String, String> options) throws IOException {
    return image.resolve(options, (what, done, total) -> { });
  }

  @Test void theHostsKernelIsTakenAndTheInitramfsMadeInTheCache() throws IOException {
    GuestImage guest = resolve(Map.of("busybox", busybox.toString()));
    assertEquals(kernel, guest.kernel());
    assertEquals(folder.resolve("cache/initramfs.gz"), guest.modules().get(0));
    assertTrue(Files.size(guest.modules().get(0)) > 100);
    assertTrue(guest.defaultCommandLine().contains("console=ttyS0"));
  }

  @Test void aNamedKernelIsPreferred() throws IOException {
    Path own = Files.writeString(folder.resolve("own"), "own");
    assertEquals(own, resolve(Map.of("busybox", busybox.toString(), "kernel", own.toString())).kernel());
  }

  @Test void badOptionsAreRefusedByNameAndValue() {
    for (Map.Entry<String, String> o : Map.of("colour", "blue", "kernel", "/no/such/kernel", "busybox", "/no/busybox", "architecture", "sparc",
        "fetch", "perhaps").entrySet()) {
      IOException e = assertThrows(IOException.class, () -> resolve(Map.of(o.getKey(), o.getValue())));
      assertTrue(String.valueOf(e.getMessage()).contains(o.getKey() + " = " + o.getValue()), e.getMessage());
    }
  }
}
