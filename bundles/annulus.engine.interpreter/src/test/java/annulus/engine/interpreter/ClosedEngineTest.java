package annulus.engine.interpreter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.cpu.Cpu;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import annulus.memory.translation.SoftTlb;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a closed engine leaves to the next. */
class ClosedEngineTest {
  /** lp: jmp lp. */
  private static final String FOR_EVER = "EBFE";

  private static final long[] EMPTY = {SoftTlb.EMPTY, SoftTlb.EMPTY, SoftTlb.EMPTY};

  private final TestMachine m = new TestMachine();

  @AfterEach void close() {
    m.close();
  }

  @Test void theNextTakesItsTablesAndFindsThemEmpty() {
    long[] entries = m.cpu().tlb;
    // mov rbx,[0x20000]; mov [0x20000],rbx; hlt
    m.code(TestMachine.CODE, "488B1C2500000200 48891C2500000200 F4");
    assertEquals(Exit.HALT, m.engine().run(100));
    m.engine().close();

    try (TestMachine next = new TestMachine()) {
      assertSame(entries, next.cpu().tlb);
      for (int i = 0; i < entries.length; i += SoftTlb.ADDEND + 1) {
        long[] tags = Arrays.copyOfRange(entries, i, i + SoftTlb.ADDEND);
        assertArrayEquals(EMPTY, tags);
      }
      assertEquals(0, next.engine().counters().get("tlb-fills"));
      // Other code at the same place: nothing of the first machine's is run
      next.code(TestMachine.CODE, "B805000000 F4"); // mov eax,5; hlt
      assertEquals(Exit.HALT, next.engine().run(100));
      assertEquals(5, next.cpu().gpr[Cpu.RAX]);
    }
  }

  @Test void twoThatAreOpenShareNothing() {
    try (TestMachine other = new TestMachine()) {
      assertNotSame(m.cpu().tlb, other.cpu().tlb);
    }
  }

  @Test void closedTwiceItGivesThemBackOnce() {
    m.engine().close();
    try (TestMachine first = new TestMachine()) {
      first.code(TestMachine.CODE, "F4"); // hlt
      assertEquals(Exit.HALT, first.engine().run(100));
      m.engine().close();
      assertEquals(1, first.engine().counters().get("tlb-fills"));
      try (TestMachine second = new TestMachine()) {
        assertNotSame(first.cpu().tlb, second.cpu().tlb);
      }
    }
  }

  @Test void itRunsNoMore() {
    m.code(TestMachine.CODE, FOR_EVER);
    m.engine().close();
    assertThrows(IllegalStateException.class, () -> m.engine().run(100));
    assertThrows(IllegalStateException.class, () -> m.engine().flush());
  }

  @Test void oneThatIsClosedWhileItRunsKeepsItsTables() throws InterruptedException {
    m.code(TestMachine.CODE, FOR_EVER);
    long[] entries = m.cpu().tlb;
    Thread hangs = Thread.ofPlatform().start(() -> m.engine().run(Long.MAX_VALUE >> 8));
    while (m.engine().instructions() == 0 && m.engine().counters().get("blocks-decoded") == 0) {
      Thread.onSpinWait();
    }
    m.engine().close();
    try (TestMachine next = new TestMachine()) {
      assertNotSame(entries, next.cpu().tlb);
    } finally {
      m.pending[0].raise(PendingEvents.HOLD);
      hangs.join();
    }
  }
}
