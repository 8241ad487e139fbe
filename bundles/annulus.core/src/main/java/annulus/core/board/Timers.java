package annulus.core.board;

import annulus.device.DeviceTimer;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * The timers of one machine: a queue by deadline and a thread that sleeps until the earliest. Guarded by the device lock, under
 * which expiries run.
 */
final class Timers implements AutoCloseable {
  /** The thread wakes at least this often while timers are set, so that a host clock step cannot stall them. */
  private static final long LONGEST_SLEEP_NANOS = 1_000_000_000L;

  private final DeviceLock lock;
  private final MachineClock clock;
  private final java.util.function.Consumer<Throwable> failure;
  private final PriorityQueue<Entry> queue = new PriorityQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  Timers(String machine, DeviceLock lock, MachineClock clock, java.util.function.Consumer<Throwable> failure) {
    this.lock = lock;
    this.clock = clock;
    this.failure = failure;
    thread = Thread.ofPlatform().name("annulus-" + machine + "-timers").daemon().start(this::run);
  }

  private final class Entry implements DeviceTimer, Comparable<Entry> {
    private final Runnable expiry;
    private long deadline;
    private boolean set;

    Entry(Runnable expiry) {
      this.expiry = expiry;
    }

    @Override public void at(long nanos) {
      lock.check();
      if (set) {
        queue.remove(this);
      }
      deadline = nanos;
      set = true;
      queue.add(this);
      if (queue.peek() == this) {
        LockSupport.unpark(thread);
      }
    }

    @Override public void cancel() {
      lock.check();
      if (set) {
        queue.remove(this);
        set = false;
      }
    }

    @Override public int compareTo(Entry o) {
      return Long.compare(deadline, o.deadline);
    }
  }

  DeviceTimer timer(Runnable expiry) {
    return new Entry(expiry);
  }

  /** The clock was started or stopped. */
  void clockChanged() {
    LockSupport.unpark(thread);
  }

  @Override public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      long sleep = fireDue();
      if (sleep > 0) {
        LockSupport.parkNanos(this, sleep);
      }
    }
  }

  /** Runs what is due. @return nanoseconds to the next deadline */
  private long fireDue() {
    lock.lock();
    try {
      while (clock.running() && !closed) {
        Entry first = queue.peek();
        if (first == null) {
          return Long.MAX_VALUE;
        }
        long now = clock.nanos();
        if (first.deadline > now) {
          // A deadline so far away that the difference overflows is as good as any other far one
          return first.deadline - now < 0 ? LONGEST_SLEEP_NANOS : Math.min(first.deadline - now, LONGEST_SLEEP_NANOS);
        }
        queue.remove();
        first.set = false;
        expire(first);
      }
      return Long.MAX_VALUE;
    } finally {
      lock.unlock();
    }
  }

  private void expire(Entry entry) {
    try {
      entry.expiry.run();
    } catch (RuntimeException | Error e) {
      failure.accept(e);
    }
  }
}
