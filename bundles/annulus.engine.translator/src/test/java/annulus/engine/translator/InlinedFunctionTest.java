package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.engine.Exit;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Short functions that regions with registers in locals have copies of at their calls. */
class InlinedFunctionTest {
  private static final long LOOP = 0x3_0000;
  private static final long FIRST = LOOP + 0x100;
  private static final long SECOND = LOOP + 0x200;
  private static final long THIRD = LOOP + 0x300;
  private static final int ROUNDS = 4000;
  private static final int TIMES = 10;

  private static TestMachine machine() {
    TestMachine m = new TestMachine();
    // mov rbx,r8; mov r8,r9; mov r9,rbx; call rbx; dec rcx; jnz LOOP; hlt
    m.code(LOOP, "4C89C3 4D89C8 4989D9 FFD3 48FFC9 75F0 F4");
    // add [rsp],rdx; inc rax; ret
    m.code(FIRST, "48011424 48FFC0 C3");
    // add rax,3; ret
    m.code(SECOND, "4883C003 C3");
    // add rax,5; ret
    m.code(THIRD, "4883C005 C3");
    return m;
  }

  private static long counter(TestMachine m, String name) {
    return m.engine().counters().get(name);
  }

  /** Calls {@code even} and {@code odd} in turn. @return what RAX has become */
  private static long run(TestMachine m, long even, long odd, long skipped) {
    Cpu c = m.at(LOOP);
    c.gpr[Cpu.RSP] = TestMachine.STACK;
    c.gpr[Cpu.RAX] = 0;
    c.gpr[Cpu.RDX] = skipped;
    c.gpr[8] = even;
    c.gpr[9] = odd;
    c.gpr[Cpu.RCX] = ROUNDS;
    assertEquals(Exit.HALT, m.engine().run(10_000_000));
    assertEquals(TestMachine.STACK, c.gpr[Cpu.RSP]);
    return c.gpr[Cpu.RAX];
  }

  /** The same until control stays in a region. */
  private static void runUntilItStays(TestMachine m, long even, long odd, long result) {
    long changes = Long.MAX_VALUE;
    for (int n = 0; n < TIMES && changes > 20; n++) {
      long before = counter(m, "region-entries") + counter(m, "regions-left-before-an-instruction");
      assertEquals(result, run(m, even, odd, 0));
      changes = counter(m, "region-entries") + counter(m, "regions-left-before-an-instruction") - before;
    }
    assertTrue(changes <= 20, changes + " times a region was entered or left in " + ROUNDS + " rounds");
  }

  @Test void twoFunctionsThatAreCalledInTurnAreInTheLoop() {
    try (TestMachine m = machine()) {
      runUntilItStays(m, FIRST, SECOND, 4L * ROUNDS / 2);
      // Only copies are left before a call to somewhere else.
      long before = counter(m, "regions-left-before-an-instruction");
      assertEquals(5L * ROUNDS, run(m, THIRD, THIRD, 0));
      assertTrue(counter(m, "regions-left-before-an-instruction") > before);
    }
  }

  @Test void anotherFunctionIsCalledAllTheSameAndHasItsPlaceInTheEnd() {
    try (TestMachine m = machine()) {
      runUntilItStays(m, FIRST, SECOND, 4L * ROUNDS / 2);
      assertEquals(8L * ROUNDS / 2, run(m, SECOND, THIRD, 0));
      runUntilItStays(m, THIRD, FIRST, 6L * ROUNDS / 2);
    }
  }

  @Test void aFunctionThatReturnsToAnotherPlaceGoesThere() {
    try (TestMachine m = machine()) {
      runUntilItStays(m, FIRST, SECOND, 4L * ROUNDS / 2);
      // Behind the REX prefix of DEC RCX, which then is DEC ECX and as good.
      long before = counter(m, "regions-left-before-an-instruction");
      assertEquals(ROUNDS, run(m, FIRST, FIRST, 1));
      assertTrue(counter(m, "regions-left-before-an-instruction") > before);
    }
  }

  @Test void whatTakesThePlaceOfOneThatIsLeftTooOftenHasThemToo() {
    try (TestMachine m = new TestMachine()) {
      // mov rbx,r8; mov r8,r9; mov r9,rbx; call rbx; add r10,[rsi]; add r10,[rsi+8]; dec rcx; jnz LOOP; hlt
      m.code(LOOP, "4C89C3 4D89C8 4989D9 FFD3 4C0316 4C035608 48FFC9 75E9 F4");
      m.code(FIRST, "48FFC0 C3");
      m.code(SECOND, "4883C003 C3");
      m.cpu().gpr[Cpu.RSI] = TestMachine.DATA;
      runUntilItStays(m, FIRST, SECOND, 4L * ROUNDS / 2);
      // One probe cannot serve both accesses.
      m.cpu().gpr[Cpu.RSI] = TestMachine.DATA + 0x1000 - 8;
      runUntilItStays(m, FIRST, SECOND, 4L * ROUNDS / 2);
      long hot = counter(m, "milliseconds-hot");
      long apart = counter(m, "milliseconds-apart");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (counter(m, "milliseconds-apart") - apart + counter(m, "milliseconds-hot") - hot < 100 && System.nanoTime() < deadline) {
        assertEquals(4L * ROUNDS / 2, run(m, FIRST, SECOND, 0));
      }
      assertTrue(counter(m, "milliseconds-apart") - apart > counter(m, "milliseconds-hot") - hot, () -> m.engine().counters().toString());
    }
  }

  @Test void aWriteToTheFunctionIsSeen() {
    try (TestMachine m = machine()) {
      runUntilItStays(m, FIRST, SECOND, 4L * ROUNDS / 2);
      m.code(SECOND + 3, "07");
      assertEquals(8L * ROUNDS / 2, run(m, FIRST, SECOND, 0));
    }
  }
}
