package annulus.machine;

/**
 * Where a machine is in its life.
 *
 * @param reason why it is there, for people; empty where that goes without saying
 * @param exitStatus what a process that runs the machine ends with, 0-255: 0 after power-off
 */
public record MachineStatus(Phase phase, Ending ending, String reason, int exitStatus) {
  /** Lifecycle states. */
  public enum Phase { DEFINED, CREATED, RUNNING, PAUSED, HELD, STOPPED }

  /** How a stopped machine ended, or why it is held. */
  public enum Ending { NONE, POWER_OFF, RESET, TRIPLE_FAULT, EXIT_DEVICE, DESTROYED, FAULT, PROVIDER_GONE }

  /** A status that needs no explanation. */
  public static MachineStatus of(Phase phase) {
    return new MachineStatus(phase, Ending.NONE, "", 0);
  }

  /** Whether nothing more happens by itself. */
  public boolean ended() {
    return phase == Phase.STOPPED || phase == Phase.HELD;
  }
}
