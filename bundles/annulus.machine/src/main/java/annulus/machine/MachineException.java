package annulus.machine;

/** A verb that could not be carried out; nothing has changed. */
public final class MachineException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason { BAD_SPECIFICATION, NAME_TAKEN, NO_SUCH_MACHINE, WRONG_PHASE, NO_PROVIDER, NO_MEMORY, IMAGE, STATE, TIMEOUT, HOST }

  private final Reason reason;

  /** @param message names the bad value and what would be right */
  public MachineException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public MachineException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
