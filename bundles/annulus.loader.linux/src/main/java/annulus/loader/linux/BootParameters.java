package annulus.loader.linux;

import annulus.loader.LoadException;
import annulus.loader.MemoryMap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The "zero page": Linux Documentation/arch/x86/zero-page.rst. */
final class BootParameters {
  private static final int SIZE = 4096;
  private static final int RSDP = 0x070;
  private static final int E820_COUNT = 0x1E8;
  private static final int LOADER_TYPE = 0x210;
  private static final int LOAD_FLAGS = 0x211;
  private static final int VIDEO_MODE = 0x1FA;
  private static final int VIDEO_NORMAL = 0xFFFF;
  private static final int INITRD = 0x218;
  private static final int INITRD_SIZE = 0x21C;
  private static final int COMMAND_LINE = 0x228;
  private static final int E820_TABLE = 0x2D0;
  private static final int E820_MOST = 128;
  private static final int LOADER_UNDEFINED = 0xFF;
  private static final int LOADED_HIGH = 1;

  private final ByteBuffer page = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);

  BootParameters(SetupHeader header) throws LoadException {
    page.put(SetupHeader.START, header.header());
    page.put(LOADER_TYPE, (byte) LOADER_UNDEFINED);
    page.put(LOAD_FLAGS, (byte) LOADED_HIGH);
    page.putShort(VIDEO_MODE, (short) VIDEO_NORMAL);
  }

  void commandLine(long gpa) {
    page.putInt(COMMAND_LINE, (int) gpa);
  }

  void initrd(long gpa, long size) {
    page.putInt(INITRD, (int) gpa);
    page.putInt(INITRD_SIZE, (int) size);
  }

  void rootPointer(long gpa) {
    page.putLong(RSDP, gpa);
  }

  void memory(List<MemoryMap.Entry> map) {
    int n = Math.min(map.size(), E820_MOST);
    page.put(E820_COUNT, (byte) n);
    for (int i = 0; i < n; i++) {
      MemoryMap.Entry e = map.get(i);
      page.putLong(E820_TABLE + 20 * i, e.start());
      page.putLong(E820_TABLE + 20 * i + 8, e.size());
      page.putInt(E820_TABLE + 20 * i + 16, e.type());
    }
  }

  byte[] bytes() {
    return page.array();
  }
}
