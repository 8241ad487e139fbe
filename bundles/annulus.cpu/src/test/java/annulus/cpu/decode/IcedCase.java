package annulus.cpu.decode;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** One line of a decoder test file: the bytes, and what they should decode to. */
record IcedCase(
    String line, int codeBits, byte[] bytes, String code, String mnemonic, List<String> operands, List<String> words) {
  /** Address at which the files place their instructions. */
  long address() {
    for (String word : words) {
      if (word.startsWith("ip=")) {
        return number(word.substring(3));
      }
    }
    return codeBits == 16 ? 0x7FF0L : codeBits == 32 ? 0x7FFF_FFF0L : 0x7FFF_FFFF_FFFF_FFF0L;
  }

  boolean invalid() {
    return code.equals("INVALID");
  }

  boolean has(String word) {
    return words.contains(word);
  }

  /** The decoder options of the line, empty without. */
  String options() {
    return valueOf("decopt=");
  }

  /** What an invalid line would be if it were valid. */
  String wouldBe() {
    return invalid() ? valueOf("code=") : code;
  }

  private String valueOf(String key) {
    return words.stream().filter(w -> w.startsWith(key)).map(w -> w.substring(key.length())).findFirst().orElse("");
  }

  static IcedCase parse(String line, int codeBits) {
    String[] fields = line.split(",", 5);
    List<String> words = fields.length < 5 ? List.of() : List.of(fields[4].trim().split("\\s+"));
    List<String> operands = new ArrayList<>();
    for (String word : words) {
      if (word.matches("op[0-9]=.*")) {
        operands.add(word.substring(4));
      }
    }
    byte[] bytes = HexFormat.of().parseHex(fields[0].replace(" ", ""));
    return new IcedCase(line, codeBits, bytes, fields[1].trim(), fields[2].trim(), operands, words);
  }

  static long number(String text) {
    return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseLong(text);
  }

  @Override
  public String toString() {
    return codeBits + ": " + line;
  }
}
