package annulus.cpu.block.op;

import annulus.cpu.Cpu;

/**
 * The conditions of Jcc, SETcc and CMOVcc as truth tables of 16 bits over CF, ZF, SF and OF (SDM 1 appendix B): a look-up takes no
 * branch, where a test of each condition would mispredict. Parity is not among them.
 */
final class Conditions {
  private static final int[] TABLE = tables();

  private Conditions() {}

  private static int[] tables() {
    int[] tables = new int[16];
    for (int code = 0; code < 16; code++) {
      for (int flags = 0; flags < 16; flags++) {
        boolean cf = (flags & 1) != 0;
        boolean zf = (flags & 2) != 0;
        boolean sf = (flags & 4) != 0;
        boolean of = (flags & 8) != 0;
        boolean holds = switch (code >>> 1) {
          case 0 -> of;
          case 1 -> cf;
          case 2 -> zf;
          case 3 -> cf || zf;
          case 4 -> sf;
          case 6 -> sf != of;
          case 7 -> zf || sf != of;
          default -> false;
        };
        if (holds == ((code & 1) == 0)) {
          tables[code] |= 1 << flags;
        }
      }
    }
    return tables;
  }

  /** Whether {@code code} has a table. */
  static boolean tabled(int code) {
    return code >>> 1 != 5;
  }

  static char table(int code) {
    return (char) TABLE[code];
  }

  /** Whether the condition of {@code table} holds. */
  static boolean holds(char table, Cpu c) {
    long result = c.flagResult;
    long carries = c.flagCarries;
    int flags = (int) (carries >>> 63) | (result == 0 ? 2 : 0) | (int) ((result ^ carries << 63) >>> 63) << 2
        | (int) ((carries ^ carries << 1) >>> 63) << 3;
    return (table >>> flags & 1) != 0;
  }
}
