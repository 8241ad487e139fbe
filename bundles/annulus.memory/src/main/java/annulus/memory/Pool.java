package annulus.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The address range behind all machine memory, reserved once for the process. A static final segment: to HotSpot its base, size
 * and lifetime are constants. Pages take host memory when first touched.
 *
 * <p>The size is a power of two, at least the system property {@code annulus.pool} in MiB, 65536 without it, halved until the host
 * agrees: so {@link Ram} confines an access with a mask. A page beyond the end takes what reaches over it.
 */
public final class Pool {
  /** The whole range. */
  public static final MemorySegment MEMORY = reserve(Long.getLong("annulus.pool", 65536) << 20);

  private static final long BEYOND = 4096;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x4022;
  private static final int MADV_DONTNEED = 4;
  private static final int MADV_HUGEPAGE = 14;
  private static final long SMALLEST = 64L << 20;

  private Pool() {}

  private static boolean linux() {
    return System.getProperty("os.name").equals("Linux");
  }

  private static MemorySegment reserve(long wanted) {
    for (long size = Long.highestOneBit(2 * Math.max(wanted, 1) - 1); size >= SMALLEST; size >>= 1) {
      try {
        return (linux() ? map(size + BEYOND) : mapFile(size + BEYOND)).asSlice(0, size);
      } catch (IOException e) {
        if (size >> 1 < SMALLEST) {
          throw new IllegalStateException("no address range of " + (size >> 20) + " MiB for machine memory", e);
        }
      }
    }
    throw new IllegalStateException("annulus.pool is " + (wanted >> 20) + " MiB; at least 64 are needed");
  }

  private static MemorySegment map(long size) throws IOException {
    try {
      long at = (long) call("mmap", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
          .invokeExact(0L, size, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
      if (at == -1) {
        throw new IOException("mmap of " + (size >> 20) + " MiB was refused");
      }
      advise(at, size, MADV_HUGEPAGE);
      return MemorySegment.ofAddress(at).reinterpret(size);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Hosts without mmap by this name: a sparse file that is deleted with the process. */
  private static MemorySegment mapFile(long size) throws IOException {
    Path file = Files.createTempFile("annulus", ".memory");
    file.toFile().deleteOnExit();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, size, Arena.global());
    }
  }

  /** Returns the host memory of a range to the host; it reads as zero afterwards. */
  static void discard(long offset, long size) {
    if (!linux() || advise(MEMORY.address() + offset, size, MADV_DONTNEED) != 0) {
      MEMORY.asSlice(offset, size).fill((byte) 0);
    }
  }

  private static int advise(long address, long size, int advice) {
    try {
      return (int) call("madvise", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT)).invokeExact(address, size, advice);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static MethodHandle call(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
  }
}
