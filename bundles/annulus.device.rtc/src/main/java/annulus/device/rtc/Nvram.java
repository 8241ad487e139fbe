package annulus.device.rtc;

import annulus.device.Platform;

/** What firmware leaves in the clock's memory, at the places of the PC/AT and of common virtual machines. */
final class Nvram {
  private Nvram() {}

  static byte[] initial(int size, Platform platform) {
    byte[] m = new byte[size];
    long below16 = 0; // KiB from 1 MiB on
    long below4G = 0; // 64-KiB units from 16 MiB on
    long above4G = 0; // 64-KiB units
    for (long[] range : platform.ram()) {
      long start = range[0];
      long end = start + range[1];
      below16 += overlap(start, end, 1L << 20, 64L << 20) >> 10;
      below4G += overlap(start, end, 16L << 20, 1L << 32) >> 16;
      above4G += overlap(start, end, 1L << 32, Long.MAX_VALUE) >> 16;
    }
    m[0x14] = 0x02; // equipment: a coprocessor
    put(m, 0x15, 640, 2);
    put(m, 0x17, Math.min(below16, 0xFFFF), 2);
    put(m, 0x30, Math.min(below16, 0xFFFF), 2);
    put(m, 0x34, Math.min(below4G, 0xFFFF), 2);
    put(m, 0x5B, above4G, 3);
    m[0x5F] = (byte) (platform.processors() - 1);
    int sum = 0;
    for (int i = 0x10; i <= 0x2D; i++) {
      sum += m[i] & 0xFF;
    }
    m[0x2E] = (byte) (sum >> 8);
    m[0x2F] = (byte) sum;
    return m;
  }

  private static long overlap(long start, long end, long from, long to) {
    return Math.max(0, Math.min(end, to) - Math.max(start, from));
  }

  private static void put(byte[] m, int at, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      m[at + i] = (byte) (value >> 8 * i);
    }
  }
}
