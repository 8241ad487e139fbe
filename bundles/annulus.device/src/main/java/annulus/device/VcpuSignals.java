package annulus.device;

import org.osgi.annotation.versioning.ProviderType;

/** The wires from interrupt controllers to virtual processors. */
@ProviderType
public interface VcpuSignals {
  /** The processor's interrupt request line: asserted while {@link LocalInterrupts#pending} holds (or, without APICs, while INTR is). */
  void interrupt(int vcpu, boolean asserted);

  void nmi(int vcpu);

  /** INIT: the processor resets and waits for a start-up IPI, or, the boot processor without one waiting, restarts. */
  void init(int vcpu);

  /** Start-up IPI: a waiting processor starts in real mode at {@code vector * 0x1000}. */
  void startup(int vcpu, int vector);
}
