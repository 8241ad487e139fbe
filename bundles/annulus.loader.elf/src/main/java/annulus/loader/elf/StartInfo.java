package annulus.loader.elf;

import annulus.loader.MemoryMap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The structure hvm_start_info, version 1, with its module list and memory map behind it (Xen public/arch-x86/hvm/start_info.h).
 *
 * <pre>
 * 0 magic  4 version  8 flags  12 modules  16 module list  24 command line  32 RSDP  40 memory map  48 entries
 * module: address, size, command line, reserved     memory map entry: address, size, type, reserved
 * </pre>
 */
final class StartInfo {
  private static final int MAGIC = 0x336E_C578;
  private static final int HEADER = 56;
  private static final int MODULE = 32;
  private static final int ENTRY = 24;

  private StartInfo() {}

  static byte[] build(long at, long commandLine, long rootPointer, List<long[]> modules, List<MemoryMap.Entry> map) {
    long moduleList = at + HEADER;
    long memoryMap = moduleList + (long) MODULE * modules.size();
    ByteBuffer b = ByteBuffer.allocate(HEADER + MODULE * modules.size() + ENTRY * map.size()).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(MAGIC).putInt(1).putInt(0).putInt(modules.size()).putLong(modules.isEmpty() ? 0 : moduleList);
    b.putLong(commandLine).putLong(rootPointer).putLong(memoryMap).putInt(map.size()).putInt(0);
    for (long[] m : modules) {
      b.putLong(m[0]).putLong(m[1]).putLong(0).putLong(0);
    }
    for (MemoryMap.Entry e : map) {
      b.putLong(e.start()).putLong(e.size()).putInt(e.type()).putInt(0);
    }
    return b.array();
  }
}
