package annulus.memory;

import org.osgi.annotation.versioning.ConsumerType;

/** Learns of writes that no processor made; see {@link GuestMemory#addWriteObserver}. */
@ConsumerType
public interface WriteObserver {
  /** These bytes have been written. Runs on the writing thread and must not block. */
  void written(long gpa, long length);
}
