package annulus.cpu.block.op;

/** Leaves a block in its middle. Rare: code that modifies itself, or an instruction that unexpectedly changed the mode. */
public final class LeaveBlock extends RuntimeException {
  private static final long serialVersionUID = 1;
  /** Before the operation that threw it. */
  public static final LeaveBlock BEFORE = new LeaveBlock();
  /** After it; {@code cpu.rip} is right. */
  public static final LeaveBlock AFTER = new LeaveBlock();

  private LeaveBlock() {
    super(null, null, false, false);
  }
}
