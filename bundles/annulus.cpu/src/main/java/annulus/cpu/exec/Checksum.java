package annulus.cpu.exec;

import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** CRC32 of SSE4.2, SDM 2A: the polynomial 11EDC6F41h (Castagnoli), bits reflected, no inversion. */
public final class Checksum implements Family {
  private static final int POLYNOMIAL_REFLECTED = 0x82F6_3B78;
  private static final int[] TABLE = table();

  @Override public void define(Definitions d) {
    d.define(Mnemonic.CRC32, Checksum::crc32);
  }

  private static void crc32(Cpu c, Instruction i) {
    long data = Operands.read(c, i, 1);
    Operands.write(c, i, 0, crc32((int) c.gpr[i.reg0], data, i.size1) & 0xFFFF_FFFFL);
  }

  /** Continues {@code crc} with the low {@code size} bytes of {@code data}. */
  public static int crc32(int crc, long data, int size) {
    int result = crc;
    for (int n = 0; n < size; n++) {
      result = result >>> 8 ^ TABLE[(result ^ (int) (data >>> 8 * n)) & 0xFF];
    }
    return result;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int n = 0; n < 256; n++) {
      int crc = n;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ -(crc & 1) & POLYNOMIAL_REFLECTED;
      }
      table[n] = crc;
    }
    return table;
  }
}
