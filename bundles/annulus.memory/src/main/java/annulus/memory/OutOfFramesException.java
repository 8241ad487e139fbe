package annulus.memory;

/** The pool of machine memory has fewer free frames than asked for. */
public final class OutOfFramesException extends Exception {
  private static final long serialVersionUID = 1;

  public OutOfFramesException(int wanted, int free) {
    super("%d MiB of machine memory wanted, %d MiB free".formatted(wanted >> 8, free >> 8));
  }
}
