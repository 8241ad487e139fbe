package annulus.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import sun.misc.Unsafe;

/**
 * Accesses to {@link Pool} by host offset, of any alignment, little-endian. An offset is taken modulo the pool's size, which is a
 * power of two: no value reaches other memory of the host.
 *
 * <p>Through {@code sun.misc.Unsafe} where the JVM lets us ({@code --sun-misc-unsafe-memory-access=allow}), because each access of a
 * {@link MemorySegment} costs C2 some two hundred nodes of its graph before they fold away, of the 18,000 after which it inlines
 * nothing more: a region of guest code has fifty accesses. Elsewhere through the segment, which gives the same results later.
 */
@SuppressWarnings({"removal", "sunapi"})
public final class Ram {
  private static final long BASE = Pool.MEMORY.address();
  private static final long MASK = Pool.MEMORY.byteSize() - 1;
  private static final @Nullable Unsafe UNSAFE = find();

  private Ram() {}

  private static @Nullable Unsafe find() {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      return null;
    }
    try {
      Field field = Unsafe.class.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      Unsafe unsafe = (Unsafe) field.get(null);
      unsafe.getByte(BASE);
      return unsafe;
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      return null;
    }
  }

  /** One byte, zero-extended. */
  public static int get8(long host) {
    return UNSAFE == null ? Segments.get8(host & MASK) : UNSAFE.getByte(BASE + (host & MASK)) & 0xFF;
  }

  /** Two bytes, zero-extended. */
  public static int get16(long host) {
    return UNSAFE == null ? Segments.get16(host & MASK) : UNSAFE.getChar(BASE + (host & MASK));
  }

  public static int get32(long host) {
    return UNSAFE == null ? Segments.get32(host & MASK) : UNSAFE.getInt(BASE + (host & MASK));
  }

  public static long get64(long host) {
    return UNSAFE == null ? Segments.get64(host & MASK) : UNSAFE.getLong(BASE + (host & MASK));
  }

  public static void put8(long host, int value) {
    if (UNSAFE == null) {
      Segments.put8(host & MASK, value);
    } else {
      UNSAFE.putByte(BASE + (host & MASK), (byte) value);
    }
  }

  public static void put16(long host, int value) {
    if (UNSAFE == null) {
      Segments.put16(host & MASK, value);
    } else {
      UNSAFE.putShort(BASE + (host & MASK), (short) value);
    }
  }

  public static void put32(long host, int value) {
    if (UNSAFE == null) {
      Segments.put32(host & MASK, value);
    } else {
      UNSAFE.putInt(BASE + (host & MASK), value);
    }
  }

  public static void put64(long host, long value) {
    if (UNSAFE == null) {
      Segments.put64(host & MASK, value);
    } else {
      UNSAFE.putLong(BASE + (host & MASK), value);
    }
  }

  /** Atomically replaces {@code expected}, if it is there, by {@code value}; the offset is a multiple of 4. */
  public static boolean compareAndSet32(long host, int expected, int value) {
    return UNSAFE == null ? Segments.compareAndSet32(host & MASK, expected, value)
        : UNSAFE.compareAndSwapInt(null, BASE + (host & MASK & -4), expected, value);
  }

  /** Atomically replaces {@code expected}, if it is there, by {@code value}; the offset is a multiple of 8. */
  public static boolean compareAndSet64(long host, long expected, long value) {
    return UNSAFE == null ? Segments.compareAndSet64(host & MASK, expected, value)
        : UNSAFE.compareAndSwapLong(null, BASE + (host & MASK & -8), expected, value);
  }

  /** Eight bytes as other processors have left them; the offset is a multiple of 8. */
  public static long getVolatile64(long host) {
    return UNSAFE == null ? Segments.getVolatile64(host & MASK) : UNSAFE.getLongVolatile(null, BASE + (host & MASK & -8));
  }

  /** The same through the segment; the last bytes of the pool take part in no access that reaches beyond it. */
  private static final class Segments {
    private static final MemorySegment RAM = MemorySegment.ofAddress(BASE).reinterpret(MASK + 1 + 8);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle ATOMIC_INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle ATOMIC_LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private Segments() {}

    static boolean compareAndSet32(long at, int expected, int value) {
      return ATOMIC_INT.compareAndSet(RAM, at, expected, value);
    }

    static boolean compareAndSet64(long at, long expected, long value) {
      return ATOMIC_LONG.compareAndSet(RAM, at, expected, value);
    }

    static long getVolatile64(long at) {
      return (long) ATOMIC_LONG.getVolatile(RAM, at);
    }

    static int get8(long at) {
      return RAM.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    static int get16(long at) {
      return RAM.get(SHORT, at) & 0xFFFF;
    }

    static int get32(long at) {
      return RAM.get(INT, at);
    }

    static long get64(long at) {
      return RAM.get(LONG, at);
    }

    static void put8(long at, int value) {
      RAM.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    static void put16(long at, int value) {
      RAM.set(SHORT, at, (short) value);
    }

    static void put32(long at, int value) {
      RAM.set(INT, at, value);
    }

    static void put64(long at, long value) {
      RAM.set(LONG, at, value);
    }
  }
}
