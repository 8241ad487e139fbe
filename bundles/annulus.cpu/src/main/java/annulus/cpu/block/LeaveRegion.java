package annulus.cpu.block;

/** Leaves a region before the instruction that threw it: it would change code, and is left to the careful tier. */
public final class LeaveRegion extends RuntimeException {
  private static final long serialVersionUID = 1;
  @SuppressWarnings("StaticAssignmentOfThrowable") // stackless and immutable
  public static final LeaveRegion INSTANCE = new LeaveRegion();

  private LeaveRegion() {
    super(null, null, false, false);
  }
}
