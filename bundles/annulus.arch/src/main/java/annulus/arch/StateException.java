package annulus.arch;

/** A state that cannot be taken over: wrong schema, wrong version, a value out of range, or a payload left unread. */
public final class StateException extends Exception {
  private static final long serialVersionUID = 1;

  public StateException(String message) {
    super(message);
  }

  public StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
