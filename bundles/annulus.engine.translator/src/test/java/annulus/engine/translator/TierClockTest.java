package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.engine.Exit;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TierClockTest {
  private static final long ENOUGH = 100;

  private static long milliseconds(TestMachine m, String tier) {
    return m.engine().counters().get("milliseconds-" + tier);
  }

  @Test void timeIsThatOfTheTierInWhichTheGuestRuns() {
    for (Form form : new Form[] {Form.WARM, Form.LOCALS}) {
      String tier = form == Form.WARM ? "warm" : "locals";
      try (TestMachine m = new TestMachine(1, true, new Tiers(0, form, 0, 0, 16 << 20))) {
        // dec rcx; jmp back
        m.code(TestMachine.CODE, "48FFC9 EBFB");
        long start = System.nanoTime();
        while (milliseconds(m, tier) < ENOUGH && System.nanoTime() - start < TimeUnit.SECONDS.toNanos(10)) {
          assertEquals(Exit.BUDGET, m.engine().run(1_000_000));
        }
        long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        long all = milliseconds(m, "interpreted") + milliseconds(m, "warm") + milliseconds(m, "hot") + milliseconds(m, "locals");
        assertTrue(milliseconds(m, tier) >= ENOUGH, () -> m.engine().counters().toString());
        assertTrue(all <= took + 2 * TierClock.PERIOD, () -> all + " ms of " + took);
        assertTrue(milliseconds(m, tier) > all / 2, () -> m.engine().counters().toString());
      }
    }
  }

  @Test void aHaltedProcessorSpendsNoTime() throws InterruptedException {
    try (TestMachine m = new TestMachine()) {
      m.code(TestMachine.CODE, "F4");
      assertEquals(Exit.HALT, m.engine().run(1000));
      long before = milliseconds(m, "interpreted");
      Thread.sleep(5 * TierClock.PERIOD);
      assertEquals(before, milliseconds(m, "interpreted"));
      assertEquals(TestMachine.CODE + 1, m.cpu().rip);
      assertEquals(0, m.cpu().gpr[Cpu.RAX]);
    }
  }
}
