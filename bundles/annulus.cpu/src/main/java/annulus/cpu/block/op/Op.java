package annulus.cpu.block.op;

import annulus.cpu.Cpu;

/**
 * One step of a decoded block: one instruction, or a comparison and its branch. Immutable and independent of where the block
 * stands; what depends on that comes from registers behind the guest's own in {@link Cpu#gpr}.
 *
 * <p>A specialised operation leaves {@code cpu.rip} alone unless it ends the block; a fault is thrown before anything has changed.
 * The classes are many and small on purpose: one virtual call an instruction is what the interpreter can afford, so what to do,
 * with which operand width and shape, must be in the class and not in a test.
 */
public abstract class Op {
  /** Where the running block starts, as an instruction pointer. */
  public static final int START = 17;
  /** Bases of FS and GS in 64-bit mode. */
  public static final int FS_BASE = 18;
  public static final int GS_BASE = 19;
  /** Of the region that runs or has faulted: budget as at the end of the block, number of the instruction, events that end it. */
  public static final int REST = 20;
  public static final int AT = 21;
  public static final int ATTENTION = 22;

  static final long LOW32 = 0xFFFF_FFFFL;

  public abstract void execute(Cpu c);

  /** Whether its memory operand lies in the stack segment, where an address that is not canonical raises #SS. */
  public boolean usesStack() {
    return false;
  }
}
