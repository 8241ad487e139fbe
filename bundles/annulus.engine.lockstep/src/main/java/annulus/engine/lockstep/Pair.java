package annulus.engine.lockstep;

import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.engine.EngineException;
import annulus.engine.Exit;
import annulus.engine.VcpuContext;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The two sides doing the same. A step runs the leading side, then the other to the same number of instructions, then looks for a
 * difference. An engine may overshoot its budget within a repeated string instruction; then whoever is behind runs on until both
 * have done the same number.
 */
final class Pair {
  /** Turns after which two engines that keep missing one another count as different. */
  private static final int MOST_TURNS = 100_000;

  final Side a;
  final Side b;
  final List<Request> journal;
  private final VcpuContext real;
  private int exit;
  private @Nullable VcpuState state;
  private long time;
  private long pagesCompared;

  Pair(VcpuContext real, Side a, Side b, List<Request> journal) {
    this.real = real;
    this.a = a;
    this.b = b;
    this.journal = journal;
  }

  /** How the last step ended: {@link Exit#BUDGET}, {@link Exit#HALT} or {@link Exit#SHUTDOWN}. */
  int exit() {
    return exit;
  }

  /** The state of the leading side after the last comparison. */
  @Nullable VcpuState state() {
    return state;
  }

  /** What the time-stamp counter read when {@link #state} was taken. */
  long time() {
    return time;
  }

  long pagesCompared() {
    return pagesCompared;
  }

  /**
   * Runs both sides for {@code n} instructions or a little more or less.
   *
   * @param live whether the leading side acts on the machine; otherwise it replays the journal too
   * @return what differs; empty if nothing does
   */
  List<String> step(long n, boolean live) throws EngineException {
    if (live) {
      journal.clear();
    }
    a.startStep();
    b.startStep();
    lead(n, live);
    try {
      meet(live);
      int asked = live ? journal.size() : a.outside.position();
      if (b.outside.position() < asked) {
        return List.of(b.name + " did not ask for: " + journal.get(b.outside.position()));
      }
    } catch (Divergence e) {
      return List.of(b.name + ": " + e.getMessage());
    } catch (EngineException | RuntimeException | LinkageError | StackOverflowError e) {
      return List.of(b.name + " failed: " + e);
    } finally {
      b.outside.detach(time, 0);
      takeState();
    }
    return compare();
  }

  private void lead(long n, boolean live) throws EngineException {
    if (live) {
      a.outside.live();
    } else {
      a.outside.replay();
    }
    try {
      exit = a.lead(n);
    } finally {
      a.outside.detach(time, 0);
    }
  }

  private void meet(boolean live) throws EngineException {
    for (int turn = 0; turn < MOST_TURNS; turn++) {
      long behind = a.done() - b.done();
      if (behind == 0) {
        stop();
        return;
      }
      if (behind > 0) {
        b.outside.replay();
        int other = b.follow(a.done());
        if (b.done() < a.done()) {
          throw new Divergence(Exit.name(other) + " after " + b.done() + " instructions where " + a.name + " does " + a.done());
        }
      } else if (exit != Exit.BUDGET) {
        throw new Divergence("goes on where " + a.name + " stops: " + Exit.name(exit));
      } else {
        lead(-behind, live);
      }
    }
    throw new Divergence("does not come to the same number of instructions as " + a.name + ": " + b.done() + " and " + a.done());
  }

  /** Where the leading side stopped by itself, the other one must too. */
  private void stop() throws EngineException {
    if (exit != Exit.BUDGET) {
      b.outside.replay();
      long before = b.done();
      int other = b.lead(1);
      if (other != exit || b.done() != before) {
        throw new Divergence("goes on where " + a.name + " stops: " + Exit.name(exit));
      }
    }
  }

  /** Exports the leading side's state, for comparison and for going back to it. */
  VcpuState takeState() {
    time = real.tsc();
    a.outside.detach(time, real.bus().taskPriority());
    VcpuState taken = a.export(StateGroup.ALL);
    state = taken;
    return taken;
  }

  private List<String> compare() {
    VcpuState left = state == null ? takeState() : state;
    b.outside.detach(time, left.control() == null ? 0 : left.control().cr8());
    VcpuState right = b.export(StateGroup.ALL);
    List<String> differences = new ArrayList<>();
    if (!left.equals(right)) {
      differences.addAll(Comparison.ofStates(a, left, b, right));
    }
    BitSet pages = written();
    for (int gfn = pages.nextSetBit(0); gfn >= 0; gfn = pages.nextSetBit(gfn + 1)) {
      if (differs(gfn)) {
        differences.addAll(Comparison.ofPages(a, b, gfn));
      }
    }
    return differences;
  }

  /** The frames that either side has written in this step. */
  BitSet written() {
    BitSet pages = (BitSet) a.memory.written().clone();
    pages.or(b.memory.written());
    return pages;
  }

  boolean differs(int gfn) {
    pagesCompared++;
    long left = a.memory.hostOffset((long) gfn << 12);
    long right = b.memory.hostOffset((long) gfn << 12);
    MemorySegment pool = a.memory.pool();
    return MemorySegment.mismatch(pool, left, left + WatchedMemory.PAGE, pool, right, right + WatchedMemory.PAGE) >= 0;
  }
}
