package annulus.loader.linux;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Kernels unpacked before, as files of one folder: reading one takes a tenth of the time that XZ does. A file is
 *
 * <pre>
 * 0 magic   8 bytes packed   16 bytes unpacked   24 CRC32C of the unpacked   32 packed bytes, unpacked bytes
 * </pre>
 *
 * and named after the packed kernel's checksum and size. It counts only if its packed bytes are those asked for and its unpacked
 * bytes have their checksum, so that a damaged or foreign file is no more than one that is missing. Files come in by an atomic
 * rename; the ones not used for longest go when all together are larger than {@link #largest}. What fails costs time only.
 */
final class KernelCache {
  private static final System.Logger LOG = System.getLogger(KernelCache.class.getName());
  private static final long MAGIC = 0x314C_4E52_4B4E_4E41L; // ANNKRNL1
  private static final int HEADER = 32;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN);
  /** About four kernels of a distribution. */
  static final long LARGEST = 320L << 20;

  private final Path folder;
  private final long largest;

  KernelCache(Path folder, long largest) {
    this.folder = folder;
    this.largest = largest;
  }

  /** The unpacked form of a kernel, if it is here and sound. */
  Optional<MemorySegment> find(MemorySegment packed) {
    Path file = file(packed);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      // Lives as long as the plan made of it: a file that is replaced or removed meanwhile stays readable
      MemorySegment all = channel.map(MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      MemorySegment unpacked = checked(all, packed);
      if (unpacked == null) {
        LOG.log(Level.DEBUG, "{0} is damaged: unpacking again", file);
        return Optional.empty();
      }
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      return Optional.of(unpacked);
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  private static @Nullable MemorySegment checked(MemorySegment all, MemorySegment packed) {
    long size = all.byteSize();
    if (size < HEADER || all.get(LONG, 0) != MAGIC || all.get(LONG, 8) != packed.byteSize()
        || size != HEADER + packed.byteSize() + all.get(LONG, 16) || size > Integer.MAX_VALUE) {
      return null;
    }
    MemorySegment unpacked = all.asSlice(HEADER + packed.byteSize());
    boolean same = all.asSlice(HEADER, packed.byteSize()).mismatch(packed) < 0;
    return same && checksum(unpacked) == all.get(LONG, 24) ? unpacked : null;
  }

  /** Keeps a kernel for the next time. */
  void put(MemorySegment packed, MemorySegment unpacked) {
    Path fresh = null;
    try {
      Files.createDirectories(folder);
      fresh = Files.createTempFile(folder, "kernel-", ".new");
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        MemorySegment header = MemorySegment.ofArray(new byte[HEADER]);
        header.set(LONG, 0, MAGIC);
        header.set(LONG, 8, packed.byteSize());
        header.set(LONG, 16, unpacked.byteSize());
        header.set(LONG, 24, checksum(unpacked));
        for (MemorySegment part : new MemorySegment[] {header, packed, unpacked}) {
          for (ByteBuffer b = part.asByteBuffer(); b.hasRemaining();) {
            channel.write(b);
          }
        }
      }
      Files.move(fresh, file(packed), StandardCopyOption.ATOMIC_MOVE);
      fresh = null;
      evict();
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(Level.DEBUG, "{0}: an unpacked kernel cannot be kept: {1}", folder, e.toString());
    } finally {
      if (fresh != null) {
        remove(fresh);
      }
    }
  }

  private record Entry(Path file, long size, FileTime used) {}

  private void evict() throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path f : (Iterable<Path>) files::iterator) {
        // Another process may remove it meanwhile, by the same rule
        if (String.valueOf(f.getFileName()).startsWith("kernel-") && Files.isRegularFile(f)) {
          entries.add(new Entry(f, Files.size(f), Files.getLastModifiedTime(f)));
        }
      }
    }
    entries.sort(Comparator.comparing(Entry::used));
    long total = entries.stream().mapToLong(Entry::size).sum();
    for (int i = 0; i < entries.size() - 1 && total > largest; i++) {
      remove(entries.get(i).file());
      total -= entries.get(i).size();
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "{0} stays: {1}", file, e.toString());
    }
  }

  private Path file(MemorySegment packed) {
    return folder.resolve("kernel-%08x-%x".formatted(checksum(packed), packed.byteSize()));
  }

  private static long checksum(MemorySegment bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.asByteBuffer());
    return crc.getValue();
  }
}
