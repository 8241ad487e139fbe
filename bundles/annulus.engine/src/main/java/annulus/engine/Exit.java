package annulus.engine;

/** Why {@link Engine#run} returned. */
public final class Exit {
  /** The budget is used up. */
  public static final int BUDGET = 0;
  /** A pending event that is the monitor's: {@link PendingEvents#HOLD}, INIT, a start-up IPI or a request to flush. */
  public static final int PENDING = 1;
  /** HLT, or wait for start-up: nothing to run until an event arrives. */
  public static final int HALT = 2;
  /** PAUSE or the like in a spin loop, several times in a row: another processor should run. */
  public static final int YIELD = 3;
  /** Triple fault: the processor is in shutdown (SDM 3A 6.15). */
  public static final int SHUTDOWN = 4;

  private Exit() {}

  public static String name(int exit) {
    return switch (exit) {
      case BUDGET -> "budget";
      case PENDING -> "pending";
      case HALT -> "halt";
      case YIELD -> "yield";
      case SHUTDOWN -> "shutdown";
      default -> "exit " + exit;
    };
  }
}
