package annulus.core.board;

import annulus.device.MachineControl;

/** What the board reports to its machine, from any thread; taken up by the machine's supervisor. */
public interface MachineEvents extends MachineControl {
  /** Device code threw: the machine is to be held. */
  void deviceFailed(String device, Throwable cause);
}
