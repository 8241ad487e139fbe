package annulus.vendor;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The vendor's own MSRs of one virtual processor. The architectural ones (EFER, STAR, PAT, MTRRs, machine check, TSC, APIC) are
 * the processor library's and never asked for here. Called on the virtual processor's thread.
 */
@ConsumerType
public interface VendorMsrs {
  /** Whether the register exists and can be read. */
  boolean readable(int msr);

  /** The value of a readable register. */
  long read(int msr);

  /**
   * Writes a register.
   *
   * @return false when it does not exist, is read-only, or {@code value} sets reserved bits: the guest gets #GP
   */
  boolean write(int msr, long value);

  /** Registers that differ from reset, for the canonical state. */
  Map<Integer, Long> export();
}
