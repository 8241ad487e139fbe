package annulus.core.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.machine.SwapReport;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SwapRecorderTest {
  private final SwapRecorder recorder = new SwapRecorder("m");

  private SwapReport record(String reason) {
    SwapRecorder.Phases p = new SwapRecorder.Phases();
    p.hold = 1;
    p.export = 20;
    p.restore = 300;
    p.retire = 4_000;
    p.resume = 50_000;
    return recorder.record("engine", "a", "b", reason, p, 42);
  }

  @Test void generationCountsWhatSucceeded() {
    assertEquals(2, record("").generation());
    SwapReport failed = record("it refused");
    assertEquals(2, failed.generation());
    assertFalse(failed.succeeded());
    assertEquals("it refused", failed.reason());
    assertEquals(3, record("").generation());
    assertEquals(3, recorder.reports().size());
  }

  @Test void pauseIsTheSumOfThePhases() {
    assertEquals(Duration.ofNanos(54_321), record("").pause());
  }

  @Test void lastThousandAreKept() {
    for (int i = 0; i < 1_200; i++) {
      assertTrue(record("").succeeded());
    }
    List<SwapReport> kept = recorder.reports();
    assertEquals(1_000, kept.size());
    assertEquals(1_201, kept.getLast().generation());
    assertEquals(202, kept.getFirst().generation());
  }
}
