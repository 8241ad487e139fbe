package annulus.image.debian;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitramfsTest {
  @TempDir private Path folder;

  private record File(CpioArchiveEntry entry, byte[] content) {}

  private Map<String, File> read(Path archive) throws IOException {
    Map<String, File> all = new LinkedHashMap<>();
    try (CpioArchiveInputStream in = new CpioArchiveInputStream(new GZIPInputStream(Files.newInputStream(archive)))) {
      for (CpioArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        all.put(e.getName(), new File(e, in.readAllBytes()));
      }
    }
    return all;
  }

  private Path busybox(int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return Files.write(folder.resolve("busybox"), bytes);
  }

  @Test void theArchiveHoldsWhatTheFirstProcessNeeds() throws IOException {
    Path busybox = busybox(100_003);
    Path target = folder.resolve("initramfs.gz");
    Initramfs.build(busybox, target);
    Map<String, File> all = read(target);
    assertEquals(List.of("bin", "dev", "etc", "proc", "root", "sys", "tmp", "dev/console", "bin/busybox", "bin/sh", "init"), List.copyOf(all.keySet()),
        "folders come before what lies in them");
    for (String f : List.of("bin", "dev", "etc", "proc", "root", "sys", "tmp")) {
      assertTrue(all.get(f).entry().isDirectory(), f);
    }
    CpioArchiveEntry console = all.get("dev/console").entry();
    assertEquals(CpioConstants.C_ISCHR | 0600, console.getMode());
    assertEquals(5, console.getRemoteDeviceMaj());
    assertEquals(1, console.getRemoteDeviceMin());
    assertArrayEquals(Files.readAllBytes(busybox), all.get("bin/busybox").content());
    assertEquals(CpioConstants.C_ISREG | 0755, all.get("bin/busybox").entry().getMode());
    assertEquals(CpioConstants.C_ISLNK | 0777, all.get("bin/sh").entry().getMode());
    assertEquals("busybox", new String(all.get("bin/sh").content(), StandardCharsets.US_ASCII));
    assertEquals(CpioConstants.C_ISREG | 0755, all.get("init").entry().getMode());
    try (InputStream init = InitramfsTest.class.getResourceAsStream("init")) {
      assertArrayEquals(java.util.Objects.requireNonNull(init).readAllBytes(), all.get("init").content());
    }
    assertTrue(new String(all.get("init").content(), StandardCharsets.UTF_8).startsWith("#!/bin/busybox sh\n"));
  }

  @Test void everyEntryIsInTheNewAsciiFormatThatLinuxReads() throws IOException {
    Path target = folder.resolve("initramfs.gz");
    Initramfs.build(busybox(10), target);
    byte[] raw;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(target))) {
      raw = in.readAllBytes();
    }
    int at = 0;
    int entries = 0;
    String name;
    do {
      String header = new String(raw, at, 110, StandardCharsets.US_ASCII);
      assertEquals("070701", header.substring(0, 6), "at " + at);
      int size = Integer.parseInt(header.substring(54, 62), 16);
      int nameSize = Integer.parseInt(header.substring(94, 102), 16);
      name = new String(raw, at + 110, nameSize - 1, StandardCharsets.US_ASCII);
      at = (at + 110 + nameSize + 3 & ~3) + size + 3 & ~3;
      entries++;
    } while (!name.equals("TRAILER!!!"));
    assertEquals(12, entries);
  }

  @Test void theSameInputGivesTheSameArchive() throws IOException {
    Path busybox = busybox(5000);
    Initramfs.build(busybox, folder.resolve("a"));
    Initramfs.build(busybox, folder.resolve("b"));
    assertEquals(-1, Files.mismatch(folder.resolve("a"), folder.resolve("b")));
  }

  @Test void aBusyboxThatCannotBeReadLeavesNothing() throws IOException {
    assertThrows(IOException.class, () -> Initramfs.build(folder.resolve("none"), folder.resolve("initramfs.gz")));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }
}
