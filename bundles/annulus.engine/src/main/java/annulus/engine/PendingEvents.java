package annulus.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a virtual processor: one int that any thread sets and the processor's thread polls. An engine reads it, opaque,
 * at block entry, backward branches and REP iterations, never per access: a poll per access measured half the price of the
 * access itself.
 */
public final class PendingEvents {
  /** The interrupt request line is asserted. */
  public static final int INTERRUPT = 1;
  /** An NMI arrived; latched. */
  public static final int NMI = 1 << 1;
  /** INIT arrived; latched. */
  public static final int INIT = 1 << 2;
  /** A start-up IPI arrived; latched, its vector in {@link #startupVector()}. */
  public static final int STARTUP = 1 << 3;
  /** The monitor wants the processor to stop at the next boundary. */
  public static final int HOLD = 1 << 4;
  /** Derived state must be dropped: the memory map or another processor's code pages changed. */
  public static final int FLUSH = 1 << 5;
  /** The engine's own: a message from the same engine on another processor waits in a queue of its choice. */
  public static final int ENGINE = 1 << 6;

  private static final VarHandle BITS;

  static {
    try {
      BITS = MethodHandles.lookup().findVarHandle(PendingEvents.class, "bits", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Volatile for {@link #poll}: on the hosts that matter that is a plain load, also where it is C1 that compiles it. */
  private volatile int bits;
  private volatile int startupVector;
  private volatile @Nullable Thread thread;

  /** The events, for polls. */
  public int poll() {
    return bits;
  }

  /** The events, by an acquiring read. */
  public int get() {
    return (int) BITS.getAcquire(this);
  }

  /** Adds events and wakes the processor's thread if it waits. */
  public void raise(int events) {
    int before = (int) BITS.getAndBitwiseOr(this, events);
    if ((before & events) != events) {
      Thread t = thread;
      if (t != null) {
        LockSupport.unpark(t);
      }
    }
  }

  /** Takes events away. @return those of them that were set */
  public int clear(int events) {
    return (int) BITS.getAndBitwiseAnd(this, ~events) & events;
  }

  /** Latches a start-up IPI. */
  public void raiseStartup(int vector) {
    startupVector = vector;
    raise(STARTUP);
  }

  public int startupVector() {
    return startupVector;
  }

  /** Waits until any of {@code events} is set, on the processor's own thread. @return the events then set */
  public int await(int events) {
    thread = Thread.currentThread();
    int now;
    while (((now = get()) & events) == 0) {
      LockSupport.park(this);
    }
    return now;
  }
}
