package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.cpu.Cpu;
import annulus.engine.Exit;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How often code has to run to be warm depends on what the compilers have to do. */
class BusyCompilersTest {
  private static final int HEAT = 800;
  private static final long FIRST = 0x3_0000;
  private static final long PAGE = 0x1000;

  /** Compilers that have much to do: nothing is ever compiled. */
  private static final class Busy implements Compilers {
    final Queue<Runnable> tasks = new ArrayDeque<>();
    private final boolean haveTime;

    Busy(boolean haveTime) {
      this.haveTime = haveTime;
    }

    @Override public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override public void executeHot(Runnable task) {
      execute(task);
    }

    @Override public void later(Runnable task, long milliseconds) {
      tasks.add(task);
    }

    @Override public boolean haveTime() {
      return haveTime;
    }

    @Override public @Nullable RegionStore store() {
      return null;
    }

    @Override public boolean ahead() {
      return false;
    }
  }

  /** Runs a loop in page {@code n}, which has no other code, {@code rounds} times. */
  private static void loop(TestMachine m, int n, int rounds) {
    long at = FIRST + n * PAGE;
    Cpu c = m.at(at);
    c.gpr[Cpu.RCX] = rounds;
    assertEquals(Exit.HALT, m.engine().run(1_000_000));
  }

  private static TestMachine machine(Busy busy) {
    TestMachine m = new TestMachine(1, true, new Tiers(HEAT, Form.WARM, 0, 0, 16 << 20), busy);
    for (int n = 0; n <= 16; n++) {
      // dec rcx; jnz; hlt
      m.code(FIRST + n * PAGE, "48FFC9 75FB F4");
    }
    return m;
  }

  @Test void codeIsWarmSoonerTheLessTheCompilersHaveToDo() {
    Busy busy = new Busy(false);
    try (TestMachine m = machine(busy)) {
      int[] executions = {HEAT / 16, HEAT / 4, HEAT / 4, HEAT / 4, HEAT / 2};
      for (int n = 0; n < executions.length; n++) {
        loop(m, n, executions[n] - 1);
        assertEquals(n, busy.tasks.size(), "too early with " + n + " regions under way");
        loop(m, n, 10);
        assertEquals(n + 1, busy.tasks.size(), "not asked for with " + n + " regions under way");
      }
      for (int n = executions.length; n < 16; n++) {
        loop(m, n, HEAT);
      }
      loop(m, 16, HEAT - 1);
      assertEquals(16, busy.tasks.size());
      loop(m, 16, 10);
      assertEquals(17, busy.tasks.size());
    }
  }

  @Test void whileTheHostHasTimeItIsWarmSoonerWhateverTheyHaveToDo() {
    Busy busy = new Busy(true);
    try (TestMachine m = machine(busy)) {
      for (int n = 0; n < 16; n++) {
        int executions = n < 8 ? HEAT / 16 : HEAT / 8;
        loop(m, n, executions - 1);
        assertEquals(n, busy.tasks.size(), "too early with " + n + " regions under way");
        loop(m, n, 10);
        assertEquals(n + 1, busy.tasks.size(), "not asked for with " + n + " regions under way");
      }
      loop(m, 16, HEAT / 4 - 1);
      assertEquals(16, busy.tasks.size());
      loop(m, 16, 10);
      assertEquals(17, busy.tasks.size());
    }
  }
}
