package annulus.device.lapic;

import static annulus.device.lapic.Registers.*;

import annulus.arch.DeviceState;
import annulus.arch.Msr;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
import annulus.device.ApicBus;
import annulus.device.Device;
import annulus.device.DeviceContext;
import annulus.device.DeviceException;
import annulus.device.EndOfInterruptListener;
import annulus.device.ExternalInterruptTarget;
import annulus.device.ExternalInterrupts;
import annulus.device.LocalInterrupts;
import annulus.device.MessageSignalledInterrupts;
import annulus.device.Role;
import annulus.device.VcpuSignals;

/**
 * The local APICs of all processors and the bus between them.
 *
 * <p>State: complete.
 * <p>Features: xAPIC and x2APIC mode with the transitions of IA32_APIC_BASE, disabling and enabling again; IRR, ISR, TMR, task and
 * processor priority; EOI with broadcast and its suppression; LVT timer (one-shot, periodic, TSC-deadline), LINT0 and LINT1 with
 * ExtINT and NMI, error register; all IPI delivery modes but SMI, shorthands, physical, flat and cluster destinations, lowest
 * priority; MSI. The boot processor starts in virtual wire mode.
 * <p>Missing: SMI (there is no system-management mode, the message is dropped), thermal and performance interrupts (entries can be
 * written, nothing raises them), CMCI; a deadline is compared with the machine's time-stamp counter, so a guest that writes
 * IA32_TSC or IA32_TSC_ADJUST sees deadlines off by what it wrote; address bits 51-12 of IA32_APIC_BASE are accepted whatever
 * MAXPHYADDR is; registers moved to an address with RAM or another device behind it are out of reach.
 * <p>Documentation: SDM 3A chapter 10; APM 2 chapter 16.
 */
final class LocalApics
    implements Device, LocalInterrupts, ApicBus, ExternalInterruptTarget, MessageSignalledInterrupts {
  private static final String SCHEMA = "annulus.device.lapic";
  private static final int MODE_LOWEST_PRIORITY = 1;
  private static final int MODE_INIT = 5;

  private final LocalApic[] apics;
  private final VcpuSignals vcpus;
  private final Role<ExternalInterrupts> pic;
  private final Role<EndOfInterruptListener> listeners;
  private final ApicPages pages;

  LocalApics(DeviceContext context) throws DeviceException {
    vcpus = context.vcpus();
    pic = context.role(ExternalInterrupts.class);
    listeners = context.role(EndOfInterruptListener.class);
    apics = new LocalApic[context.platform().processors()];
    for (int i = 0; i < apics.length; i++) {
      apics[i] = new LocalApic(this, context, i);
    }
    pages = new ApicPages(context, apics);
    context.provide(LocalInterrupts.class, this);
    context.provide(ApicBus.class, this);
    context.provide(ExternalInterruptTarget.class, this);
    context.provide(MessageSignalledInterrupts.class, this);
  }

  // ---- towards the processors

  /** Shows processor's request line what the APIC has for it. */
  void update(LocalApic apic) {
    vcpus.interrupt(apic.r.index, pending(apic.r.index));
  }

  private void updateAll() {
    for (LocalApic a : apics) {
      update(a);
    }
  }

  /** Whether INTR of the 8259 pair reaches the processor: through LINT0, or straight where the APIC is disabled (SDM 3A 10.4.3). */
  private boolean external(Registers r) {
    ExternalInterrupts source = pic.get();
    if (source == null || !source.asserted()) {
      return false;
    }
    if (!r.enabled()) {
      return r.index == 0; // INTR is wired to the boot processor
    }
    int lint0 = r.lvt(LVT_LINT0);
    return r.extInt || (lint0 & LVT_MASKED) == 0 && (lint0 >> 8 & 7) == 7;
  }

  @Override public boolean pending(int vcpu) {
    Registers r = apics[vcpu].r;
    return r.enabled() && r.deliverable() >= 0 || external(r);
  }

  @Override public int acknowledge(int vcpu) {
    LocalApic apic = apics[vcpu];
    int vector = -1;
    ExternalInterrupts source = pic.get();
    if (source != null && external(apic.r)) { // ExtINT is served before the APIC's own (SDM 3A 10.8.1)
      apic.r.extInt = false;
      vector = source.acknowledge();
    } else if (apic.r.enabled()) {
      vector = apic.acknowledgeFixed();
    }
    update(apic);
    return vector;
  }

  @Override public int taskPriority(int vcpu) {
    return apics[vcpu].r.tpr >> 4;
  }

  @Override public void setTaskPriority(int vcpu, int priority) {
    apics[vcpu].setTpr(priority << 4);
  }

  @Override public boolean globallyEnabled(int vcpu) {
    return apics[vcpu].r.enabled();
  }

  @Override public boolean readable(int vcpu, int msr) {
    return msr == Msr.APIC_BASE || msr == Msr.TSC_DEADLINE
        || apics[vcpu].r.x2apic() && msr >= Msr.X2APIC_FIRST && msr <= Msr.X2APIC_LAST
            && LocalApic.x2apicReadable(msr - Msr.X2APIC_FIRST);
  }

  @Override public long readMsr(int vcpu, int msr) {
    LocalApic apic = apics[vcpu];
    return switch (msr) {
      case Msr.APIC_BASE -> apic.r.base;
      case Msr.TSC_DEADLINE -> apic.deadline();
      case Msr.X2APIC_FIRST + ICR_LOW -> apic.r.icr;
      default -> Integer.toUnsignedLong(apic.read(msr - Msr.X2APIC_FIRST));
    };
  }

  @Override public boolean writeMsr(int vcpu, int msr, long value) {
    LocalApic apic = apics[vcpu];
    if (msr == Msr.APIC_BASE) {
      boolean ok = apic.writeBase(value);
      pages.claim(apic.r.base);
      return ok;
    }
    if (msr == Msr.TSC_DEADLINE) {
      apic.setDeadline(value);
      return true;
    }
    return apic.r.x2apic() && msr >= Msr.X2APIC_FIRST && msr <= Msr.X2APIC_LAST
        && apic.x2apicWrite(msr - Msr.X2APIC_FIRST, value);
  }

  @Override public void initReceived(int vcpu) {
    LocalApic apic = apics[vcpu];
    apic.r.clear();
    apic.armTimer();
    update(apic);
  }

  // ---- the bus

  void broadcastEndOfInterrupt(int vector) {
    for (EndOfInterruptListener l : listeners.all()) {
      l.endOfInterrupt(vector);
    }
  }

  /** Sends what an ICR says (SDM 3A 10.6.1): destination, shorthand 19-18, trigger 15, level 14, mode 11, delivery 10-8, vector. */
  void send(LocalApic from, long icr) {
    int delivery = (int) icr >> 8 & 7;
    boolean levelTriggered = (icr & 1 << 15) != 0;
    if (delivery == MODE_INIT && levelTriggered && (icr & 1 << 14) == 0) {
      return; // INIT level de-assert only synchronised arbitration ids
    }
    int vector = (int) icr & 0xFF;
    switch ((int) icr >> 18 & 3) {
      case 0 -> {
        int destination = from.r.x2apic() ? (int) (icr >>> 32) : (int) (icr >>> 56);
        route(destination, (icr & 1 << 11) != 0, delivery, vector, false, from.r.x2apic());
      }
      case 1 -> deliverTo(from, delivery, vector, false);
      default -> {
        boolean self = ((int) icr >> 18 & 3) == 2;
        for (LocalApic a : apics) {
          if (self || a != from) {
            deliverTo(a, delivery, vector, false);
          }
        }
      }
    }
  }

  @Override public void deliver(int destination, boolean logical, int deliveryMode, int vector, boolean level) {
    route(destination, logical, deliveryMode, vector, level, false);
  }

  private void route(int destination, boolean logical, int delivery, int vector, boolean level, boolean wide) {
    LocalApic lowest = null;
    for (LocalApic a : apics) {
      if (!addressed(a, destination, logical, wide)) {
        continue;
      }
      if (delivery != MODE_LOWEST_PRIORITY) {
        deliverTo(a, delivery, vector, level);
      } else if (a.r.softwareEnabled() && (lowest == null || a.r.ppr() < lowest.r.ppr())) {
        lowest = a;
      }
    }
    if (lowest != null) {
      deliverTo(lowest, 0, vector, level);
    }
  }

  /** Whether a message is meant for an APIC (SDM 3A 10.6.2). {@code wide}: the destination has 32 bits, else 8. */
  private static boolean addressed(LocalApic a, int destination, boolean logical, boolean wide) {
    Registers r = a.r;
    if (!r.enabled()) {
      return false; // disabled in IA32_APIC_BASE, it is not on the bus at all
    }
    if (destination == (wide ? -1 : 0xFF)) {
      return true;
    }
    if (!logical) {
      return destination == (r.x2apic() ? r.index : r.id);
    }
    if (r.x2apic()) {
      int id = a.x2apicLogicalId();
      return id >>> 16 == destination >>> 16 && (id & destination & 0xFFFF) != 0;
    }
    int id = r.ldr >>> 24;
    if (r.dfr >>> 28 == 0xF) {
      return (id & destination & 0xFF) != 0; // flat model
    }
    int cluster = destination >> 4 & 0xF;
    return (cluster == id >> 4 || cluster == 0xF) && (id & destination & 0xF) != 0;
  }

  /** A message arrives at one APIC. */
  void deliverTo(LocalApic apic, int delivery, int vector, boolean level) {
    int vcpu = apic.r.index;
    switch (delivery) {
      case 0, MODE_LOWEST_PRIORITY -> apic.accept(vector, level);
      case 4 -> vcpus.nmi(vcpu);
      case MODE_INIT -> vcpus.init(vcpu);
      case 6 -> vcpus.startup(vcpu, vector);
      case 7 -> {
        apic.r.extInt = true;
        update(apic);
      }
      default -> { } // 2: SMI, without a system-management mode to enter; 3 is reserved
    }
  }

  /** SDM 3A 10.11: destination in address bits 19-12, logical mode bit 2; data: vector, delivery mode 10-8, trigger 15. */
  @Override public void message(long address, int data) {
    deliver((int) (address >> 12) & 0xFF, (address & 4) != 0, data >> 8 & 7, data & 0xFF, (data & 1 << 15) != 0);
  }

  @Override public void externalInterruptChanged(boolean asserted) {
    for (LocalApic a : apics) {
      int lint0 = a.r.lvt(LVT_LINT0);
      // LINT0 can also be programmed to turn the 8259's output into an interrupt of its own
      if (asserted && a.r.index == 0 && (lint0 >> 8 & 7) != 7) {
        a.local(LVT_LINT0);
      }
      update(a);
    }
  }

  // ---- lifecycle

  @Override public void start() {
    resume();
  }

  @Override public void pause() {
    // the clock stands still, so no timer fires
  }

  @Override public void resume() {
    for (LocalApic a : apics) {
      a.armTimer();
    }
    updateAll();
  }

  @Override public void reset() {
    for (LocalApic a : apics) {
      a.r = new Registers(a.r.index);
      a.armTimer();
    }
    updateAll();
  }

  @Override public void halt() {
    for (LocalApic a : apics) {
      a.stopTimer();
    }
  }

  @Override public DeviceState export() {
    StateWriter w = new StateWriter().put("processors", apics.length);
    for (LocalApic a : apics) {
      a.r.export(w);
    }
    return w.toState(SCHEMA, 1);
  }

  @Override public void restore(DeviceState state) throws StateException {
    StateReader reader = state.open(SCHEMA, 1);
    reader.getInt("processors", apics.length, apics.length);
    Registers[] fresh = new Registers[apics.length];
    long now = LocalApic.TIMER_INPUT.ticks(pages.nanos());
    for (int i = 0; i < fresh.length; i++) {
      fresh[i] = Registers.restored(reader, i, now);
    }
    reader.finish();
    for (int i = 0; i < fresh.length; i++) {
      apics[i].r = fresh[i];
      pages.claim(fresh[i].base);
    }
  }
}
