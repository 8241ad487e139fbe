package annulus.loader.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelCacheTest {
  private static final int PACKED = 1000;
  private static final int UNPACKED = 5000;

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  private static MemorySegment bytes(int seed, int length) {
    byte[] b = new byte[length];
    new Random(seed).nextBytes(b);
    return MemorySegment.ofArray(b).asReadOnly();
  }

  private KernelCache cache() {
    return new KernelCache(folder.resolve("kernels"), 3 * (PACKED + UNPACKED + 100));
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("kernels"))) {
      return files.toList();
    }
  }

  private void assertHolds(int seed) {
    assertArrayEquals(bytes(-seed, UNPACKED).toArray(ValueLayout.JAVA_BYTE),
        cache().find(bytes(seed, PACKED)).orElseThrow().toArray(ValueLayout.JAVA_BYTE));
  }

  private void put(int seed) {
    cache().put(bytes(seed, PACKED), bytes(-seed, UNPACKED));
  }

  @Test void whatWasPutIsFoundByItsPackedBytesOnly() {
    assertFalse(cache().find(bytes(1, PACKED)).isPresent());
    put(1);
    assertHolds(1);
    assertFalse(cache().find(bytes(2, PACKED)).isPresent());
  }

  @Test void aFileDamagedAnywhereCountsAsMissingAndIsReplaced() throws IOException {
    put(1);
    Path file = files().get(0);
    byte[] good = Files.readAllBytes(file);
    for (int at : new int[] {0, 9, 17, 25, 32, 32 + PACKED - 1, 32 + PACKED, good.length - 1}) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(file, bad);
      assertFalse(cache().find(bytes(1, PACKED)).isPresent(), "byte " + at);
    }
    for (int length : new int[] {0, 31, 32, good.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(good, length));
      assertFalse(cache().find(bytes(1, PACKED)).isPresent(), "length " + length);
    }
    put(1);
    assertHolds(1);
  }

  @Test void anotherKernelUnderTheSameNameIsNotTaken() throws IOException {
    put(1);
    put(2);
    for (Path from : files()) {
      for (Path to : files()) {
        byte[] foreign = Files.readAllBytes(from);
        if (!from.equals(to)) {
          byte[] own = Files.readAllBytes(to);
          Files.write(to, foreign);
          int hits = (cache().find(bytes(1, PACKED)).isPresent() ? 1 : 0) + (cache().find(bytes(2, PACKED)).isPresent() ? 1 : 0);
          assertEquals(1, hits);
          Files.write(to, own);
        }
      }
    }
  }

  @Test void theOneUnusedForLongestGoesWhenThereAreTooMany() throws IOException {
    for (int seed = 1; seed <= 3; seed++) {
      put(seed);
      for (Path f : files()) {
        Files.setLastModifiedTime(f, FileTime.from(Instant.ofEpochSecond(Files.getLastModifiedTime(f).toInstant().getEpochSecond() - 100)));
      }
    }
    assertHolds(1);
    put(4);
    assertEquals(3, files().size());
    assertHolds(1);
    assertFalse(cache().find(bytes(2, PACKED)).isPresent());
    assertHolds(4);
  }

  @Test void aFolderThatCannotBeMadeIsNoError() throws IOException {
    Files.writeString(folder.resolve("kernels"), "a file");
    put(1);
    assertFalse(cache().find(bytes(1, PACKED)).isPresent());
  }

  @Test void nothingButTheEntriesIsLeft() throws IOException {
    put(1);
    put(1);
    assertEquals(1, files().size());
    assertTrue(String.valueOf(files().get(0).getFileName()).matches("kernel-[0-9a-f]{8}-3e8"));
  }
}
