package annulus.image.debian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostFilesTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"vmlinuz-6.1.0-9-amd64, vmlinuz-6.1.0-10-amd64", "vmlinuz-5.10.0-30-amd64, vmlinuz-6.1.0-9-amd64", "vmlinuz-6.1, vmlinuz-6.1.1",
      "vmlinuz-6.9, vmlinuz-6.10", "vmlinuz-6.1.0-9-amd64, vmlinuz-6.1.0-9-cloud-amd64", "vmlinuz-old, vmlinuz-1",
      "vmlinuz-6.1.0-99999999999999999998, vmlinuz-6.1.0-99999999999999999999"})
  void numbersAreComparedAsNumbers(String older, String newer) {
    assertTrue(HostFiles.compareVersions(older, newer) < 0);
    assertTrue(HostFiles.compareVersions(newer, older) > 0);
    assertEquals(0, HostFiles.compareVersions(newer, newer));
  }

  @Test void theNewestKernelIsFound() throws IOException {
    assertEquals(Optional.empty(), HostFiles.newestKernel(folder.resolve("none")));
    assertEquals(Optional.empty(), HostFiles.newestKernel(folder));
    for (String name : new String[] {"vmlinuz-6.1.0-9-amd64", "vmlinuz-6.1.0-31-amd64", "initrd.img-6.1.0-40-amd64", "vmlinuz-6.1.0-4-amd64"}) {
      Files.createFile(folder.resolve(name));
    }
    assertEquals(Optional.of(folder.resolve("vmlinuz-6.1.0-31-amd64")), HostFiles.newestKernel(folder));
  }

  private Path elf(int klass, int machine, int... headers) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(64 + 56 * headers.length).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0, 0x464C_457F).put(4, (byte) klass).putShort(18, (short) machine).putLong(32, 64).putShort(54, (short) 56);
    b.putShort(56, (short) headers.length);
    for (int n = 0; n < headers.length; n++) {
      b.putInt(64 + 56 * n, headers[n]);
    }
    return Files.write(folder.resolve("elf"), b.array());
  }

  @Test void aStaticExecutableHasNoInterpreter() throws IOException {
    assertTrue(HostFiles.staticExecutable(elf(2, 62, 1, 1, 4)));
    assertFalse(HostFiles.staticExecutable(elf(2, 62, 1, 3, 1)), "a dynamic linker is asked for");
    assertFalse(HostFiles.staticExecutable(elf(2, 183, 1)), "another processor's");
    assertFalse(HostFiles.staticExecutable(elf(1, 62, 1)), "32 bits");
    assertFalse(HostFiles.staticExecutable(Files.writeString(folder.resolve("script"), "#!/bin/sh\n".repeat(20))));
    assertFalse(HostFiles.staticExecutable(folder.resolve("none")));
    assertFalse(HostFiles.staticExecutable(folder));
    Path far = elf(2, 62, 1);
    byte[] b = Files.readAllBytes(far);
    ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN).putLong(32, Long.MAX_VALUE);
    assertFalse(HostFiles.staticExecutable(Files.write(far, b)), "headers that lie nowhere");
    assertFalse(HostFiles.staticExecutable(Files.write(far, java.util.Arrays.copyOf(b, 63))));
  }
}
