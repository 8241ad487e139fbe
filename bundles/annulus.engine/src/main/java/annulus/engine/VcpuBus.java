package annulus.engine;

import org.osgi.annotation.versioning.ProviderType;

/** The way of one virtual processor to everything that is not memory. Calls may take the machine's device lock. */
@ProviderType
public interface VcpuBus {
  /** Reads 1, 2 or 4 bytes from a port, zero-extended; all ones where no device answers. */
  int readPort(int port, int size);

  void writePort(int port, int size, int value);

  /** Reads 1, 2, 4 or 8 bytes, zero-extended, where guest-physical memory has neither RAM nor ROM; all ones where no device answers. */
  long readMmio(long gpa, int size);

  void writeMmio(long gpa, int size, long value);

  /** Acknowledges the pending interrupt: its vector, or -1 when it has gone away. Updates {@link PendingEvents#INTERRUPT}. */
  int acknowledgeInterrupt();

  /** CR8, 0-15. */
  int taskPriority();

  void setTaskPriority(int priority);

  /** Whether {@code msr} belongs to the local APIC and can be read now. */
  boolean apicMsrReadable(int msr);

  long readApicMsr(int msr);

  /** @return false for #GP, also where {@code msr} is not the APIC's */
  boolean writeApicMsr(int msr, long value);

  /** IA32_APIC_BASE bit 11; false where the machine has no local APICs. */
  boolean apicEnabled();
}
