package annulus.core.vcpu;

import annulus.device.VcpuSignals;
import annulus.engine.PendingEvents;
import java.util.List;

/** The wires from interrupt controllers to the processors: each ends in a processor's pending events. */
public final class Signals implements VcpuSignals {
  private volatile List<PendingEvents> processors = List.of();

  /** Connects the processors, by index. */
  public void connect(List<PendingEvents> processors) {
    this.processors = List.copyOf(processors);
  }

  private void raise(int vcpu, int event) {
    List<PendingEvents> all = processors;
    if (vcpu < all.size()) {
      all.get(vcpu).raise(event);
    }
  }

  @Override public void interrupt(int vcpu, boolean asserted) {
    if (asserted) {
      raise(vcpu, PendingEvents.INTERRUPT);
    } else if (vcpu < processors.size()) {
      processors.get(vcpu).clear(PendingEvents.INTERRUPT);
    }
  }

  @Override public void nmi(int vcpu) {
    raise(vcpu, PendingEvents.NMI);
  }

  /** A start-up IPI from before is void; one that follows waits until INIT has been served. */
  @Override public void init(int vcpu) {
    if (vcpu < processors.size()) {
      processors.get(vcpu).clear(PendingEvents.STARTUP);
    }
    raise(vcpu, PendingEvents.INIT);
  }

  @Override public void startup(int vcpu, int vector) {
    if (vcpu < processors.size()) {
      processors.get(vcpu).raiseStartup(vector);
    }
  }
}
