package annulus.cpu.fp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Berkeley TestFloat's vectors for the 8086-SSE specialisation. Mapping: {@code f32_}/{@code f64_} are {@link F32} and {@link F64}
 * with denormals handled, {@code extF80_} is {@link F80} at precision 64; {@code eq}, {@code le_quiet} and {@code lt_quiet} are
 * quiet comparisons, the others signalling; {@code roundToInt} is exact; {@code rem} is FPREM1 repeated until it is complete, for
 * the shorter formats on their 80-bit images, which represent the result exactly; their NaNs go by the format's own rule. The
 * vectors know no denormal-operand exception, so DE is left out of the comparison.
 */
class TestFloatVectorsTest {
  private static final List<String> ROUNDING = List.of("near_even", "min", "max", "minMag");
  private final FpContext c = new FpContext();

  @Test void everyVectorGivesItsResultAndFlags() throws IOException {
    Path file = data().resolve("testfloat/vectors.txt.gz");
    assumeTrue(Files.exists(file), "no TestFloat vectors at " + file);
    List<String> wrong = new ArrayList<>();
    int count = 0;
    try (BufferedReader in = new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)),
        StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("#")) {
          continue;
        }
        count++;
        String[] f = line.split(" ");
        String expected = f[f.length - 2] + " " + f[f.length - 1];
        String actual = run(f);
        if (!actual.equals(expected)) {
          wrong.add(line + " but was " + actual);
        }
      }
    }
    assertEquals(69264, count);
    assertEquals(List.of(), wrong.subList(0, Math.min(20, wrong.size())), wrong.size() + " vectors differ");
  }

  private String run(String[] f) {
    c.flags = 0;
    c.precision = 64;
    c.rounding = ROUNDING.indexOf(f[1]);
    String format = f[0].substring(0, f[0].indexOf('_'));
    String operation = f[0].substring(f[0].indexOf('_') + 1);
    String second = f.length == 6 ? f[3] : f[2];
    String result = switch (format) {
      case "f32" -> f32(operation, Integer.parseUnsignedInt(f[2], 16), Integer.parseUnsignedInt(second, 16));
      case "f64" -> f64(operation, Long.parseUnsignedLong(f[2], 16), Long.parseUnsignedLong(second, 16));
      case "extF80" -> f80(operation, se(f[2]), significand(f[2]), se(second), significand(second));
      default -> integer(operation, format.equals("i32"), new BigInteger(f[2], 16).longValue());
    };
    int flags = (c.flags & FpContext.PE) >> 5 | (c.flags & FpContext.UE) >> 3 | (c.flags & FpContext.OE) >> 1
        | (c.flags & FpContext.ZE) << 1 | (c.flags & FpContext.IE) << 4;
    return result + " " + String.format("%02X", flags);
  }

  private String f32(String operation, int a, int b) {
    int r = c.rounding;
    return switch (operation) {
      case "add" -> hex(F32.add(a, b, c));
      case "sub" -> hex(F32.sub(a, b, c));
      case "mul" -> hex(F32.mul(a, b, c));
      case "div" -> hex(F32.div(a, b, c));
      case "sqrt" -> hex(F32.sqrt(a, c));
      case "roundToInt" -> hex(F32.roundToInt(a, r, true, c));
      case "to_i32" -> hex(F32.toInt32(a, r, c));
      case "to_i64" -> hex(F32.toInt64(a, r, c));
      case "to_f64" -> hex(F32.toF64(a, c));
      case "to_extF80" -> hex80(F32.toF80(a, c));
      case "rem" -> {
        if (F32.isNan(a) || F32.isNan(b)) {
          yield hex(F32.propagateNan(a, b, c));
        }
        long as = F32.toF80(a, c);
        int ae = c.signExponent;
        long s = remainder(ae, as, F32.toF80(b, c), c.signExponent);
        yield hex(F80.toF32(c.signExponent, s, c));
      }
      default -> relation(operation, F32.compare(a, b, signalling(operation), c));
    };
  }

  private String f64(String operation, long a, long b) {
    int r = c.rounding;
    return switch (operation) {
      case "add" -> hex(F64.add(a, b, c));
      case "sub" -> hex(F64.sub(a, b, c));
      case "mul" -> hex(F64.mul(a, b, c));
      case "div" -> hex(F64.div(a, b, c));
      case "sqrt" -> hex(F64.sqrt(a, c));
      case "roundToInt" -> hex(F64.roundToInt(a, r, true, c));
      case "to_i32" -> hex(F64.toInt32(a, r, c));
      case "to_i64" -> hex(F64.toInt64(a, r, c));
      case "to_f32" -> hex(F64.toF32(a, c));
      case "to_extF80" -> hex80(F64.toF80(a, c));
      case "rem" -> {
        if (F64.isNan(a) || F64.isNan(b)) {
          yield hex(F64.propagateNan(a, b, c));
        }
        long as = F64.toF80(a, c);
        int ae = c.signExponent;
        long s = remainder(ae, as, F64.toF80(b, c), c.signExponent);
        yield hex(F80.toF64(c.signExponent, s, c));
      }
      default -> relation(operation, F64.compare(a, b, signalling(operation), c));
    };
  }

  private String f80(String operation, int ae, long as, int be, long bs) {
    int r = c.rounding;
    return switch (operation) {
      case "add" -> hex80(F80.add(ae, as, be, bs, c));
      case "sub" -> hex80(F80.sub(ae, as, be, bs, c));
      case "mul" -> hex80(F80.mul(ae, as, be, bs, c));
      case "div" -> hex80(F80.div(ae, as, be, bs, c));
      case "sqrt" -> hex80(F80.sqrt(ae, as, c));
      case "roundToInt" -> hex80(F80.roundToInt(ae, as, c));
      case "to_i32" -> hex(F80.toInt32(ae, as, r, c));
      case "to_i64" -> hex(F80.toInt64(ae, as, r, c));
      case "to_f32" -> hex(F80.toF32(ae, as, c));
      case "to_f64" -> hex(F80.toF64(ae, as, c));
      case "rem" -> hex80(remainder(ae, as, bs, be));
      default -> relation(operation, F80.compare(ae, as, be, bs, signalling(operation), c));
    };
  }

  private String integer(String operation, boolean narrow, long v) {
    return switch (operation) {
      case "to_f32" -> hex(narrow ? F32.fromInt32((int) v, c) : F32.fromInt64(v, c));
      case "to_f64" -> hex(narrow ? F64.fromInt32((int) v) : F64.fromInt64(v, c));
      default -> hex80(F80.fromInt64(narrow ? (int) v : v, c));
    };
  }

  private long remainder(int ae, long as, long bs, int be) {
    long s = Scaling.remainder(ae, as, be, bs, true, c);
    while (c.quotient < 0) {
      s = Scaling.remainder(c.signExponent, s, be, bs, true, c);
    }
    return s;
  }

  private static boolean signalling(String operation) {
    return switch (operation) {
      case "eq", "le_quiet", "lt_quiet" -> false;
      default -> true;
    };
  }

  private static String relation(String operation, int order) {
    return switch (operation) {
      case "eq", "eq_signaling" -> order == FpContext.EQUAL;
      case "le", "le_quiet" -> order == FpContext.LESS || order == FpContext.EQUAL;
      case "lt", "lt_quiet" -> order == FpContext.LESS;
      default -> throw new IllegalArgumentException(operation);
    } ? "1" : "0";
  }

  private static int se(String s) {
    return Integer.parseInt(s.substring(0, 4), 16);
  }

  private static long significand(String s) {
    return Long.parseUnsignedLong(s.substring(4), 16);
  }

  private static String hex(int v) {
    return String.format("%08X", v);
  }

  private static String hex(long v) {
    return String.format("%016X", v);
  }

  private String hex80(long significand) {
    return String.format("%04X%016X", c.signExponent, significand);
  }

  /** The folder of conformance data: {@code shared/data} beside some folder above the working directory. */
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
