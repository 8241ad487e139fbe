package annulus.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import sun.misc.Unsafe;

/**
 * Accesses to {@link Pool}, of any alignment, little-endian. By host offset for everybody: it is taken modulo the pool's size, which is a
 * power of two, so no value reaches other memory of the host. By host address ({@code getAt64} and its like) only where the comparison with
 * a tag of a {@link annulus.memory.translation.SoftTlb} has just shown that it lies, with all of its bytes, in a page that
 * {@link annulus.memory.translation.SoftTlb#fill} has seen to be one of the pool: mask and base are constants of ten bytes each, which with
 * what is done with them were a third of an access in compiled code. Assertions check each of these too.
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

  /**
   * The host address of the byte at a host offset.
   *
   * @throws IllegalArgumentException if it lies outside the pool
   */
  public static long address(long host) {
    if ((host & ~MASK) != 0) {
      throw new IllegalArgumentException("host offset 0x%x lies outside the pool of 0x%x bytes".formatted(host, MASK + 1));
    }
    return BASE + host;
  }

  /** The host offset of what lies at a host address. */
  public static long offset(long address) {
    return address - BASE;
  }

  private static boolean inside(long address, int size) {
    return address >= BASE && address - BASE <= MASK + 1 - size;
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

  /** One byte at a host address, zero-extended. */
  public static int getAt8(long address) {
    assert inside(address, 1);
    return UNSAFE == null ? Segments.get8(address - BASE) : UNSAFE.getByte(address) & 0xFF;
  }

  /** Two bytes at a host address, zero-extended. */
  public static int getAt16(long address) {
    assert inside(address, 2);
    return UNSAFE == null ? Segments.get16(address - BASE) : UNSAFE.getChar(address);
  }

  public static int getAt32(long address) {
    assert inside(address, 4);
    return UNSAFE == null ? Segments.get32(address - BASE) : UNSAFE.getInt(address);
  }

  public static long getAt64(long address) {
    assert inside(address, 8);
    return UNSAFE == null ? Segments.get64(address - BASE) : UNSAFE.getLong(address);
  }

  public static void putAt8(long address, int value) {
    assert inside(address, 1);
    if (UNSAFE == null) {
      Segments.put8(address - BASE, value);
    } else {
      UNSAFE.putByte(address, (byte) value);
    }
  }

  public static void putAt16(long address, int value) {
    assert inside(address, 2);
    if (UNSAFE == null) {
      Segments.put16(address - BASE, value);
    } else {
      UNSAFE.putShort(address, (short) value);
    }
  }

  public static void putAt32(long address, int value) {
    assert inside(address, 4);
    if (UNSAFE == null) {
      Segments.put32(address - BASE, value);
    } else {
      UNSAFE.putInt(address, value);
    }
  }

  public static void putAt64(long address, long value) {
    assert inside(address, 8);
    if (UNSAFE == null) {
      Segments.put64(address - BASE, value);
    } else {
      UNSAFE.putLong(address, value);
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
