package annulus.loader.multiboot;

import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadRequest;
import annulus.loader.MemoryMap;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The information structure (Multiboot 0.6.96, 3.3) with the lists and strings it points to behind it.
 *
 * <pre>
 * 0 flags  4 mem_lower  8 mem_upper  16 cmdline  20 mods_count  24 mods_addr  44 mmap_length  48 mmap_addr  64 boot_loader_name
 * </pre>
 */
final class Information {
  private static final int SIZE = 116;
  /** Memory sizes, command line, modules, memory map and loader name are valid. */
  private static final int FLAGS = 1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9;
  private static final int LONGEST = 0x9_0000;
  private static final long MEGABYTE = 1 << 20;

  private Information() {}

  static byte[] build(long at, LoadRequest request, List<long[]> modules, List<MemoryMap.Entry> map) throws LoadException {
    ByteBuffer head = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    ByteArrayOutputStream tail = new ByteArrayOutputStream();
    long upper = map.stream().filter(e -> e.type() == MemoryMap.RAM && e.start() == MEGABYTE).mapToLong(e -> e.size()).sum();
    head.putInt(0, FLAGS).putInt(4, 639).putInt(8, (int) Math.min(upper >> 10, 0xFFFF_FFFFL));
    head.putInt(16, (int) put(at, tail, string(program(request) + (request.commandLine().isEmpty() ? "" : " " + request.commandLine()))));
    ByteBuffer list = ByteBuffer.allocate(16 * modules.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < modules.size(); i++) {
      LoadRequest.Module m = request.modules().get(i);
      long text = put(at, tail, string(m.name() + (m.arguments().isEmpty() ? "" : " " + m.arguments())));
      list.putInt((int) modules.get(i)[0]).putInt((int) modules.get(i)[1]).putInt((int) text).putInt(0);
    }
    head.putInt(20, modules.size()).putInt(24, (int) put(at, tail, list.array()));
    ByteBuffer memory = ByteBuffer.allocate(24 * map.size()).order(ByteOrder.LITTLE_ENDIAN);
    for (MemoryMap.Entry e : map) {
      memory.putInt(20).putLong(e.start()).putLong(e.size()).putInt(e.type());
    }
    head.putInt(44, memory.capacity()).putInt(48, (int) put(at, tail, memory.array()));
    head.putInt(64, (int) put(at, tail, string("Annulus")));
    if (SIZE + tail.size() > LONGEST) {
      throw new LoadException(Reason.DOES_NOT_FIT, "command line and module names have " + tail.size() + " bytes; at most " + LONGEST);
    }
    return ByteBuffer.allocate(SIZE + tail.size()).put(head.array()).put(tail.toByteArray()).array();
  }

  private static String program(LoadRequest request) {
    return request.name().substring(Math.max(request.name().lastIndexOf('/'), request.name().lastIndexOf('\\')) + 1);
  }

  private static byte[] string(String text) {
    return (text + '\0').getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Appends at a multiple of 4. @return where it will be */
  private static long put(long at, ByteArrayOutputStream tail, byte[] bytes) {
    while ((tail.size() & 3) != 0) {
      tail.write(0);
    }
    long address = at + SIZE + tail.size();
    tail.writeBytes(bytes);
    return address;
  }
}
