package annulus.engine;

import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An engine at work for one virtual processor. All methods are called on that processor's thread; other threads reach it through
 * {@link PendingEvents} only.
 *
 * <p>Between calls of {@link #run} the processor is at an instruction boundary (or between two iterations of a repeated string
 * instruction), and {@link #export} then {@link #restore} in another engine continues it without a difference the guest could see.
 */
@ConsumerType
public interface Engine extends AutoCloseable {
  /**
   * Runs guest code until something needs the monitor. Delivers exceptions and interrupts to the guest itself.
   *
   * @param budget most guest instructions to run, 1 or more; a repeated string instruction counts each iteration
   * @return an {@link Exit} code
   * @throws EngineException a defect or a host failure; the machine is held
   */
  int run(long budget) throws EngineException;

  /** Guest instructions completed since {@link EngineProvider#open}. Readable from any thread, perhaps a little late. */
  long instructions();

  /** The current state. @param groups {@link StateGroup} bits */
  VcpuState export(int groups);

  /** Takes over the groups that are present. @throws StateException when a value cannot be; nothing has changed then */
  void restore(VcpuState state) throws StateException;

  /** Something this engine derived (TLB, decoded code) may be stale: drop all of it. */
  void flush();

  /**
   * Translates a linear address as a read by the debugger would, without side effects on the guest.
   *
   * @return the guest-physical address, or -1 where nothing is mapped
   */
  long translate(long linear);

  /** Figures since open, by name; for people. Readable from any thread. */
  Map<String, Long> counters();

  /** Releases everything. The engine must leave no reference behind in the context or the memory. */
  @Override void close();
}
