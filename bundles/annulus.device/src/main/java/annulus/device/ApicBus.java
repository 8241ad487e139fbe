package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/** Role of the local APICs: where I/O APICs and MSI writers send interrupt messages (SDM 3A 10.11). */
@ConsumerType
public interface ApicBus {
  /**
   * Delivers an interrupt message.
   *
   * @param destination APIC id or logical destination, 8 bits (32 in x2APIC mode)
   * @param logical destination mode
   * @param deliveryMode 0 fixed, 1 lowest priority, 2 SMI, 4 NMI, 5 INIT, 6 start-up, 7 ExtINT
   * @param level trigger mode: level
   */
  void deliver(int destination, boolean logical, int deliveryMode, int vector, boolean level);
}
