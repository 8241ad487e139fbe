package annulus.device;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Role of the local APICs towards the processors: one object for all of them, told apart by index. When the role is absent, a
 * processor takes interrupts from {@link ExternalInterrupts} directly. Called under the device lock.
 */
@ConsumerType
public interface LocalInterrupts {
  /** Whether processor {@code vcpu} has a deliverable interrupt (its priority above the task's, or an ExtINT). */
  boolean pending(int vcpu);

  /** Acknowledges the interrupt of highest priority: its vector, or -1 when none is deliverable any more. */
  int acknowledge(int vcpu);

  /** CR8: bits 7-4 of the task-priority register, 0-15. */
  int taskPriority(int vcpu);

  void setTaskPriority(int vcpu, int priority);

  /** Whether MSR {@code msr} is one of the APIC's that can be read now: IA32_APIC_BASE, IA32_TSC_DEADLINE, x2APIC registers. */
  boolean readable(int vcpu, int msr);

  long readMsr(int vcpu, int msr);

  /** Writes an APIC MSR. @return false for #GP */
  boolean writeMsr(int vcpu, int msr, long value);

  /** IA32_APIC_BASE bit 11. */
  boolean globallyEnabled(int vcpu);

  /** The processor was reset by INIT: the APIC returns to its state after INIT (SDM 3A 10.4.7.3). */
  void initReceived(int vcpu);
}
