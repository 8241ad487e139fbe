package annulus.device.lapic;

import static annulus.device.lapic.Registers.*;

import annulus.device.DeviceClock;
import annulus.device.DeviceContext;
import annulus.device.DeviceTimer;
import annulus.device.Frequency;

/** One local APIC: what its registers do. Everything between APICs is {@link LocalApics}'. */
final class LocalApic {
  /** Input of the timer. Software calibrates it, or finds it in CPUID leaf 15H as the core crystal's frequency. */
  static final Frequency TIMER_INPUT = new Frequency(1_000_000_000);

  private static final int ERROR_SEND_ILLEGAL_VECTOR = 1 << 5;
  private static final int ERROR_RECEIVED_ILLEGAL_VECTOR = 1 << 6;
  private static final int ERROR_ILLEGAL_REGISTER = 1 << 7;
  /** Version 14H, six LVT entries, suppression of EOI broadcasts (SDM 3A 10.4.8). */
  private static final int VERSION_VALUE = 0x0105_0014;

  /** In timer input ticks: 20 microseconds. */
  private static final long SHORTEST_PERIOD = 20_000;

  private final LocalApics all;
  private final DeviceClock clock;
  private final Frequency tsc;
  private final DeviceTimer timer;
  Registers r;

  LocalApic(LocalApics all, DeviceContext context, int index) {
    this.all = all;
    clock = context.clock();
    tsc = new Frequency(context.platform().tscHz());
    timer = context.timer(this::timerExpired);
    r = new Registers(index);
  }

  // ---- interrupts

  /** Accepts a fixed interrupt. A disabled APIC ignores it, vectors below 16 are errors (SDM 3A 10.5.2, 10.4.7.2). */
  void accept(int vector, boolean level) {
    if (!r.softwareEnabled()) {
      return;
    }
    if (vector < 16) {
      error(ERROR_RECEIVED_ILLEGAL_VECTOR);
      return;
    }
    r.irr.set(vector, true);
    r.tmr.set(vector, level);
    all.update(this);
  }

  /** A local interrupt source fires: delivers as its LVT entry says. */
  void local(int register) {
    int entry = r.lvt(register);
    if ((entry & LVT_MASKED) != 0 || !r.enabled()) {
      return;
    }
    int mode = register == LVT_TIMER || register == LVT_ERROR ? 0 : entry >> 8 & 7;
    if (mode == 0 && register == LVT_ERROR && (entry & 0xF0) == 0) {
      return; // an illegal error vector must not raise an error about itself
    }
    all.deliverTo(this, mode, entry & 0xFF, false);
  }

  void error(int bit) {
    r.errors |= bit;
    local(LVT_ERROR);
  }

  int acknowledgeFixed() {
    int vector = r.deliverable();
    if (vector >= 0) {
      r.irr.set(vector, false);
      r.isr.set(vector, true);
    }
    return vector;
  }

  private void endOfInterrupt() {
    int vector = r.isr.highest();
    if (vector < 0) {
      return;
    }
    r.isr.set(vector, false);
    if (r.tmr.has(vector) && (r.svr & SVR_NO_EOI_BROADCAST) == 0) {
      all.broadcastEndOfInterrupt(vector);
    }
    all.update(this);
  }

  void setTpr(int value) {
    r.tpr = value & 0xFF;
    all.update(this);
  }

  // ---- timer

  private long input() {
    return TIMER_INPUT.ticks(clock.nanos());
  }

  private long period() {
    return Integer.toUnsignedLong(r.initialCount) * r.divisor();
  }

  /** Sets the host's timer for the next expiry, if there is one. */
  void armTimer() {
    if (r.timerMode() == 2 ? r.deadline == 0 : r.timerStart < 0 || r.initialCount == 0) {
      timer.cancel();
      return;
    }
    if (r.timerMode() == 2) {
      // Relative to now, so that a deadline beyond the range of nanoseconds stays far away
      long wait = r.deadline - clock.tsc();
      timer.at(Long.compareUnsigned(r.deadline, clock.tsc()) <= 0 ? clock.nanos() : later(tsc.nanos(wait < 0 ? Long.MAX_VALUE : wait)));
    } else {
      long period = period();
      // Periods too short for any host are coalesced: a guest must not keep the machine's timers busy for ever
      long periods = r.timerMode() == 1 ? Math.ceilDiv(SHORTEST_PERIOD, period) : 1;
      timer.at(TIMER_INPUT.nanos(r.timerStart + periods * period));
    }
  }

  private long later(long nanos) {
    long at = clock.nanos() + nanos;
    return at < 0 ? Long.MAX_VALUE : at;
  }

  void stopTimer() {
    timer.cancel();
  }

  private void timerExpired() {
    if (r.timerMode() == 2) {
      if (Long.compareUnsigned(clock.tsc(), r.deadline) < 0) {
        armTimer(); // rounding put the host's timer a tick early
        return;
      }
      r.deadline = 0;
    } else if (r.timerMode() == 1) {
      // Keeps the phase; periods that passed while the host was late are one interrupt
      r.timerStart += (input() - r.timerStart) / period() * period();
      armTimer();
    } else {
      r.timerStart = -1;
    }
    local(LVT_TIMER);
  }

  private int currentCount() {
    if (r.timerStart < 0 || r.initialCount == 0 || r.timerMode() == 2) {
      return 0;
    }
    long counts = (input() - r.timerStart) / r.divisor();
    long initial = Integer.toUnsignedLong(r.initialCount);
    return (int) (r.timerMode() == 1 ? initial - counts % initial : Math.max(initial - counts, 0));
  }

  private void writeLvt(int register, int value) {
    int before = r.timerMode();
    r.setLvt(register, value);
    if (register == LVT_TIMER && (before == 2) != (r.timerMode() == 2)) {
      // Changing between TSC-deadline and the counting modes disarms the timer (SDM 3A 10.5.4.1)
      r.deadline = 0;
      r.timerStart = -1;
      r.initialCount = 0;
    }
    if (register == LVT_TIMER) {
      rebase(before);
      armTimer();
    }
    all.update(this);
  }

  /** A periodic timer that becomes one-shot goes on from its present count. */
  private void rebase(int before) {
    if (r.timerStart >= 0 && before == 1 && r.timerMode() == 0 && r.initialCount != 0) {
      r.timerStart += (input() - r.timerStart) / period() * period();
    }
  }

  private void writeDivide(int value) {
    if (r.timerStart >= 0 && r.initialCount != 0) {
      long counts = (input() - r.timerStart) / r.divisor();
      r.divide = value & 0xB;
      r.timerStart = input() - counts * r.divisor();
      if (r.timerStart < 0) {
        r.timerStart = 0;
      }
    } else {
      r.divide = value & 0xB;
    }
    armTimer();
  }

  long deadline() {
    return r.timerMode() == 2 ? r.deadline : 0;
  }

  void setDeadline(long tscValue) {
    if (r.timerMode() == 2) {
      r.deadline = tscValue;
      armTimer();
    }
  }

  // ---- registers

  /** Reads a register, 0 for one that does not exist after noting the error. */
  int read(int register) {
    return switch (register) {
      case ID -> r.x2apic() ? r.index : r.id << 24;
      case VERSION -> VERSION_VALUE;
      case TPR -> r.tpr;
      case APR, PPR -> r.ppr();
      case LDR -> r.x2apic() ? x2apicLogicalId() : r.ldr;
      case DFR -> r.dfr;
      case SVR -> r.svr;
      case ESR -> r.esr;
      case ICR_LOW -> (int) r.icr;
      case ICR_HIGH -> (int) (r.icr >>> 32);
      case INITIAL_COUNT -> r.initialCount;
      case CURRENT_COUNT -> currentCount();
      case DIVIDE -> r.divide;
      case EOI, SELF_IPI -> 0;
      default -> {
        if (register >= ISR && register < ESR) {
          Vectors v = register < TMR ? r.isr : register < IRR ? r.tmr : r.irr;
          yield v.word(register & 7);
        }
        if (register >= LVT_TIMER && register <= LVT_ERROR) {
          yield r.lvt(register);
        }
        error(ERROR_ILLEGAL_REGISTER);
        yield 0;
      }
    };
  }

  /** SDM 3A 10.12.10.2: cluster in bits 31-16, position in it in bits 15-0. */
  int x2apicLogicalId() {
    return r.index >> 4 << 16 | 1 << (r.index & 15);
  }

  void write(int register, int value) {
    switch (register) {
      case ID -> r.id = value >>> 24;
      case TPR -> setTpr(value);
      case EOI -> endOfInterrupt();
      case LDR -> r.ldr = value & 0xFF00_0000;
      case DFR -> r.dfr = value | 0x0FFF_FFFF;
      case SVR -> writeSvr(value);
      case ESR -> {
        r.esr = r.errors;
        r.errors = 0;
      }
      case ICR_LOW -> send(r.icr & 0xFFFF_FFFF_0000_0000L | value & 0xFFFF_FFFFL);
      case ICR_HIGH -> r.icr = r.icr & 0xFFFF_FFFFL | (long) (value & 0xFF00_0000) << 32;
      case INITIAL_COUNT -> {
        if (r.timerMode() != 2) {
          r.initialCount = value;
          r.timerStart = value == 0 ? -1 : input();
          armTimer();
        }
      }
      case DIVIDE -> writeDivide(value);
      case SELF_IPI -> selfIpi(value & 0xFF);
      case VERSION, APR, PPR, CURRENT_COUNT -> { } // read-only
      default -> {
        if (register >= LVT_TIMER && register <= LVT_ERROR) {
          writeLvt(register, value);
        } else if (register < ISR || register >= ESR) {
          error(ERROR_ILLEGAL_REGISTER);
        }
      }
    }
  }

  private void writeSvr(int value) {
    r.svr = value & (SVR_ENABLED | SVR_NO_EOI_BROADCAST | 0xFF);
    if ((value & SVR_ENABLED) == 0) {
      for (int i = 0; i < r.lvt.length; i++) {
        r.lvt[i] |= LVT_MASKED;
      }
    }
    all.update(this);
  }

  /** Writes the whole ICR, which sends. Delivery is immediate, so the status bit 12 always reads idle. */
  void send(long icr) {
    r.icr = icr & ~(1L << 12);
    int mode = (int) icr >> 8 & 7;
    if ((mode == 0 || mode == 1) && (icr & 0xF0) == 0) {
      error(ERROR_SEND_ILLEGAL_VECTOR);
      return;
    }
    all.send(this, icr);
  }

  private void selfIpi(int vector) {
    if (vector < 16) {
      error(ERROR_SEND_ILLEGAL_VECTOR);
    } else {
      accept(vector, false);
    }
  }

  // ---- x2APIC access rules, SDM 3A table 10-6

  static boolean x2apicReadable(int register) {
    return switch (register) {
      case ID, VERSION, TPR, PPR, LDR, SVR, ESR, ICR_LOW, INITIAL_COUNT, CURRENT_COUNT, DIVIDE -> true;
      default -> register >= ISR && register < ESR || register >= LVT_TIMER && register <= LVT_ERROR;
    };
  }

  /** Writes as WRMSR does. @return false for #GP: read-only, absent, or a reserved bit set */
  boolean x2apicWrite(int register, long value) {
    if (register == ICR_LOW) {
      if ((value & 0xFFF3_2000L) != 0) {
        return false;
      }
      send(value);
      return true;
    }
    long reserved = switch (register) {
      case TPR, SELF_IPI -> ~0xFFL;
      case EOI, ESR -> -1L;
      case SVR -> ~0x11FFL;
      case INITIAL_COUNT -> ~0xFFFF_FFFFL;
      case DIVIDE -> ~0xBL;
      default -> register >= LVT_TIMER && register <= LVT_ERROR
          ? value >>> 32 == 0 && !lvtReserved(register, (int) value) ? 0 : -1L
          : -1L;
    };
    boolean writable = switch (register) {
      case TPR, SELF_IPI, EOI, ESR, SVR, INITIAL_COUNT, DIVIDE -> true;
      default -> register >= LVT_TIMER && register <= LVT_ERROR;
    };
    if (!writable || (value & reserved) != 0) {
      return false;
    }
    write(register, (int) value);
    return true;
  }

  /** Writes IA32_APIC_BASE (SDM 3A 10.4.4, 10.12.5). @return false for #GP */
  boolean writeBase(long value) {
    boolean en = (value & BASE_ENABLED) != 0;
    boolean extd = (value & BASE_X2APIC) != 0;
    boolean reserved = (value & ~(0xF_FFFF_FFFF_F000L | BASE_BOOT | BASE_X2APIC | BASE_ENABLED)) != 0;
    if (reserved || extd && !en || extd && !r.enabled() || en && !extd && r.x2apic()) {
      return false;
    }
    boolean wasEnabled = r.enabled();
    r.base = value;
    if (wasEnabled && !en) { // software finds it in its power-up state when it enables it again
      r.clear();
      r.id = r.index;
      armTimer();
    }
    all.update(this);
    return true;
  }
}
