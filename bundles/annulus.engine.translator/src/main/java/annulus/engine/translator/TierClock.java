package annulus.engine.translator;

import annulus.cpu.block.BlockEngine;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Where processors spend their time: a thread looks every {@value #PERIOD} ms. To read a clock at each change of tier, of which there
 * are millions a second, would cost more than the changes.
 */
final class TierClock {
  /** Milliseconds between two looks while any processor runs. */
  static final int PERIOD = 10;
  /** The same while all are halted or held. */
  private static final int IDLE_PERIOD = 100;

  /** The time of one processor. */
  static final class Times {
    private final BlockEngine engine;
    /** Nanoseconds by {@link BlockEngine#tier}; written by the clock's thread. */
    private final long[] nanoseconds = new long[1 + Form.values().length];

    private Times(BlockEngine engine) {
      this.engine = engine;
    }

    /** @return whether guest code was run */
    private synchronized boolean look(long elapsed) {
      int tier = engine.tier();
      if (tier == BlockEngine.NOT_RUNNING) {
        return false;
      }
      nanoseconds[tier] += elapsed;
      return true;
    }

    /** Milliseconds spent in {@code tier}, {@link BlockEngine#INTERPRETED} or that of a {@link Form}. */
    synchronized long milliseconds(int tier) {
      return nanoseconds[tier] / 1_000_000;
    }
  }

  private final List<Times> all = new CopyOnWriteArrayList<>();
  private final HostLoad load = new HostLoad();
  private volatile @Nullable Thread thread;

  /** What is left of the host's processors. */
  HostLoad load() {
    return load;
  }

  /** Begins to take the time of {@code engine}. */
  synchronized Times begin(BlockEngine engine) {
    Times times = new Times(engine);
    all.add(times);
    if (thread == null) {
      Thread t = Thread.ofPlatform().name("annulus tier clock").daemon().unstarted(this::run);
      thread = t;
      t.start();
    }
    return times;
  }

  synchronized void end(Times times) {
    all.remove(times);
    Thread t = thread;
    if (all.isEmpty() && t != null) {
      thread = null;
      LockSupport.unpark(t);
    }
  }

  private void run() {
    long last = System.nanoTime();
    boolean running = true;
    load.begin(last);
    while (thread == Thread.currentThread()) {
      LockSupport.parkNanos((running ? PERIOD : IDLE_PERIOD) * 1_000_000L);
      long now = System.nanoTime();
      running = false;
      for (Times times : all) {
        running |= times.look(now - last);
      }
      if (running) {
        load.look(now); // asks the host's kernel, and nobody asks for what it finds while all processors are halted
      }
      last = now;
    }
  }
}
