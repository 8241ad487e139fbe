package annulus.device.lapic;

import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;

/** The registers of one local APIC, without behaviour. Numbers are xAPIC offsets divided by 16, as x2APIC numbers them. */
final class Registers {
  static final int ID = 0x02;
  static final int VERSION = 0x03;
  static final int TPR = 0x08;
  static final int APR = 0x09;
  static final int PPR = 0x0A;
  static final int EOI = 0x0B;
  static final int LDR = 0x0D;
  static final int DFR = 0x0E;
  static final int SVR = 0x0F;
  static final int ISR = 0x10;
  static final int TMR = 0x18;
  static final int IRR = 0x20;
  static final int ESR = 0x28;
  static final int ICR_LOW = 0x30;
  static final int ICR_HIGH = 0x31;
  static final int LVT_TIMER = 0x32;
  static final int LVT_LINT0 = 0x35;
  static final int LVT_LINT1 = 0x36;
  static final int LVT_ERROR = 0x37;
  static final int INITIAL_COUNT = 0x38;
  static final int CURRENT_COUNT = 0x39;
  static final int DIVIDE = 0x3E;
  static final int SELF_IPI = 0x3F;

  static final int LVT_MASKED = 1 << 16;
  static final int SVR_ENABLED = 1 << 8;
  static final int SVR_NO_EOI_BROADCAST = 1 << 12;

  static final long BASE_BOOT = 1 << 8;
  static final long BASE_X2APIC = 1 << 10;
  static final long BASE_ENABLED = 1 << 11;
  static final long BASE_RESET = 0xFEE00000L;

  /** Bits of the LVT entries that can be written: timer, thermal, performance, LINT0, LINT1, error (SDM 3A figure 10-8). */
  private static final int[] LVT_WRITABLE = {0x700FF, 0x107FF, 0x107FF, 0x1A7FF, 0x1A7FF, 0x100FF};

  final int index;
  long base;
  int id;
  int tpr;
  int ldr;
  int dfr;
  int svr;
  int esr;
  /** Errors since the last write of ESR. */
  int errors;
  long icr;
  final int[] lvt = new int[6];
  int divide;
  int initialCount;
  /** When the count was written, in APIC timer input ticks; -1 when the timer is stopped. */
  long timerStart;
  /** IA32_TSC_DEADLINE; 0 when disarmed. */
  long deadline;
  /** An ExtINT message arrived over the bus and waits for the 8259's acknowledge. */
  boolean extInt;
  final Vectors isr = new Vectors();
  final Vectors irr = new Vectors();
  final Vectors tmr = new Vectors();

  Registers(int index) {
    this.index = index;
    base = BASE_RESET | BASE_ENABLED | (index == 0 ? BASE_BOOT : 0);
    clear();
    id = index;
    if (index == 0) {
      // Virtual wire mode, as firmware leaves the boot processor (MultiProcessor Specification 1.4, 3.6.2.2): a guest that knows
      // only the 8259 finds its interrupts working
      svr = SVR_ENABLED | 0xFF;
      lvt[LVT_LINT0 - LVT_TIMER] = 0x700;
      lvt[LVT_LINT1 - LVT_TIMER] = 0x400;
    }
  }

  /** The state after INIT, or after being disabled: everything but the APIC base and the ID (SDM 3A 10.4.7.1, 10.4.7.3). */
  void clear() {
    tpr = 0;
    ldr = 0;
    dfr = -1;
    svr = 0xFF;
    esr = 0;
    errors = 0;
    icr = 0;
    java.util.Arrays.fill(lvt, LVT_MASKED);
    divide = 0;
    initialCount = 0;
    timerStart = -1;
    deadline = 0;
    extInt = false;
    isr.clear();
    irr.clear();
    tmr.clear();
  }

  boolean enabled() {
    return (base & BASE_ENABLED) != 0;
  }

  boolean x2apic() {
    return (base & (BASE_ENABLED | BASE_X2APIC)) == (BASE_ENABLED | BASE_X2APIC);
  }

  boolean softwareEnabled() {
    return enabled() && (svr & SVR_ENABLED) != 0;
  }

  int lvt(int register) {
    return lvt[register - LVT_TIMER];
  }

  void setLvt(int register, int value) {
    int i = register - LVT_TIMER;
    lvt[i] = value & LVT_WRITABLE[i] | ((svr & SVR_ENABLED) == 0 ? LVT_MASKED : 0);
  }

  static boolean lvtReserved(int register, int value) {
    return (value & ~(LVT_WRITABLE[register - LVT_TIMER] | 1 << 12 | 1 << 14)) != 0;
  }

  /** Processor priority: the higher class of the task's and the highest in service (SDM 3A 10.8.3.1). */
  int ppr() {
    int inService = Math.max(isr.highest(), 0);
    return (tpr & 0xF0) >= (inService & 0xF0) ? tpr : inService & 0xF0;
  }

  /** The vector that may be delivered now, or -1. */
  int deliverable() {
    int vector = irr.highest();
    return vector >= 0 && (vector & 0xF0) > (ppr() & 0xF0) ? vector : -1;
  }

  /** 0 one-shot, 1 periodic, 2 TSC-deadline. */
  int timerMode() {
    return lvt(LVT_TIMER) >> 17 & 3;
  }

  /** Input ticks per count: DCR bits 3, 1, 0 (SDM 3A figure 10-10). */
  int divisor() {
    int d = divide >> 1 & 4 | divide & 3;
    return d == 7 ? 1 : 2 << d;
  }

  void export(StateWriter w) {
    String p = "apic" + index + ".";
    w.put(p + "base", base).put(p + "id", id).put(p + "tpr", tpr).put(p + "ldr", ldr).put(p + "dfr", dfr).put(p + "svr", svr)
        .put(p + "esr", esr).put(p + "errors", errors).put(p + "icr", icr).put(p + "lvt", lvt).put(p + "divide", divide)
        .put(p + "initialCount", initialCount).put(p + "timerStart", timerStart).put(p + "deadline", deadline)
        .put(p + "extInt", extInt).put(p + "isr", isr.words()).put(p + "irr", irr.words()).put(p + "tmr", tmr.words());
  }

  static Registers restored(StateReader r, int index, long now) throws StateException {
    Registers c = new Registers(index);
    String p = "apic" + index + ".";
    c.base = r.getLong(p + "base");
    if ((c.base & ~(0xF_FFFF_FFFF_F000L | BASE_BOOT | BASE_X2APIC | BASE_ENABLED)) != 0
        || (c.base & (BASE_X2APIC | BASE_ENABLED)) == BASE_X2APIC) {
      throw new StateException("field %sbase is %#x; that is not a value of IA32_APIC_BASE".formatted(p, c.base));
    }
    c.id = r.getInt(p + "id", 0, 0xFF);
    c.tpr = r.getInt(p + "tpr", 0, 0xFF);
    c.ldr = r.getInt(p + "ldr", Integer.MIN_VALUE, Integer.MAX_VALUE);
    c.dfr = r.getInt(p + "dfr", Integer.MIN_VALUE, Integer.MAX_VALUE);
    c.svr = r.getInt(p + "svr", 0, 0x1FFF);
    c.esr = r.getInt(p + "esr", 0, 0xFF);
    c.errors = r.getInt(p + "errors", 0, 0xFF);
    c.icr = r.getLong(p + "icr");
    long[] lvt = r.getLongs(p + "lvt", c.lvt.length);
    for (int i = 0; i < lvt.length; i++) {
      c.lvt[i] = (int) lvt[i] & LVT_WRITABLE[i];
    }
    c.divide = r.getInt(p + "divide", 0, 0xF);
    c.initialCount = r.getInt(p + "initialCount", Integer.MIN_VALUE, Integer.MAX_VALUE);
    c.timerStart = r.getLong(p + "timerStart");
    if (c.timerStart < -1 || c.timerStart > now) {
      throw new StateException("field %stimerStart is %d; it must be from -1 to now, %d".formatted(p, c.timerStart, now));
    }
    c.deadline = r.getLong(p + "deadline");
    c.extInt = r.getBoolean(p + "extInt");
    c.isr.set(r.getLongs(p + "isr", 8));
    c.irr.set(r.getLongs(p + "irr", 8));
    c.tmr.set(r.getLongs(p + "tmr", 8));
    return c;
  }
}
