package annulus.cpu.realmode;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The captured tests (MIT licence), read in place where they exist, and which flags each instruction leaves undefined. */
final class CapturedData {
  private final Path folder;
  private final Map<String, Object> opcodes;

  /** Aborts the test where the data is absent. */
  @SuppressWarnings("unchecked")
  CapturedData(String name) throws IOException {
    Path found = find(name);
    assumeTrue(found != null, "no shared/data/" + name + " beside any directory above " + Path.of("").toAbsolutePath());
    folder = found;
    opcodes = (Map<String, Object>) Json.object(Files.readString(folder.resolve("metadata.json"))).get("opcodes");
  }

  private static @Nullable Path find(String name) {
    for (Path dir = Path.of("").toAbsolutePath(); dir != null; dir = dir.getParent()) {
      Path candidate = dir.resolve("shared/data").resolve(name);
      if (Files.exists(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  /** Flags that {@code form} defines. */
  @SuppressWarnings("unchecked")
  int definedFlags(String form) {
    Map<String, Object> entry = (Map<String, Object>) opcodes.getOrDefault(form.substring(0, 2), Map.of());
    if (form.length() == 4 && entry.get("reg") instanceof Map<?, ?> extensions) {
      entry = (Map<String, Object>) extensions.get(form.substring(3));
    }
    return ((Long) entry.getOrDefault("flags-mask", 0xFFFFL)).intValue();
  }

  private byte[] unpack(String file) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(folder.resolve(file)))) {
      return in.readAllBytes();
    }
  }

  // ---- 8086: a JSON object a line --------------------------------------------------------------------------------------------

  List<CapturedVector> lines(String file) throws IOException {
    return new String(unpack(file), StandardCharsets.UTF_8).lines().map(CapturedData::line).toList();
  }

  @SuppressWarnings("unchecked")
  private static CapturedVector line(String line) {
    Map<String, Object> test = Json.object(line);
    List<Object> bytes = (List<Object>) test.get("bytes");
    byte[] code = new byte[bytes.size()];
    for (int i = 0; i < code.length; i++) {
      code[i] = ((Long) bytes.get(i)).byteValue();
    }
    Map<String, Object> initial = (Map<String, Object>) test.get("initial");
    Map<String, Object> last = (Map<String, Object>) test.get("final");
    int[] before = registers((Map<String, Object>) initial.get("regs"), new int[CapturedVector.REGISTERS.length]);
    int[] after = registers((Map<String, Object>) last.get("regs"), before);
    return new CapturedVector((String) test.get("file"), (String) test.get("name"), code, before, memory((List<Object>) initial.get("ram")),
        after, memory((List<Object>) last.get("ram")), -1);
  }

  private static int[] registers(Map<String, Object> values, int[] otherwise) {
    int[] registers = otherwise.clone();
    for (int i = 0; i < registers.length; i++) {
      if (values.get(CapturedVector.REGISTERS[i]) instanceof Long value) {
        registers[i] = value.intValue();
      }
    }
    return registers;
  }

  @SuppressWarnings("unchecked")
  private static Map<Integer, Integer> memory(List<Object> cells) {
    Map<Integer, Integer> memory = new HashMap<>();
    for (Object cell : cells) {
      List<Object> pair = (List<Object>) cell;
      memory.put(((Long) pair.get(0)).intValue(), ((Long) pair.get(1)).intValue());
    }
    return memory;
  }

  // ---- 80286: files of MOO chunks, each file after its name and length --------------------------------------------------------------

  List<CapturedVector> chunks(String file) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(unpack(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<CapturedVector> vectors = new ArrayList<>();
    while (all.hasRemaining()) {
      String form = text(all, all.getInt());
      ByteBuffer moo = slice(all, all.getInt());
      while (moo.hasRemaining()) {
        String type = text(moo, 4);
        ByteBuffer chunk = slice(moo, moo.getInt());
        if (type.equals("TEST")) {
          vectors.add(test(form, chunk));
        }
      }
    }
    return vectors;
  }

  private static CapturedVector test(String form, ByteBuffer chunk) {
    chunk.getInt();
    Map<String, ByteBuffer> parts = parts(chunk);
    ByteBuffer name = parts.get("NAME");
    ByteBuffer code = parts.get("BYTS");
    Map<String, ByteBuffer> initial = parts(parts.get("INIT"));
    Map<String, ByteBuffer> last = parts(parts.get("FINA"));
    int[] before = registers(initial.get("REGS"), new int[CapturedVector.REGISTERS.length]);
    ByteBuffer exception = parts.get("EXCP");
    int vector = exception == null ? -1 : exception.get();
    byte[] bytes = new byte[code.getInt()];
    code.get(bytes);
    return new CapturedVector(form, text(name, name.getInt()), bytes, before, memory(initial.get("RAM ")), registers(last.get("REGS"), before),
        memory(last.get("RAM ")), vector);
  }

  private static Map<String, ByteBuffer> parts(ByteBuffer chunk) {
    Map<String, ByteBuffer> parts = new HashMap<>();
    while (chunk.hasRemaining()) {
      String type = text(chunk, 4);
      parts.put(type, slice(chunk, chunk.getInt()));
    }
    return parts;
  }

  private static int[] registers(ByteBuffer chunk, int[] otherwise) {
    int[] registers = otherwise.clone();
    int present = chunk.getShort();
    for (int i = 0; i < registers.length; i++) {
      if ((present >>> i & 1) != 0) {
        registers[i] = chunk.getShort() & 0xFFFF;
      }
    }
    return registers;
  }

  private static Map<Integer, Integer> memory(ByteBuffer chunk) {
    Map<Integer, Integer> memory = new HashMap<>();
    for (int n = chunk.getInt(); n > 0; n--) {
      int address = chunk.getInt();
      memory.put(address, chunk.get() & 0xFF);
    }
    return memory;
  }

  private static String text(ByteBuffer from, int length) {
    byte[] bytes = new byte[length];
    from.get(bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static ByteBuffer slice(ByteBuffer from, int length) {
    ByteBuffer slice = from.slice(from.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    from.position(from.position() + length);
    return slice;
  }
}
