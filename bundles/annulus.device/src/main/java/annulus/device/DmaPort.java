package annulus.device;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A device's view of memory: direct, or through an IOMMU domain. Revocable and permission-checked; an access that is not
 * permitted has no effect and is reported.
 */
@ProviderType
public interface DmaPort {
  /** Copies from memory at device address {@code iova}. @return false when any byte may not be read; {@code into} is unchanged then */
  boolean read(long iova, byte[] into, int offset, int length);

  /** Copies to memory. @return false when any byte may not be written; nothing is written then */
  boolean write(long iova, byte[] from, int offset, int length);
}
