package annulus.cpu.realmode;

import java.util.Map;

/**
 * One captured execution. Registers in the order AX BX CX DX CS SS DS ES SP BP SI DI IP FLAGS, the final ones complete; memory by
 * physical address, where it was given before and where it changed.
 *
 * @param form the opcode, with the modrm extension: {@code 80.3}
 * @param exception the exception it raised, or -1
 */
record CapturedVector(String form, String name, byte[] code, int[] before, Map<Integer, Integer> memoryBefore, int[] after,
    Map<Integer, Integer> memoryAfter, int exception) {
  static final String[] REGISTERS = {"ax", "bx", "cx", "dx", "cs", "ss", "ds", "es", "sp", "bp", "si", "di", "ip", "flags"};
  static final int CX = 2;
  static final int CS = 4;
  static final int SS = 5;
  static final int SP = 8;
  static final int IP = 12;
  static final int FLAGS = 13;

  /** The opcode byte, after the prefixes. */
  int opcode() {
    return Integer.parseInt(form.substring(0, 2), 16);
  }

  /** Whether a prefix of this value stands before the opcode. */
  boolean hasPrefix(int prefix) {
    for (byte b : code) {
      int value = b & 0xFF;
      if (value == prefix) {
        return true;
      }
      if (value == opcode()) {
        return false;
      }
    }
    return false;
  }
}
