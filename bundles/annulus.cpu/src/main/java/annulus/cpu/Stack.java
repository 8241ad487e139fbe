package annulus.cpu;

import annulus.arch.Seg;

/** Pushes and pops through SS with the stack-address width of the current mode. */
public final class Stack {
  private Stack() {}

  /** Pushes {@code size} bytes; RSP changes only when the store did not fault. */
  public static void push(Cpu c, int size, long value) {
    long sp = c.gpr[Cpu.RSP] - size & c.stackMask;
    long linear = Addressing.linear(c, Seg.SS, sp, size, true);
    c.memory.store(linear, size, value);
    setPointer(c, sp);
  }

  /** Raises the fault that pushing {@code size} bytes would raise. */
  public static void checkPush(Cpu c, int size) {
    long sp = c.gpr[Cpu.RSP] - size & c.stackMask;
    c.memory.checkWrite(Addressing.linear(c, Seg.SS, sp, size, true), size);
  }

  /** Pops {@code size} bytes, zero-extended. */
  public static long pop(Cpu c, int size) {
    long value = peek(c, 0, size);
    adjust(c, size);
    return value;
  }

  /** Reads {@code size} bytes {@code distance} bytes above the stack pointer. */
  public static long peek(Cpu c, long distance, int size) {
    long sp = c.gpr[Cpu.RSP] + distance & c.stackMask;
    return c.memory.load(Addressing.linear(c, Seg.SS, sp, size, false), size);
  }

  /** Adds to the stack pointer within its width. */
  public static void adjust(Cpu c, long bytes) {
    setPointer(c, c.gpr[Cpu.RSP] + bytes & c.stackMask);
  }

  /** Sets the stack pointer; bits above a 16-bit stack's width stay. */
  public static void setPointer(Cpu c, long sp) {
    if (c.stackMask == 0xFFFF) {
      c.gpr[Cpu.RSP] = c.gpr[Cpu.RSP] & ~0xFFFFL | sp & 0xFFFF;
    } else {
      c.gpr[Cpu.RSP] = sp & c.stackMask;
    }
  }
}
