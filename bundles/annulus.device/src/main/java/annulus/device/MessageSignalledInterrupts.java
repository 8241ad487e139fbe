package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Role: where devices write MSI messages (SDM 3A 10.11). Served by the local APICs, or by an interrupt remapper before them. */
@ConsumerType
public interface MessageSignalledInterrupts {
  void message(long address, int data);
}
