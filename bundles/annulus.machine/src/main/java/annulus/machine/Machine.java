package annulus.machine;

import annulus.arch.VcpuState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One virtual machine. Thread-safe; a verb that does not fit the state is a {@link MachineException} that names both.
 *
 * <pre>
 *   define        create         start           powers off
 * ---------> DEFINED -----> CREATED -----> RUNNING ------------> STOPPED
 *              ^                          |  ^   |                  | create, start
 *              | destroy          pause   v  |   | fault            v
 *              +---------------- PAUSED --+  |   +-----> HELD    (as from DEFINED)
 * </pre>
 */
@ProviderType
public interface Machine {
  String name();

  MachineSpec spec();

  MachineStatus status();

  /** Takes memory, opens providers, loads the image. */
  void create() throws MachineException;

  /** Starts; creates first where needed. */
  void start() throws MachineException;

  void pause() throws MachineException;

  void resume() throws MachineException;

  /** As the reset button: devices and processors restart and the image is loaded anew. */
  void reset() throws MachineException;

  /** Asks the guest to power off, as the ACPI power button. */
  void shutdown() throws MachineException;

  /** Ends the machine at once and gives its memory back. Never refused. */
  void destroy();

  /** Waits until the machine has ended or is held. @return the status then, or the current one after the time limit */
  MachineStatus await(Duration limit) throws InterruptedException;

  /** Saves the whole machine, paused or not; it is PAUSED afterwards. @throws MachineException when the file cannot be written; the machine is as before then */
  void save(Path file) throws MachineException;

  /** The guest's serial lines and keyboard. @throws MachineException when there is none of this name; {@code serial0} is the first */
  Console console(String id) throws MachineException;

  /** State of a virtual processor, taken at an instruction boundary. */
  VcpuState vcpu(int index) throws MachineException;

  /** Replaces a processor's state while the machine is not running. */
  void setVcpu(int index, VcpuState state) throws MachineException;

  /** Guest-physical address behind a guest-virtual one as processor {@code index} sees it now, or -1. */
  long translate(int index, long linear) throws MachineException;

  /** Reads guest-physical memory. @return fewer bytes than asked for where memory ends */
  byte[] readMemory(long gpa, int length) throws MachineException;

  /** Writes guest-physical memory. */
  void writeMemory(long gpa, byte[] bytes) throws MachineException;

  /** Figures by name, grouped by a prefix up to the first dot: {@code vcpu0.instructions}, {@code memory.ram}. */
  Map<String, Long> statistics();

  /** What is plugged in now. */
  List<MachineService.Provider> providers();

  /**
   * Replaces a provider while the machine runs, is paused or is held; nothing the guest can see changes.
   *
   * @param what {@code engine}, {@code translation}, or {@code device.NAME}
   * @param provider name of the new provider; the same name loads what is installed under it now
   * @throws MachineException when it is refused or failed: the old provider goes on then, and the message says why
   */
  SwapReport swap(String what, String provider) throws MachineException;

  /** The replacements so far, oldest first, the last 1,000 of them. */
  List<SwapReport> swaps();

  void addListener(MachineListener listener);

  void removeListener(MachineListener listener);
}
