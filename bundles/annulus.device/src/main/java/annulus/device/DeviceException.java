package annulus.device;

/** A device cannot be created. */
public final class DeviceException extends Exception {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Reason { BAD_OPTION, REGION_TAKEN, MISSING_ROLE, HOST }

  private final Reason reason;

  /** @param message names the bad value and what would be right */
  public DeviceException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
