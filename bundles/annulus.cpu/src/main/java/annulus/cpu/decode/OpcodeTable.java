package annulus.cpu.decode;

import annulus.arch.CpuFeature;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The opcode tables: text resources beside this class, one instruction form per line, read once.
 *
 * <pre>
 *   [FEATURE ...]                          what the following lines need
 *   [prefix] opcode [modrm] MNEMONIC [operand,...] [attribute ...]
 *
 *   prefix   NP (none of 66, F3, F2), 66, F3, F2, NF (neither F3 nor F2); without one, none of them selects the form
 *            VEX.L.pp.map: L = 0, 1, x (both), i (ignored)
 *   opcode   bytes with their escapes; the last may be 50+r (register in its low bits) or 70+c (condition in its low bits)
 *   modrm    /digit, /m (memory only), /r (register only), /digitm, /digitr, or the whole byte of a register form: C1, D0+i
 *   operand  letter and width, see {@link OperandForm}
 *   attribute  a flag of {@link Form} in small letters; W0, W1, B0: REX.W or VEX.W, REX.B; cc=n: the condition
 * </pre>
 *
 * The first line that applies wins, so special cases stand before general ones.
 */
final class OpcodeTable {
  /** Opcode maps: one-byte, 0F, 0F 38, 0F 3A, then the last three with VEX. */
  static final int MAPS = 7;
  static final int VEX_MAPS = 3;
  private static final String[] RESOURCES = {"integer.txt", "system.txt", "x87.txt", "sse.txt", "vex.txt"};
  private static final OpcodeTable INSTANCE = new OpcodeTable();

  private final List<List<Form>> forms = new ArrayList<>(MAPS * 256);
  /** The operand forms by their codes: some fifty serve all lines. */
  private final Map<String, OperandForm> operandForms = new HashMap<>();

  private OpcodeTable() {
    for (int i = 0; i < MAPS * 256; i++) {
      forms.add(new ArrayList<>(2));
    }
    for (String resource : RESOURCES) {
      read(resource);
    }
  }

  /** The forms of an opcode, in the order of preference. */
  static List<Form> forms(int map, int opcode) {
    return INSTANCE.forms.get(map << 8 | opcode);
  }

  private void read(String resource) {
    Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    try (InputStream in = OpcodeTable.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing beside " + OpcodeTable.class.getName());
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("[")) {
          features = EnumSet.noneOf(CpuFeature.class);
          for (String name : words(line.substring(1, line.length() - 1))) {
            features.add(CpuFeature.valueOf(name));
          }
        } else if (!line.isEmpty() && line.charAt(0) != '#') {
          try {
            new Line(words(line), features, operandForms).enter(forms);
          } catch (RuntimeException e) {
            throw new IllegalStateException(resource + ": " + line, e);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>(8);
    for (int i = 0; i < line.length();) {
      int end = line.indexOf(' ', i);
      end = end < 0 ? line.length() : end;
      if (end > i) {
        words.add(line.substring(i, end));
      }
      i = end + 1;
    }
    return words;
  }

  /** One line while it is parsed. */
  private static final class Line {
    private final List<String> words;
    private int next;
    private int map;
    private int opcode;
    private int spread = 1;
    private boolean conditions;
    private int mask;
    private int value;
    private int flags;
    private int condition;
    private final Mnemonic mnemonic;
    private OperandForm[] operands = {};
    private final Set<CpuFeature> features;

    Line(List<String> words, Set<CpuFeature> features, Map<String, OperandForm> operandForms) {
      this.words = words;
      this.features = features;
      prefix();
      opcode();
      modRm();
      mnemonic = Mnemonic.valueOf(words.get(next++));
      operands(operandForms);
      while (next < words.size()) {
        attribute(words.get(next++));
      }
    }

    void enter(List<List<Form>> forms) {
      for (int i = 0; i < spread; i++) {
        forms.get(map << 8 | opcode + i)
            .add(new Form(mnemonic, operands, mask, value, flags, conditions ? i : condition, features));
      }
    }

    private void require(int bits, int to) {
      mask |= bits;
      value |= to;
    }

    private void prefix() {
      String word = words.getFirst();
      if (word.startsWith("VEX.")) {
        String[] parts = word.split("\\.");
        if (parts[1].equals("0") || parts[1].equals("1")) {
          require(Form.L, parts[1].equals("1") ? Form.L : 0);
        }
        require(Form.PREFIX_MASK, List.of("NP", "66", "F3", "F2").indexOf(parts[2]) << Form.PREFIX_SHIFT);
        map = VEX_MAPS + List.of("", "0F", "0F38", "0F3A").indexOf(parts[3]);
        flags |= Form.NO_VVVV;
        next++;
      } else if (word.equals("NF")) {
        require(2 << Form.PREFIX_SHIFT, 0);
        next++;
      } else {
        int prefix = List.of("NP", "66", "F3", "F2").indexOf(word);
        if (prefix >= 0) {
          require(Form.PREFIX_MASK, prefix << Form.PREFIX_SHIFT);
          flags |= prefix == 1 ? Form.MANDATORY_66 : 0;
          next++;
        }
      }
    }

    private void opcode() {
      if (map == 0 && words.get(next).equals("0F")) {
        map = 1;
        String second = words.get(++next);
        if (second.equals("38") || second.equals("3A")) {
          map = second.equals("38") ? 2 : 3;
          next++;
        }
      }
      String word = words.get(next++);
      opcode = Integer.parseInt(word, 0, 2, 16);
      if (word.endsWith("+r")) {
        spread = 8;
      } else if (word.endsWith("+c")) {
        spread = 16;
        conditions = true;
      }
    }

    private void modRm() {
      String word = words.get(next);
      if (word.startsWith("/")) {
        if (Character.isDigit(word.charAt(1))) {
          require(7 << 3, (word.charAt(1) - '0') << 3);
        }
        if (word.endsWith("m") || word.endsWith("r")) {
          require(Form.MOD_3, word.endsWith("r") ? Form.MOD_3 : 0);
        }
      } else if (word.length() == 2 && Character.digit(word.charAt(0), 16) >= 12 && Character.digit(word.charAt(1), 16) >= 0) {
        require(Form.MOD_3 | 0x3F, Form.MOD_3 | Integer.parseInt(word, 16) & 0x3F);
      } else if (word.endsWith("+i")) {
        require(Form.MOD_3 | 0x38, Form.MOD_3 | Integer.parseInt(word, 0, 2, 16) & 0x38);
      } else {
        return;
      }
      flags |= Form.MODRM;
      next++;
    }

    private void operands(Map<String, OperandForm> operandForms) {
      if (next == words.size() || isAttribute(words.get(next))) {
        return;
      }
      String[] codes = words.get(next++).split(",");
      operands = new OperandForm[codes.length];
      for (int i = 0; i < codes.length; i++) {
        OperandForm operand = operandForms.computeIfAbsent(codes[i], OperandForm::parse);
        operands[i] = operand;
        flags |= operand.usesModRm() ? Form.MODRM : 0;
        switch (operand.place) {
          case OperandForm.VVVV_GENERAL, OperandForm.VVVV_XMM -> flags &= ~Form.NO_VVVV;
          case OperandForm.VECTOR_SIB -> flags |= Form.GATHER;
          case OperandForm.SOURCE, OperandForm.DESTINATION, OperandForm.ACCUMULATOR ->
              flags |= operand.memoryWidth == OperandForm.Z ? Form.AT_MOST_32 : 0;
          default -> { }
        }
      }
      flags |= operands[0].isByte() ? Form.BYTE : 0;
    }

    /** Attributes begin with a small letter, but for three; operand codes with a capital, but for two and the constant 1. */
    private static boolean isAttribute(String word) {
      return Character.isLowerCase(word.charAt(0)) && !word.startsWith("rAX") && !word.startsWith("eAX")
          || word.equals("W0") || word.equals("W1") || word.equals("B0");
    }

    private void attribute(String word) {
      switch (word) {
        case "W0" -> require(Form.W, 0);
        case "W1" -> require(Form.W, Form.W);
        case "B0" -> require(Form.REX_B, 0);
        case "lock" -> flags |= Form.LOCK;
        case "xchg" -> flags |= Form.LOCK | Form.XCHG;
        case "rep" -> flags |= Form.REP;
        case "repe" -> flags |= Form.REPE;
        case "i64" -> flags |= Form.I64;
        case "o64" -> flags |= Form.O64;
        case "d64" -> flags |= Form.D64;
        case "f64" -> flags |= Form.F64;
        case "n64" -> flags |= Form.N64;
        case "native" -> flags |= Form.NATIVE;
        case "far" -> flags |= Form.FAR;
        case "byte" -> flags |= Form.BYTE;
        case "nomod" -> flags |= Form.NOMOD;
        case "lockcr8" -> flags |= Form.LOCK_CR8;
        default -> {
          if (!word.startsWith("cc=")) {
            throw new IllegalArgumentException("attribute " + word + ": not one of the opcode tables");
          }
          condition = Integer.parseInt(word, 3, word.length(), 16);
        }
      }
    }
  }
}
