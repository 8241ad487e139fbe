package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HostLoadTest {
  private static final long MILLISECOND = 1_000_000;
  private static final long WINDOW = HostLoad.WINDOW * MILLISECOND;

  private final AtomicLong used = new AtomicLong();
  private final HostLoad load = new HostLoad(used::get, 2);

  @Test void hostHasNoTimeUntilItHasBeenSeenToHaveSome() {
    load.begin(0);
    load.look(WINDOW - 1);
    assertFalse(load.hasTime());
    load.look(WINDOW);
    assertTrue(load.hasTime());
  }

  @Test void hostHasTimeWhileAQuarterOfAProcessorIsLeftIdle() {
    load.begin(0);
    used.set(WINDOW * 175 / 100);
    load.look(WINDOW);
    assertTrue(load.hasTime());
    used.addAndGet(WINDOW * 175 / 100 + 1);
    load.look(2 * WINDOW);
    assertFalse(load.hasTime());
    used.addAndGet(WINDOW);
    load.look(3 * WINDOW);
    assertTrue(load.hasTime());
  }

  @Test void longerWindowIsMeasuredByItsOwnLength() {
    load.begin(0);
    used.set(3 * WINDOW);
    load.look(2 * WINDOW);
    assertTrue(load.hasTime());
  }

  @Test void hostThatCannotSayHasNoTime() {
    used.set(HostLoad.UNKNOWN);
    load.begin(0);
    load.look(WINDOW);
    assertFalse(load.hasTime());
    used.set(0);
    load.look(2 * WINDOW);
    assertFalse(load.hasTime(), "one of the two values is not known");
  }

  @Test void processOfThisHostTellsWhatItUses() {
    HostLoad here = new HostLoad();
    here.begin(0);
    here.look(Long.MAX_VALUE / 4);
    assertTrue(here.hasTime(), "processors used cannot be told, so that code is warm later");
  }
}
