package annulus.engine.lockstep;

import annulus.engine.PendingEvents;
import annulus.engine.VcpuBus;
import annulus.engine.VcpuContext;
import annulus.engine.lockstep.Request.Kind;
import annulus.memory.GuestMemory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one engine sees of everything that is neither processor nor memory: bus, time and random numbers.
 *
 * <pre>
 * LIVE      while the leading engine runs: requests go to the machine and into the journal
 * REPLAY    while an engine follows: answers come from the journal, and a request that is not next in it is a difference
 * ATTACHED  while state enters or leaves the leading engine: the machine answers, but time stands still
 * DETACHED  while state enters or leaves otherwise: time and task priority stand still, and nothing is written
 * </pre>
 */
final class Outside implements VcpuBus {
  /** Where answers come from. */
  enum Mode { LIVE, REPLAY, ATTACHED, DETACHED }

  private final VcpuContext real;
  private final List<Request> journal;
  private final PendingEvents pending;
  private final GuestMemory memory;
  private Mode mode = Mode.ATTACHED;
  private int position;
  private long time;
  private long taskPriority;
  /** Interrupts are given to the engine when it asks. */
  private boolean interruptible;
  /** The engine asked for an interrupt and was put off. */
  private boolean putOff;
  /** The difference that was thrown through the engine, in case it does not come out at the other end. */
  private @Nullable Divergence divergence;
  /** The request that the machine is serving. */
  private volatile @Nullable Request served;

  /**
   * @param pending what this engine polls
   * @param memory where DMA is replayed to
   */
  Outside(VcpuContext real, List<Request> journal, PendingEvents pending, GuestMemory memory) {
    this.real = real;
    this.journal = journal;
    this.pending = pending;
    this.memory = memory;
  }

  void live() {
    mode = Mode.LIVE;
  }

  void replay() {
    mode = Mode.REPLAY;
  }

  /** @param time what the time-stamp counter reads until further notice */
  void attach(long time) {
    mode = Mode.ATTACHED;
    this.time = time;
  }

  /** @param taskPriority what CR8 reads until further notice */
  void detach(long time, long taskPriority) {
    mode = Mode.DETACHED;
    this.time = time;
    this.taskPriority = taskPriority;
  }

  /**
   * Engines look for interrupts at places of their choice. So they get one only in a step that starts where it can be delivered, which
   * they do before the first instruction; otherwise they find that it has gone away, and the step ends soon.
   */
  void interruptible(boolean now) {
    interruptible = now;
  }

  /** Whether the engine asked for an interrupt in this step and was put off. */
  boolean putOff() {
    return putOff;
  }

  /** Goes back to the start of the journal. */
  void rewind() {
    position = 0;
    putOff = false;
    divergence = null;
  }

  /** Requests of the journal that were replayed. */
  int position() {
    return position;
  }

  @Nullable Divergence divergence() {
    return divergence;
  }

  /** The request that the machine is serving for this engine now. */
  @Nullable Request served() {
    return served;
  }

  private long ask(Kind kind, long address, int size, long value) {
    Request r = new Request(kind, address, size, value);
    if (kind == Kind.ACKNOWLEDGE && !interruptible) {
      putOff = true;
      pending.clear(PendingEvents.INTERRUPT);
      pending.raise(PendingEvents.HOLD);
      return -1;
    }
    switch (mode) {
      case LIVE -> {
        served = r;
        try {
          r.result = perform(r);
        } finally {
          served = null;
        }
        journal.add(r);
        int now = real.pending().get();
        int seen = pending.get();
        // The next interrupt needs another step, which may be one without any.
        boolean taken = kind == Kind.ACKNOWLEDGE;
        r.lineReleased = taken || (seen & ~now & PendingEvents.INTERRUPT) != 0;
        r.newEvent = (now & ~seen) != 0 || taken && (now & PendingEvents.INTERRUPT) != 0;
        follow(r);
        return r.result;
      }
      case REPLAY -> {
        Request expected = position < journal.size() ? journal.get(position) : null;
        if (expected == null || !expected.asks(r)) {
          divergence = new Divergence(r + (expected == null ? ", which the leading engine did not ask for"
              : ", where the leading engine asked for: " + expected));
          throw divergence;
        }
        position++;
        for (Request.Dma d : expected.dma) {
          memory.write(d.gpa(), d.bytes(), 0, d.bytes().length);
        }
        follow(expected);
        return expected.result;
      }
      case ATTACHED -> {
        return kind == Kind.TIME ? time : perform(r);
      }
      case DETACHED -> {
        return switch (kind) {
          case TIME -> time;
          case TASK_PRIORITY_READ -> taskPriority;
          case PORT_WRITE, MMIO_WRITE, TASK_PRIORITY_WRITE, APIC_MSR_WRITE -> 1;
          default -> perform(r);
        };
      }
    }
    throw new IllegalStateException(mode.name());
  }

  /**
   * A released line is seen at once: an acknowledge would find nothing. What becomes pending waits for the end of the step, at which
   * both engines see it at the same instruction; the step is asked to end soon.
   */
  private void follow(Request r) {
    if (r.lineReleased) {
      pending.clear(PendingEvents.INTERRUPT);
    }
    if (r.newEvent) {
      pending.raise(PendingEvents.HOLD);
    }
  }

  private long perform(Request r) {
    VcpuBus bus = real.bus();
    int address = (int) r.address;
    return switch (r.kind) {
      case PORT_READ -> bus.readPort(address, r.size);
      case PORT_WRITE -> {
        bus.writePort(address, r.size, (int) r.value);
        yield 0;
      }
      case MMIO_READ -> bus.readMmio(r.address, r.size);
      case MMIO_WRITE -> {
        bus.writeMmio(r.address, r.size, r.value);
        yield 0;
      }
      case ACKNOWLEDGE -> bus.acknowledgeInterrupt();
      case TASK_PRIORITY_READ -> bus.taskPriority();
      case TASK_PRIORITY_WRITE -> {
        bus.setTaskPriority((int) r.value);
        yield 0;
      }
      case APIC_MSR_READABLE -> bus.apicMsrReadable(address) ? 1 : 0;
      case APIC_MSR_READ -> bus.readApicMsr(address);
      case APIC_MSR_WRITE -> bus.writeApicMsr(address, r.value) ? 1 : 0;
      case APIC_ENABLED -> bus.apicEnabled() ? 1 : 0;
      case TIME -> real.tsc();
      case RANDOM -> real.random();
    };
  }

  @Override public int readPort(int port, int size) {
    return (int) ask(Kind.PORT_READ, port, size, 0);
  }

  @Override public void writePort(int port, int size, int value) {
    ask(Kind.PORT_WRITE, port, size, value);
  }

  @Override public long readMmio(long gpa, int size) {
    return ask(Kind.MMIO_READ, gpa, size, 0);
  }

  @Override public void writeMmio(long gpa, int size, long value) {
    // Engines may leave rubbish above the bytes that count.
    ask(Kind.MMIO_WRITE, gpa, size, size == 8 ? value : value & (1L << 8 * size) - 1);
  }

  @Override public int acknowledgeInterrupt() {
    return (int) ask(Kind.ACKNOWLEDGE, 0, 0, 0);
  }

  @Override public int taskPriority() {
    return (int) ask(Kind.TASK_PRIORITY_READ, 0, 0, 0);
  }

  @Override public void setTaskPriority(int priority) {
    ask(Kind.TASK_PRIORITY_WRITE, 0, 0, priority);
  }

  @Override public boolean apicMsrReadable(int msr) {
    return ask(Kind.APIC_MSR_READABLE, msr, 0, 0) != 0;
  }

  @Override public long readApicMsr(int msr) {
    return ask(Kind.APIC_MSR_READ, msr, 0, 0);
  }

  @Override public boolean writeApicMsr(int msr, long value) {
    return ask(Kind.APIC_MSR_WRITE, msr, 0, value) != 0;
  }

  @Override public boolean apicEnabled() {
    return ask(Kind.APIC_ENABLED, 0, 0, 0) != 0;
  }

  long tsc() {
    return ask(Kind.TIME, 0, 0, 0);
  }

  long random() {
    return ask(Kind.RANDOM, 0, 0, 0);
  }
}
