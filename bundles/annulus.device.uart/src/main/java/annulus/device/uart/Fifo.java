package annulus.device.uart;

import annulus.arch.StateException;

/** Up to sixteen characters, each with its receive errors in bits 8 and up. */
final class Fifo {
  static final int SIZE = 16;

  private final int[] entries = new int[SIZE];
  private int count;

  int count() {
    return count;
  }

  boolean empty() {
    return count == 0;
  }

  void add(int entry) {
    entries[count++] = entry;
  }

  int remove() {
    int first = entries[0];
    System.arraycopy(entries, 1, entries, 0, --count);
    return first;
  }

  /** The oldest entry, or 0. */
  int first() {
    return count == 0 ? 0 : entries[0];
  }

  void forgetFirstErrors() {
    entries[0] &= 0xFF;
  }

  boolean hasErrors() {
    for (int i = 0; i < count; i++) {
      if (entries[i] > 0xFF) {
        return true;
      }
    }
    return false;
  }

  /** A receiver with nowhere to put a character overwrites the last one. */
  void replaceLast(int entry) {
    entries[count - 1] = entry;
  }

  void clear() {
    count = 0;
  }

  byte[] bytes() {
    byte[] b = new byte[2 * count];
    for (int i = 0; i < count; i++) {
      b[2 * i] = (byte) entries[i];
      b[2 * i + 1] = (byte) (entries[i] >> 8);
    }
    return b;
  }

  static Fifo of(String what, byte[] bytes) throws StateException {
    if (bytes.length % 2 != 0 || bytes.length > 2 * SIZE) {
      throw new StateException("field " + what + " has " + bytes.length + " bytes; it must have an even number up to " + 2 * SIZE);
    }
    Fifo f = new Fifo();
    for (int i = 0; i < bytes.length; i += 2) {
      f.add(bytes[i] & 0xFF | (bytes[i + 1] & 0x1E) << 8);
    }
    return f;
  }
}
