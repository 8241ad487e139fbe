package annulus.oracle;

import annulus.arch.CpuFeature;
import annulus.cpu.decode.Decoder;
import annulus.cpu.decode.Mnemonic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * One line of the decoder's opcode tables, as far as it takes to write bytes of that form: syntax in {@code OpcodeTable}.
 *
 * @param family the table: integer, system, x87, sse or vex
 * @param prefix 66, F3 or F2 where the form demands it, else 0
 * @param plain none of them may stand before it
 * @param map 0 one-byte, 1 0F, 2 0F 38, 3 0F 3A
 * @param vectorLength of a VEX form: 0, 1 or -1 for either; -2 for legacy encodings
 * @param spread opcodes from {@code opcode} on that are this form
 * @param modRm -1 none, or required bits: low byte value, second byte mask
 * @param absolute the operand is an address without ModRM
 * @param wide required REX.W or VEX.W, -1 for any
 */
record OpcodeLine(String family, Set<CpuFeature> features, Mnemonic mnemonic, int prefix, boolean plain, int map, int vectorLength,
    int opcode, int spread, int modRm, boolean absolute, int wide, boolean in64, boolean outside64) {
  static final int NO_MODRM = -1;
  static final int LEGACY = -2;
  private static final List<String> PREFIXES = List.of("NP", "66", "F3", "F2");
  private static final int[] PREFIX_BYTES = {0, 0x66, 0xF3, 0xF2};
  private static final String[] TABLES = {"integer", "system", "x87", "sse", "vex"};
  private static final Set<String> NO_MODRM_OPERANDS = Set.of("CL", "DX", "ES", "CS", "SS", "DS", "FS", "GS", "ST0");

  /** All lines. */
  static List<OpcodeLine> all() {
    List<OpcodeLine> lines = new ArrayList<>();
    for (String table : TABLES) {
      read(table, lines);
    }
    return lines;
  }

  private static void read(String table, List<OpcodeLine> into) {
    Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    try (InputStream in = Decoder.class.getResourceAsStream(table + ".txt")) {
      if (in == null) {
        throw new IllegalStateException(table + ".txt is missing beside " + Decoder.class.getName());
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("[")) {
          features = EnumSet.noneOf(CpuFeature.class);
          for (String name : line.substring(1, line.length() - 1).split(" ")) {
            if (!name.isEmpty()) {
              features.add(CpuFeature.valueOf(name));
            }
          }
        } else if (!line.isEmpty() && line.charAt(0) != '#') {
          into.add(parse(table, features, List.of(line.split(" +"))));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(table, e);
    }
  }

  private static OpcodeLine parse(String table, Set<CpuFeature> features, List<String> words) {
    int n = 0;
    int prefix = 0;
    boolean plain = false;
    int map = 0;
    int length = LEGACY;
    if (words.getFirst().startsWith("VEX.")) {
      String[] parts = words.get(n++).split("\\.");
      length = parts[1].equals("0") ? 0 : parts[1].equals("1") ? 1 : -1;
      prefix = PREFIX_BYTES[PREFIXES.indexOf(parts[2])];
      map = List.of("", "0F", "0F38", "0F3A").indexOf(parts[3]);
    } else if (PREFIXES.contains(words.getFirst())) {
      prefix = PREFIX_BYTES[PREFIXES.indexOf(words.get(n++))];
      plain = prefix == 0;
    } else if (words.getFirst().equals("NF")) {
      n++;
    }
    if (map == 0 && words.get(n).equals("0F")) {
      n++;
      map = words.get(n).equals("38") ? 2 : words.get(n).equals("3A") ? 3 : 1;
      n += map > 1 ? 1 : 0;
    }
    String code = words.get(n++);
    int spread = code.endsWith("+r") ? 8 : code.endsWith("+c") ? 16 : 1;
    int modRm = modRm(words.get(n));
    n += modRm == NO_MODRM ? 0 : 1;
    Mnemonic mnemonic = Mnemonic.valueOf(words.get(n++));
    List<String> rest = words.subList(n, words.size());
    List<String> operands = rest.isEmpty() ? List.of() : Arrays.asList(rest.getFirst().split(","));
    if (modRm == NO_MODRM && operands.stream().anyMatch(OpcodeLine::usesModRm)) {
      modRm = 0;
    }
    boolean absolute = operands.stream().anyMatch(o -> o.charAt(0) == 'O');
    int wide = rest.contains("W0") ? 0 : rest.contains("W1") ? 1 : -1;
    return new OpcodeLine(table, features, mnemonic, prefix, plain, map, length, Integer.parseInt(code.substring(0, 2), 16), spread,
        modRm, absolute, wide, !rest.contains("i64"), !rest.contains("o64"));
  }

  private static int modRm(String word) {
    if (word.startsWith("/")) {
      int bits = Character.isDigit(word.charAt(1)) ? (word.charAt(1) - '0') << 3 | 0x3800 : 0;
      return bits | (word.endsWith("m") ? MEMORY_ONLY : word.endsWith("r") ? 0xC0C0 : 0);
    }
    if (word.endsWith("+i")) {
      return Integer.parseInt(word.substring(0, 2), 16) | 0xF800;
    }
    if (word.length() == 2 && word.matches("[C-F][0-9A-F]")) {
      return Integer.parseInt(word, 16) | 0xFF00;
    }
    return NO_MODRM;
  }

  /** Marks a {@link #modRm} of a form that has only memory. */
  static final int MEMORY_ONLY = 1 << 16;

  private static boolean usesModRm(String operand) {
    return "EGMRCDSNPQUVW".indexOf(operand.charAt(0)) >= 0 && !NO_MODRM_OPERANDS.contains(operand);
  }

  boolean isVex() {
    return vectorLength != LEGACY;
  }
}
