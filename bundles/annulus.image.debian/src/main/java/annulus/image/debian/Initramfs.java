package annulus.image.debian;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/** Builds an initial file system around a static busybox: a compressed cpio archive, the same for the same input. */
final class Initramfs {
  private static final int EXECUTABLE = 0755;

  private Initramfs() {}

  /** Writes the archive to {@code target}, which appears only when complete. */
  static void build(Path busybox, Path target) throws IOException {
    byte[] init;
    try (InputStream in = Initramfs.class.getResourceAsStream("init")) {
      if (in == null) {
        throw new IOException("the bundle has no file init");
      }
      init = in.readAllBytes();
    }
    Path part = Files.createTempFile(target.toAbsolutePath().getParent(), "part", null);
    try (CpioArchiveOutputStream out = new CpioArchiveOutputStream(
        new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(part))), CpioConstants.FORMAT_NEW)) {
      for (String folder : new String[] {"bin", "dev", "etc", "proc", "root", "sys", "tmp"}) {
        entry(out, folder, CpioConstants.C_ISDIR | EXECUTABLE, new byte[0], 2);
      }
      CpioArchiveEntry console = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, "dev/console");
      console.setMode(CpioConstants.C_ISCHR | 0600);
      console.setRemoteDeviceMaj(5);
      console.setRemoteDeviceMin(1);
      console.setTime(0);
      out.putArchiveEntry(console);
      out.closeArchiveEntry();
      entry(out, "bin/busybox", CpioConstants.C_ISREG | EXECUTABLE, Files.readAllBytes(busybox), 1);
      entry(out, "bin/sh", CpioConstants.C_ISLNK | 0777, "busybox".getBytes(StandardCharsets.US_ASCII), 1);
      entry(out, "init", CpioConstants.C_ISREG | EXECUTABLE, init, 1);
      out.finish();
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(part);
      throw e;
    }
    Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void entry(CpioArchiveOutputStream out, String name, long mode, byte[] content, int links) throws IOException {
    CpioArchiveEntry e = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, name);
    e.setMode(mode);
    e.setNumberOfLinks(links);
    e.setSize(content.length);
    e.setTime(0);
    out.putArchiveEntry(e);
    out.write(content);
    out.closeArchiveEntry();
  }
}
