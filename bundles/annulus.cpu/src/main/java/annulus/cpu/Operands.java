package annulus.cpu;

import annulus.cpu.decode.Instruction;

/** Reads and writes an instruction's integer operands by number: the general form that every engine can use. */
public final class Operands {
  private Operands() {}

  /** Reads operand {@code n}, zero-extended from its size (immediates as the instruction extends them). */
  public static long read(Cpu c, Instruction i, int n) {
    int kind = kind(i, n);
    int reg = reg(i, n);
    return switch (kind) {
      case Instruction.GPR -> zeroExtend(c.gpr[reg], size(i, n));
      case Instruction.HIGH_BYTE -> c.gpr[reg] >>> 8 & 0xFF;
      case Instruction.MEMORY -> {
        int size = size(i, n);
        yield c.memory.load(Addressing.linear(c, i, size, false), size);
      }
      case Instruction.IMMEDIATE, Instruction.RELATIVE -> i.immediate;
      case Instruction.IMMEDIATE2 -> i.immediate2;
      case Instruction.SEGMENT -> c.seg[reg].selector;
      default -> throw new IllegalStateException(i.mnemonic + " has no integer operand " + n);
    };
  }

  /** Reads operand {@code n} that will be written: a fault of the write is raised now. */
  public static long readForWrite(Cpu c, Instruction i, int n) {
    if (kind(i, n) != Instruction.MEMORY) {
      return read(c, i, n);
    }
    int size = size(i, n);
    long linear = Addressing.linear(c, i, size, true);
    c.memory.checkWrite(linear, size);
    return c.memory.load(linear, size);
  }

  /** Writes operand {@code n}. 32-bit registers are zero-extended to 64, narrower ones leave the rest. */
  public static void write(Cpu c, Instruction i, int n, long value) {
    int reg = reg(i, n);
    switch (kind(i, n)) {
      case Instruction.GPR -> writeRegister(c, reg, size(i, n), value);
      case Instruction.HIGH_BYTE -> c.gpr[reg] = c.gpr[reg] & ~0xFF00L | (value & 0xFF) << 8;
      case Instruction.MEMORY -> {
        int size = size(i, n);
        c.memory.store(Addressing.linear(c, i, size, true), size, value);
      }
      default -> throw new IllegalStateException(i.mnemonic + " cannot write operand " + n);
    }
  }

  /**
   * Completes a read-modify-write of operand {@code n}: a plain write, or with LOCK an atomic one.
   *
   * @param expected what {@link #readForWrite} returned
   * @return false when another processor changed the memory in between: read again and repeat
   */
  public static boolean commit(Cpu c, Instruction i, int n, long expected, long value) {
    if (i.lock && kind(i, n) == Instruction.MEMORY) {
      int size = size(i, n);
      return c.memory.compareAndSet(Addressing.linear(c, i, size, true), size, expected, value);
    }
    write(c, i, n, value);
    return true;
  }

  public static void writeRegister(Cpu c, int reg, int size, long value) {
    switch (size) {
      case 1 -> c.gpr[reg] = c.gpr[reg] & ~0xFFL | value & 0xFF;
      case 2 -> c.gpr[reg] = c.gpr[reg] & ~0xFFFFL | value & 0xFFFF;
      case 4 -> c.gpr[reg] = value & 0xFFFF_FFFFL;
      default -> c.gpr[reg] = value;
    }
  }

  public static long zeroExtend(long value, int size) {
    return switch (size) {
      case 1 -> value & 0xFF;
      case 2 -> value & 0xFFFF;
      case 4 -> value & 0xFFFF_FFFFL;
      default -> value;
    };
  }

  public static long signExtend(long value, int size) {
    return switch (size) {
      case 1 -> (byte) value;
      case 2 -> (short) value;
      case 4 -> (int) value;
      default -> value;
    };
  }

  public static int kind(Instruction i, int n) {
    return switch (n) {
      case 0 -> i.kind0;
      case 1 -> i.kind1;
      case 2 -> i.kind2;
      default -> i.kind3;
    };
  }

  public static int reg(Instruction i, int n) {
    return switch (n) {
      case 0 -> i.reg0;
      case 1 -> i.reg1;
      case 2 -> i.reg2;
      default -> i.reg3;
    };
  }

  public static int size(Instruction i, int n) {
    return switch (n) {
      case 0 -> i.size0;
      case 1 -> i.size1;
      case 2 -> i.size2;
      default -> i.size3;
    };
  }
}
