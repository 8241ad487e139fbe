package annulus.core.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.device.DeviceTimer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TimersTest {
  private static final long MILLISECOND = 1_000_000;
  private static final long HOUR = 3_600_000_000_000L;

  private final TestBoard test = new TestBoard();
  private final BlockingQueue<String> fired = new LinkedBlockingQueue<>();

  @AfterEach void close() {
    test.close();
  }

  private DeviceTimer timer(String name) {
    return test.board.timers().timer(() -> {
      test.board.lock().check();
      fired.add(name);
    });
  }

  private String next() throws InterruptedException {
    return String.valueOf(fired.poll(10, TimeUnit.SECONDS));
  }

  @Test void timersFireOnceInOrderOfTheirDeadlines() throws InterruptedException {
    DeviceTimer a = timer("a");
    DeviceTimer b = timer("b");
    DeviceTimer c = timer("c");
    test.locked(() -> {
      b.at(2 * MILLISECOND);
      a.at(MILLISECOND);
      c.at(-5 * MILLISECOND);
    });
    test.board.startClock();
    assertEquals("c", next());
    assertEquals("a", next());
    assertEquals("b", next());
    assertEquals(null, fired.poll(20, TimeUnit.MILLISECONDS));
  }

  @Test void noTimerFiresWhileTimeStandsStill() throws InterruptedException {
    test.locked(() -> timer("a").at(0));
    assertEquals(null, fired.poll(20, TimeUnit.MILLISECONDS));
    test.board.startClock();
    assertEquals("a", next());
    test.board.pause();
    test.locked(() -> timer("b").at(0));
    assertEquals(null, fired.poll(20, TimeUnit.MILLISECONDS));
    test.board.resume();
    assertEquals("b", next());
  }

  @Test void aTimerCanBeMovedAndCancelled() throws InterruptedException {
    DeviceTimer a = timer("a");
    DeviceTimer b = timer("b");
    test.locked(() -> {
      a.at(0);
      a.at(HOUR);
      b.at(0);
      b.cancel();
    });
    test.board.startClock();
    assertEquals(null, fired.poll(30, TimeUnit.MILLISECONDS));
    test.locked(() -> a.at(0));
    assertEquals("a", next());
  }

  @Test void deadlinesAtTheEndsOfTimeAreJustFarPastAndFarFuture() throws InterruptedException {
    test.clock.set(HOUR);
    test.board.startClock();
    test.locked(() -> {
      timer("never").at(Long.MAX_VALUE);
      timer("at once").at(Long.MIN_VALUE);
    });
    assertEquals("at once", next());
    assertEquals(null, fired.poll(20, TimeUnit.MILLISECONDS));
  }

  @Test void anExpiryThatThrowsIsReportedAndTheOthersGoOn() throws InterruptedException {
    test.board.startClock();
    test.locked(() -> {
      test.board.timers().timer(() -> {
        throw new IllegalStateException("bad divisor");
      }).at(0);
      timer("next").at(0);
    });
    assertEquals("next", next());
    assertEquals(1, test.reports.size());
    assertTrue(test.reports.get(0).contains("bad divisor"), test.reports.toString());
  }

  @Test void anExpiryCanSetItsTimerAgain() throws InterruptedException {
    DeviceTimer[] self = new DeviceTimer[1];
    int[] count = new int[1];
    self[0] = test.board.timers().timer(() -> {
      if (++count[0] < 5) {
        self[0].at(test.clock.nanos() + 1000);
      } else {
        fired.add("five");
      }
    });
    test.board.startClock();
    test.locked(() -> self[0].at(0));
    assertEquals("five", next());
  }

  @Test void timersAreSetUnderTheDeviceLockOnly() {
    DeviceTimer a = timer("a");
    assertThrows(IllegalStateException.class, () -> a.at(0));
    assertThrows(IllegalStateException.class, a::cancel);
  }

  @Test void timersOfADeviceThatGoesDoNotFire() throws InterruptedException {
    DeviceSlot slot = test.slot("pit");
    DeviceTimer t = slot.timer(() -> fired.add("ghost"));
    test.locked(() -> {
      t.at(0);
      slot.withdraw();
    });
    test.board.startClock();
    assertEquals(null, fired.poll(20, TimeUnit.MILLISECONDS));
    assertEquals(List.of(), test.reports);
    assertFalse(slot.dma().read(0, new byte[1], 0, 1), "its way to memory is closed too");
  }
}
