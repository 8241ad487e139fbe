package annulus.engine;

import annulus.memory.GuestMemory;
import annulus.memory.translation.Translation;
import annulus.vendor.CpuModel;
import org.osgi.annotation.versioning.ProviderType;

/** What the monitor gives an engine to run one virtual processor with. Constant while the engine is open. */
@ProviderType
public interface VcpuContext {
  /** 0 is the boot processor. */
  int index();

  /** Number of virtual processors of the machine. */
  int processors();

  GuestMemory memory();

  /** The strategy bound to this processor; owned by the monitor, who closes it after the engine. */
  Translation translation();

  CpuModel model();

  PendingEvents pending();

  /** I/O and interrupt controllers, behind the machine's bus. */
  VcpuBus bus();

  /** The time-stamp counter of a processor whose guest has not written it: stands still while the machine is held. */
  long tsc();

  /** 64 random bits of cryptographic quality, for RDRAND and RDSEED. */
  default long random() {
    return HostRandom.next();
  }
}
