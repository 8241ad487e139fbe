package annulus.engine;

/** An engine cannot be opened or cannot go on. */
public final class EngineException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason { UNSUPPORTED, HOST, DEFECT }

  private final Reason reason;

  public EngineException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public EngineException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
