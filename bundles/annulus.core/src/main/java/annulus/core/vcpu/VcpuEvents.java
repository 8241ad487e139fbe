package annulus.core.vcpu;

/** What a processor reports to its machine; called on the processor's thread, must not block. */
public interface VcpuEvents {
  /** The processor is in shutdown after a triple fault. It holds itself. */
  void tripleFault(int vcpu);

  /** The engine failed or broke its contract. The processor holds itself. */
  void engineFailed(int vcpu, Throwable cause);
}
