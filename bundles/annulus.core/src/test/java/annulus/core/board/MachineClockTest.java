package annulus.core.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MachineClockTest {
  private final MachineClock clock = new MachineClock(3_000_000_001L);

  @Test void standsStillUntilStartedAndWhileStopped() throws InterruptedException {
    assertEquals(0, clock.nanos());
    Thread.sleep(2);
    assertEquals(0, clock.nanos());
    clock.start();
    assertTrue(clock.running());
    Thread.sleep(2);
    clock.stop();
    long at = clock.nanos();
    assertTrue(at >= 2_000_000, "2 ms have passed, not " + at);
    Thread.sleep(5);
    assertEquals(at, clock.nanos());
    clock.start();
    long after = clock.nanos();
    assertTrue(after >= at && after < at + 5_000_000_000L, "goes on from where it stood");
  }

  @Test void startingOrStoppingTwiceChangesNothing() {
    clock.set(77);
    clock.stop();
    assertEquals(77, clock.nanos());
    clock.start();
    long first = clock.nanos();
    clock.start();
    assertTrue(clock.nanos() >= first);
  }

  @Test void canOnlyBeSetWhileStopped() {
    clock.set(123_456_789_012L);
    assertEquals(123_456_789_012L, clock.nanos());
    clock.start();
    assertThrows(IllegalStateException.class, () -> clock.set(0));
  }

  @Test void theCounterFollowsTimeExactlyOverYears() {
    clock.set(7);
    assertEquals(21, clock.tsc());
    clock.set(1_000_000_000L);
    assertEquals(3_000_000_001L, clock.tsc());
    long century = 100L * 365 * 86_400;
    clock.set(century * 1_000_000_000L + 500_000_000L);
    assertEquals(century * 3_000_000_001L + 1_500_000_000L, clock.tsc());
    assertFalse(clock.running());
  }
}
