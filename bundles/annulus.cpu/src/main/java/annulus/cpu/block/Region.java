package annulus.cpu.block;

import annulus.cpu.Cpu;

/**
 * Compiled code of one processor that stands in for hot blocks of a page and what follows them there. Position-independent, like
 * blocks: it is told where its page begins.
 */
public abstract class Region {
  /** Most instructions between two looks at the budget; it is not entered with less left. */
  public final int most;
  /** Of each instruction: offset in the page, and how many of its block had not run when it faults. */
  private final short[] offsets;
  private final short[] unrun;
  /** Instructions whose operand lies in the stack segment. */
  private final boolean[] stack;

  /** Left by a fault: number of the instruction, and the budget as the region counts, a block at its entry. */
  protected int at;
  protected long rest;

  protected Region(Shape shape) {
    most = shape.most;
    offsets = shape.offsets;
    unrun = shape.unrun;
    stack = shape.stack;
  }

  /** What {@link Region} knows of the code. */
  public record Shape(int most, short[] offsets, short[] unrun, boolean[] stack) { }

  /**
   * Runs from an entry until control leaves the region, the budget gets short or an event of {@code attention} is pending.
   *
   * @param start where the page begins, as an instruction pointer
   * @param entry offset of the first instruction, one of those the region was installed for
   * @return what is left of the budget {@code rest}; {@code cpu.rip} is the next instruction
   */
  public abstract long run(Cpu cpu, long start, int entry, long rest, int attention);

  final long restAtFault() {
    return rest + unrun[at];
  }

  final int offsetAtFault() {
    return offsets[at];
  }

  final boolean stackAtFault() {
    return stack[at];
  }
}
