package annulus.core.vcpu;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Work for a processor's thread, which comes for it between instructions. Plug-ins run in it: it may fail in any way, or hang. */
public final class TaskQueue {
  private final ConcurrentLinkedQueue<Task<?>> tasks = new ConcurrentLinkedQueue<>();
  /** What {@link #run} carries out now, and where; guarded by this. */
  private @Nullable Task<?> current;
  private @Nullable Thread runner;

  /** One piece of work and its result. */
  public final class Task<T> {
    private final Callable<T> work;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    private Task(Callable<T> work) {
      this.work = work;
    }

    /** Whatever a plug-in throws is the result: the thread goes on. */
    private void run() {
      try {
        result.complete(work.call());
      } catch (Exception | Error e) {
        result.completeExceptionally(e);
      }
    }

    /**
     * Waits for the result. Work that takes longer is interrupted, and then has the same time again to end.
     *
     * @throws TimeoutException when it has not ended: it hangs, or the processor does not come to a boundary
     */
    public T await(long nanos) throws Exception {
      try {
        return get(nanos);
      } catch (TimeoutException e) {
        interrupt(this);
        return get(nanos);
      }
    }

    private T get(long nanos) throws Exception {
      try {
        return result.get(nanos, TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof Exception x ? x : e;
      }
    }
  }

  private synchronized void interrupt(Task<?> task) {
    if (current == task && runner != null) {
      runner.interrupt();
    }
  }

  <T> Task<T> add(Callable<T> work) {
    Task<T> task = new Task<>(work);
    tasks.add(task);
    return task;
  }

  /** Carries out what is there, on the processor's thread. */
  void run() {
    Task<?> task;
    while ((task = tasks.poll()) != null) {
      current(task);
      task.run();
      current(null);
    }
  }

  private synchronized void current(@Nullable Task<?> task) {
    current = task;
    runner = Thread.currentThread();
    if (task == null) {
      Thread.interrupted(); // one that came too late is nobody's
    }
  }

  /** Nobody comes for the work any more. */
  void end(String reason) {
    Task<?> task;
    while ((task = tasks.poll()) != null) {
      task.result.completeExceptionally(new IllegalStateException(reason));
    }
  }
}
