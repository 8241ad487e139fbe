package annulus.memory;

import org.osgi.annotation.versioning.ConsumerType;

/** Learns that a page it decoded code from is being written; see {@link GuestMemory#markCode}. */
@ConsumerType
public interface CodeObserver {
  /**
   * The guest frame {@code gfn} has been, or is about to be, written. Runs on the writing thread, which may belong to another
   * virtual processor or to a device, and must not block.
   */
  void codeWritten(long gfn);
}
