package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import annulus.arch.Rflags;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.decode.Instruction;
import annulus.cpu.fp.FpContext;
import annulus.cpu.testing.TestCpu;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Berkeley TestFloat's vectors through the scalar SSE instructions on XMM1 and XMM2, all exceptions masked, once with PE clear
 * and once with it sticky. DE is left out: the vectors do not know it.
 */
class SseTestFloatTest {
  private static final List<String> ROUNDING = List.of("near_even", "min", "max", "minMag");
  /** Opcode after the prefix F3 (single) or F2 (double) and 0F. */
  private static final Map<String, Integer> BINARY = Map.of("add", 0x58, "mul", 0x59, "sub", 0x5C, "div", 0x5E, "sqrt", 0x51);

  private final TestCpu t = TestCpu.longMode(0);
  private final Cpu c = t.cpu;

  @Test void everyVectorGivesItsResultAndFlags() throws IOException {
    Path file = data().resolve("testfloat/vectors.txt.gz");
    assumeTrue(Files.exists(file), "no TestFloat vectors at " + file);
    List<String> wrong = new ArrayList<>();
    int count = 0;
    try (BufferedReader in = new BufferedReader(
        new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] f = line.split(" ");
        if (line.startsWith("#") || line.contains("extF80") || f[0].endsWith("rem")) {
          continue;
        }
        count++;
        for (int sticky : new int[] {0, FpContext.PE}) {
          check(line, f, sticky, wrong);
        }
      }
    }
    assertEquals(39_776, count);
    assertEquals(List.of(), wrong.subList(0, Math.min(20, wrong.size())), wrong.size() + " vectors differ");
  }

  private void check(String line, String[] f, int sticky, List<String> wrong) {
    c.mxcsr = SimdState.MXCSR_RESET | ROUNDING.indexOf(f[1]) << 13 | sticky;
    boolean doubles = f[0].startsWith("f64");
    String operation = f[0].substring(4);
    long a = Long.parseUnsignedLong(f[2], 16);
    long b = Long.parseUnsignedLong(f.length == 6 ? f[3] : f[2], 16);
    c.xmm[2] = a;
    c.xmm[4] = b;
    long actual = f[0].startsWith("i") ? fromInteger(f[0], a) : run(operation, doubles, f[1]);
    long expected = Long.parseUnsignedLong(f[f.length - 2], 16);
    int exceptions = Integer.parseInt(f[f.length - 1], 16);
    int mxcsr = (exceptions & 1) << 5 | (exceptions & 2) << 3 | (exceptions & 4) << 1 | (exceptions & 8) >> 1
        | exceptions >> 4 | sticky;
    if (actual != expected || (c.mxcsr & 0x3F & ~FpContext.DE) != mxcsr) {
      wrong.add("%s (PE %x) but was %x, MXCSR %x".formatted(line, sticky, actual, c.mxcsr));
    }
  }

  private long run(String operation, boolean doubles, String rounding) {
    int prefix = doubles ? 0xF2 : 0xF3;
    boolean truncate = rounding.equals("minMag");
    Integer opcode = BINARY.get(operation);
    if (opcode != null) {
      t.run(prefix, 0x0F, opcode, 0xCA);
      return result(doubles);
    }
    return switch (operation) {
      case "roundToInt" -> {
        t.run(0x66, 0x0F, 0x3A, doubles ? 0x0B : 0x0A, 0xCA, 4);
        yield result(doubles);
      }
      case "to_i32" -> {
        t.run(prefix, 0x0F, truncate ? 0x2C : 0x2D, 0xC2);
        yield c.gpr[Cpu.RAX];
      }
      case "to_i64" -> {
        t.run(prefix, 0x48, 0x0F, truncate ? 0x2C : 0x2D, 0xC2);
        yield c.gpr[Cpu.RAX];
      }
      case "to_f32", "to_f64" -> {
        t.run(prefix, 0x0F, 0x5A, 0xCA);
        yield result(!doubles);
      }
      default -> relation(operation, doubles);
    };
  }

  /** The quiet relations by UCOMIS, the signalling ones by COMIS. */
  private long relation(String operation, boolean doubles) {
    boolean quiet = operation.equals("eq") || operation.endsWith("quiet");
    Instruction i = doubles ? t.decode(0x66, 0x0F, quiet ? 0x2E : 0x2F, 0xCA) : t.decode(0x0F, quiet ? 0x2E : 0x2F, 0xCA);
    t.execute(i);
    boolean unordered = (Flags.status(c) & Rflags.PF) != 0;
    boolean equal = Flags.zf(c);
    boolean less = Flags.cf(c);
    boolean holds = !unordered && switch (operation.substring(0, 2)) {
      case "eq" -> equal;
      case "le" -> equal || less;
      default -> less;
    };
    return holds ? 1 : 0;
  }

  private long fromInteger(String function, long a) {
    int prefix = function.endsWith("f64") ? 0xF2 : 0xF3;
    c.gpr[Cpu.RAX] = a;
    if (function.startsWith("i64")) {
      t.run(prefix, 0x48, 0x0F, 0x2A, 0xC8);
    } else {
      t.run(prefix, 0x0F, 0x2A, 0xC8);
    }
    return result(function.endsWith("f64"));
  }

  private long result(boolean doubles) {
    return doubles ? c.xmm[2] : c.xmm[2] & 0xFFFF_FFFFL;
  }

  private static Path data() {
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path candidate = p.resolve("shared/data");
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return Path.of("shared/data");
  }
}
