package annulus.cpu;

/**
 * A fault or trap on its way to the guest. One preallocated instance per processor, without a stack trace: guests raise these
 * all the time. Thrown before the instruction has changed any architectural state (faults), so that the engine only has to set
 * RIP back to the instruction's start.
 */
public final class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1;
  /** Exception vector. */
  public int vector;
  /** Error code, meaningful where {@link annulus.arch.Vector#hasErrorCode}. */
  public int errorCode;

  GuestFault() {
    super(null, null, false, false);
  }
}
