package annulus.loader;

/** An image cannot be started. */
public final class LoadException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason { NOT_RECOGNISED, DAMAGED, UNSUPPORTED, DOES_NOT_FIT, BAD_OPTION }

  private final Reason reason;

  /** @param message names the image, the bad value and what would be right */
  public LoadException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
