package annulus.cpu.exec;

import annulus.arch.Cr4;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;

/** MOV to and from debug registers, SDM 2B MOV and SDM 3B 17.2. */
public final class DebugRegisters {
  /** Bits of DR6 that are always set: 11-4 and 31-16 (BLD and RTM are set when not in use). */
  private static final long DR6_ONES = 0xFFFF_0FF0L;
  private static final long DR6_WRITABLE = 0xE00FL;
  private static final long DR7_ONES = 0x400;
  /** Bits 15, 14, 12 and 11 are 0. */
  private static final long DR7_WRITABLE = 0xFFFF_27FFL;

  private DebugRegisters() {}

  /** MOV with a debug register on either side. */
  public static void move(Cpu c, Instruction i) {
    boolean write = i.kind0 == Instruction.DEBUG;
    int number = write ? i.reg0 : i.reg1;
    if (number > 7) {
      throw c.ud();
    }
    if ((number & 6) == 4) {
      // DR4 and DR5 are DR6 and DR7, unless debugging extensions are on.
      if ((c.paging.cr4 & Cr4.DE) != 0) {
        throw c.ud();
      }
      number += 2;
    }
    c.requireRing0();
    if ((c.dr[7] & DebugTraps.GD) != 0) {
      c.dr[6] |= DebugTraps.BD;
      throw c.fault(Vector.DB);
    }
    if (write) {
      long value = c.gpr[i.reg1];
      write(c, number, c.codeBits == 64 ? value : value & 0xFFFF_FFFFL);
    } else {
      long value = c.dr[number];
      c.gpr[i.reg0] = c.codeBits == 64 ? value : value & 0xFFFF_FFFFL;
    }
  }

  private static void write(Cpu c, int number, long value) {
    if (number >= 6 && value >>> 32 != 0) {
      throw c.gp();
    }
    c.dr[number] = switch (number) {
      case 6 -> dr6(value);
      case 7 -> dr7(value);
      default -> value;
    };
    c.memory.contextsChanged();
    c.endBlock = true;
  }

  /** DR6 as it keeps a written value. */
  public static long dr6(long value) {
    return value & DR6_WRITABLE | DR6_ONES;
  }

  /** DR7 as it keeps a written value. */
  public static long dr7(long value) {
    return value & DR7_WRITABLE | DR7_ONES;
  }
}
