package annulus.image.debian;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class DebPackageTest {
  private static final byte[] KERNEL = bytes(30_001, 1);

  @TempDir private Path folder;

  private static byte[] bytes(int length, int seed) {
    byte[] b = new byte[length];
    new Random(seed).nextBytes(b);
    return b;
  }

  private static byte[] tar(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.putArchiveEntry(new TarArchiveEntry("./boot/"));
      tar.closeArchiveEntry();
      for (String name : names) {
        TarArchiveEntry e = new TarArchiveEntry(name);
        byte[] content = name.contains("vmlinuz") || name.contains("busybox") ? KERNEL : bytes(100, 2);
        e.setSize(content.length);
        tar.putArchiveEntry(e);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] compress(String how, byte[] tar) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = switch (how) {
      case ".xz" -> new XZOutputStream(bytes, new LZMA2Options(0));
      case ".gz" -> new GZIPOutputStream(bytes);
      default -> bytes;
    }) {
      out.write(tar);
    }
    return bytes.toByteArray();
  }

  private Path deb(String data, byte[] content) throws IOException {
    Path file = folder.resolve("package.deb");
    try (ArArchiveOutputStream ar = new ArArchiveOutputStream(Files.newOutputStream(file))) {
      member(ar, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
      member(ar, "control.tar.xz", bytes(77, 3));
      member(ar, data, content);
    }
    return file;
  }

  private static void member(ArArchiveOutputStream ar, String name, byte[] content) throws IOException {
    ar.putArchiveEntry(new ArArchiveEntry(name, content.length));
    ar.write(content);
    ar.closeArchiveEntry();
  }

  private List<String> files() throws IOException {
    try (var all = Files.list(folder)) {
      return all.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test void theFileIsTakenOutOfEveryKindOfPackage() throws IOException {
    Path target = folder.resolve("vmlinuz");
    for (String how : new String[] {".xz", ".gz", ""}) {
      Path deb = deb("data.tar" + how, compress(how, tar("./boot/config-6.1", "./boot/vmlinuz-6.1.0-31-amd64")));
      DebPackage.extract(deb, "boot/vmlinuz-", target);
      assertArrayEquals(KERNEL, Files.readAllBytes(target), how);
      Files.delete(target);
    }
  }

  @Test void filesOfAMergedUsrAreFoundToo() throws IOException {
    Path target = folder.resolve("busybox");
    DebPackage.extract(deb("data.tar.xz", compress(".xz", tar("./usr/bin/busybox"))), "bin/busybox", target);
    assertArrayEquals(KERNEL, Files.readAllBytes(target));
    assertEquals(List.of("busybox", "package.deb"), files(), "nothing else is left");
  }

  @Test void whatIsMissingIsNamed() throws IOException {
    Path target = folder.resolve("t");
    IOException none = assertThrows(IOException.class, () -> DebPackage.extract(deb("data.tar", tar("./etc/x")), "boot/vmlinuz-", target));
    assertTrue(String.valueOf(none.getMessage()).contains("boot/vmlinuz-"), none.getMessage());
    IOException data = assertThrows(IOException.class, () -> DebPackage.extract(deb("other", new byte[10]), "boot/vmlinuz-", target));
    assertTrue(String.valueOf(data.getMessage()).contains("data.tar"), data.getMessage());
    IOException zst = assertThrows(IOException.class, () -> DebPackage.extract(deb("data.tar.zst", new byte[10]), "boot/vmlinuz-", target));
    assertTrue(String.valueOf(zst.getMessage()).contains("data.tar.zst"), zst.getMessage());
    assertThrows(IOException.class, () -> DebPackage.extract(Files.write(folder.resolve("junk"), bytes(5000, 4)), "x", target));
    assertFalse(Files.exists(target));
  }

  @Test void sizesBeyondReasonAreRefusedBeforeAnythingIsWritten() throws IOException {
    byte[] tar = tar("./boot/vmlinuz-1");
    // The header of the second entry: its size field is at 124, in octal, its checksum at 148.
    byte[] size = "17777777777\0".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, tar, 512 + 124, size.length);
    Arrays.fill(tar, 512 + 148, 512 + 156, (byte) ' ');
    int sum = 0;
    for (int n = 512; n < 1024; n++) {
      sum += tar[n] & 0xFF;
    }
    System.arraycopy("%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII), 0, tar, 512 + 148, 8);
    IOException e = assertThrows(IOException.class, () -> DebPackage.extract(deb("data.tar", tar), "boot/vmlinuz-", folder.resolve("t")));
    assertTrue(String.valueOf(e.getMessage()).contains("2147483647"), e.getMessage());
    assertEquals(List.of("package.deb"), files());
  }

  @Test void damagedPackagesAreRefusedAndLeaveNothing() throws IOException {
    Random random = new Random(6);
    Path target = folder.resolve("vmlinuz");
    int refused = 0;
    for (String how : new String[] {".xz", ".gz", ""}) {
      byte[] good = Files.readAllBytes(deb("data.tar" + how, compress(how, tar("./boot/config", "./boot/vmlinuz-1"))));
      for (int n = 0; n < 300; n++) {
        byte[] bad = good.clone();
        for (int flips = random.nextInt(3); flips >= 0; flips--) {
          bad[random.nextInt(n % 2 == 0 ? Math.min(bad.length, 3000) : bad.length)] = (byte) random.nextInt();
        }
        Path file = Files.write(folder.resolve("package.deb"), n % 5 == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad);
        try {
          DebPackage.extract(file, "boot/vmlinuz-", target);
          assertTrue(Files.exists(target));
          Files.delete(target);
        } catch (IOException e) {
          refused++;
          assertFalse(Files.exists(target));
        }
        assertEquals(List.of("package.deb"), files());
      }
    }
    assertTrue(refused > 200, refused + " refused");
  }
}
