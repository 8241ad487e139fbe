package annulus.shell.cli;

/** Exit statuses of the command line. The guest's own, by a debug-exit device, can be any other. */
final class ExitStatus {
  /** The guest powered off. */
  static final int POWERED_OFF = 0;
  /** The command line or the specification is wrong, or something needed is missing. */
  static final int USAGE = 2;
  /** Ended by the user. */
  static final int INTERRUPTED = 130;

  private ExitStatus() {}
}
