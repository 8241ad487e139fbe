package annulus.core.vcpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class TaskQueueTest {
  private static final long SHORT = 50_000_000;
  private static final long LONG = 10_000_000_000L;

  private final TaskQueue tasks = new TaskQueue();

  @Test void tasksRunInOrderAndGiveTheirResults() throws Exception {
    StringBuilder order = new StringBuilder();
    TaskQueue.Task<Integer> first = tasks.add(() -> order.append('a').length());
    TaskQueue.Task<Integer> second = tasks.add(() -> order.append('b').length());
    tasks.run();
    assertEquals(1, first.await(LONG));
    assertEquals(2, second.await(LONG));
    assertEquals("ab", order.toString());
  }

  @Test void whateverATaskThrowsIsItsResultAndTheNextOneRuns() throws Exception {
    Exception checked = new Exception("checked");
    TaskQueue.Task<String> fails = tasks.add(() -> {
      throw checked;
    });
    TaskQueue.Task<String> breaks = tasks.add(() -> {
      throw new StackOverflowError();
    });
    TaskQueue.Task<String> works = tasks.add(() -> "works");
    tasks.run();
    assertSame(checked, assertThrows(Exception.class, () -> fails.await(LONG)));
    ExecutionException e = assertThrows(ExecutionException.class, () -> breaks.await(LONG));
    assertEquals(StackOverflowError.class, e.getCause().getClass());
    assertEquals("works", works.await(LONG));
  }

  @Test void taskThatTakesTooLongIsInterruptedAndTheNextOneIsNot() throws Exception {
    TaskQueue.Task<String> sleeps = tasks.add(() -> {
      Thread.sleep(60_000);
      return "slept";
    });
    TaskQueue.Task<Boolean> next = tasks.add(() -> Thread.currentThread().isInterrupted());
    Thread runner = Thread.ofPlatform().start(tasks::run);
    assertThrows(InterruptedException.class, () -> sleeps.await(SHORT));
    assertFalse(next.await(LONG));
    runner.join();
  }

  @Test void taskThatHangsIsGivenUp() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    TaskQueue.Task<String> hangs = tasks.add(() -> {
      for (;;) {
        try {
          end.await();
          return "late";
        } catch (InterruptedException e) {
          // does not listen
        }
      }
    });
    Thread runner = Thread.ofPlatform().start(tasks::run);
    assertThrows(TimeoutException.class, () -> hangs.await(SHORT));
    end.countDown();
    runner.join();
  }

  @Test void taskThatNobodyComesForAnyMoreFailsWithTheReason() {
    TaskQueue.Task<String> late = tasks.add(() -> "never");
    tasks.end("processor 3 has ended");
    assertEquals("processor 3 has ended", assertThrows(IllegalStateException.class, () -> late.await(LONG)).getMessage());
  }
}
