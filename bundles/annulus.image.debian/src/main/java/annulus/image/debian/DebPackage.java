package annulus.image.debian;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Takes one file out of a Debian package (deb(5)): an ar archive with a compressed tar in it. */
final class DebPackage {
  /** No kernel or busybox comes near this. */
  private static final long LARGEST = 256L << 20;

  private DebPackage() {}

  /** Writes the first regular file whose path starts with {@code member} to {@code target}, which appears only when complete. */
  static void extract(Path deb, String member, Path target) throws IOException {
    try (ArArchiveInputStream ar = new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(deb)))) {
      for (ArArchiveEntry e = ar.getNextEntry(); e != null; e = ar.getNextEntry()) {
        if (e.getName().startsWith("data.tar")) {
          extract(decompress(e.getName(), ar), member, target);
          return;
        }
      }
    }
    throw new IOException(deb.getFileName() + " has no data.tar: not a Debian package");
  }

  private static InputStream decompress(String name, InputStream in) throws IOException {
    return switch (name) {
      case "data.tar.xz" -> new XZCompressorInputStream(in);
      case "data.tar.gz" -> new GzipCompressorInputStream(in);
      case "data.tar" -> in;
      default -> throw new IOException("package with " + name + "; data.tar.xz, data.tar.gz and data.tar can be unpacked");
    };
  }

  private static void extract(InputStream in, String member, Path target) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(in);
    for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
      String name = e.getName().startsWith("./") ? e.getName().substring(2) : e.getName();
      if (e.isFile() && (name.startsWith(member) || name.startsWith("usr/" + member))) {
        if (e.getSize() > LARGEST) {
          throw new IOException(name + " claims " + e.getSize() + " bytes; at most " + LARGEST);
        }
        Path part = Files.createTempFile(target.toAbsolutePath().getParent(), "part", null);
        try {
          if (Files.copy(tar, part, StandardCopyOption.REPLACE_EXISTING) != e.getSize()) {
            throw new IOException(name + " ends before its " + e.getSize() + " bytes");
          }
          Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Files.deleteIfExists(part);
        }
        return;
      }
    }
    throw new IOException("the package has no file " + member);
  }
}
