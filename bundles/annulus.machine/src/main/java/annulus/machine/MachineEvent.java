package annulus.machine;

/** What happens to a machine. */
public sealed interface MachineEvent {
  String machine();

  /** The lifecycle state changed. */
  record StateChanged(String machine, MachineStatus from, MachineStatus to) implements MachineEvent {}

  /** The guest reset itself or was reset. */
  record Reset(String machine, String reason) implements MachineEvent {}

  /** A provider was replaced, or the attempt failed and the old one went on. */
  record Swapped(String machine, SwapReport report) implements MachineEvent {}

  /** A processor, a device or a plug-in failed: the machine is held. */
  record Fault(String machine, String source, String message) implements MachineEvent {}
}
