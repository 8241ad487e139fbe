package annulus.oracle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** An array of bytes read and written in little-endian units at any offset. */
record Bytes(byte[] array) {
  private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  Bytes(int size) {
    this(new byte[size]);
  }

  int u8(int at) {
    return array[at] & 0xFF;
  }

  int u16(int at) {
    return (short) SHORT.get(array, at) & 0xFFFF;
  }

  int i32(int at) {
    return (int) INT.get(array, at);
  }

  long i64(int at) {
    return (long) LONG.get(array, at);
  }

  void putByte(int at, int value) {
    array[at] = (byte) value;
  }

  void putShort(int at, int value) {
    SHORT.set(array, at, (short) value);
  }

  void putInt(int at, int value) {
    INT.set(array, at, value);
  }

  void putLong(int at, long value) {
    LONG.set(array, at, value);
  }
}
