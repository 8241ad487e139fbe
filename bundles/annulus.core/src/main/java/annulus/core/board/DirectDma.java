package annulus.core.board;

import annulus.device.DmaPort;
import annulus.memory.GuestMemory;
import annulus.memory.MemoryFault;
import org.jspecify.annotations.Nullable;

/** Device addresses are guest-physical ones: a machine without an IOMMU. */
final class DirectDma implements DmaPort {
  private volatile @Nullable GuestMemory memory;

  DirectDma(GuestMemory memory) {
    this.memory = memory;
  }

  /** Ends all access: the device is gone. */
  void revoke() {
    memory = null;
  }

  @Override public boolean read(long iova, byte[] into, int offset, int length) {
    GuestMemory m = memory;
    if (m == null) {
      return false;
    }
    try {
      m.read(iova, into, offset, length);
      return true;
    } catch (MemoryFault e) {
      return false;
    }
  }

  @Override public boolean write(long iova, byte[] from, int offset, int length) {
    GuestMemory m = memory;
    if (m == null) {
      return false;
    }
    try {
      m.write(iova, from, offset, length);
      return true;
    } catch (MemoryFault e) {
      return false;
    }
  }
}
