package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.engine.Exit;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A loop across a page border, which is two regions until one grows over both pages. */
class GrownRegionTest {
  private static final long MANY = 10_000_000;
  private static final long SECONDS = 1_000_000_000;
  private static final long LOOP = 0x3_0FF8;
  private static final int ROUNDS = 5000;
  /** Instructions, of a stay that is not worth having registers in locals. */
  private static final int SHORT = 40;

  /** Runs the loop. @return what it adds to RBX in each round */
  private static long step(TestMachine m) {
    Cpu c = m.at(LOOP);
    c.gpr[Cpu.RAX] = 0;
    c.gpr[Cpu.RBX] = 0;
    c.gpr[Cpu.RCX] = ROUNDS;
    assertEquals(Exit.HALT, m.engine().run(MANY));
    assertEquals(ROUNDS * (ROUNDS + 1L) / 2, c.gpr[Cpu.RAX]);
    assertEquals(0, c.gpr[Cpu.RBX] % ROUNDS);
    return c.gpr[Cpu.RBX] / ROUNDS;
  }

  /** A machine whose loop has grown. */
  private static void grow(TestMachine m) {
    // add rax,rcx; jmp 0x31000; next page: add rbx,3; dec rcx; jnz LOOP; hlt
    m.code(LOOP, "4801C8 EB03");
    m.code(0x3_1000, "4883C303 48FFC9 75EF F4");
    long end = System.nanoTime() + 20 * SECONDS;
    long few;
    do {
      long before = m.engine().counters().get("region-entries");
      assertEquals(3, step(m));
      few = m.engine().counters().get("region-entries") - before;
    } while (few > 10 && System.nanoTime() < end);
    assertTrue(few <= 10, "the loop stays in one region, but had " + few + " entries");
    assertTrue(m.engine().counters().get("regions-grown") > 0);
  }

  @Test void aLoopOutsideOfTheKernelGrowsSooner() {
    assertFalse(grows(0, TestMachine.GROWTH / 2));
    assertTrue(grows(0, TestMachine.GROWTH * 3 / 2));
    assertTrue(grows(3, TestMachine.GROWTH / 2));
  }

  /** Whether an endless loop at privilege {@code cpl} has grown after so many instructions. */
  private static boolean grows(int cpl, int instructions) {
    int slice = TestMachine.GROWTH / 4;
    try (TestMachine m = new TestMachine()) {
      // dec rcx; jmp back
      m.code(LOOP, "48FFC9 EBFB");
      Cpu c = m.at(LOOP);
      c.cpl = cpl;
      c.modeChanged();
      for (int done = 0; done < instructions; done += slice) {
        assertEquals(Exit.BUDGET, m.engine().run(slice));
      }
      return m.engine().counters().get("regions-grown") > 0;
    }
  }

  /** A loop that is called so often while it is cold that it would be said not to go on for long. */
  @Test void whatCallsALoopMayBeColdAtFirst() {
    try (TestMachine m = new TestMachine()) {
      m.code(LOOP, "48FFC9 EBFB");
      Cpu c = m.at(LOOP);
      c.cpl = 3;
      c.modeChanged();
      while (m.engine().instructions() < TestMachine.GROWTH / 4) {
        assertEquals(Exit.BUDGET, m.engine().run(SHORT));
      }
      assertEquals(0, m.engine().counters().get("regions-grown"));
      for (int n = 0; n < 2; n++) {
        assertEquals(Exit.BUDGET, m.engine().run(TestMachine.GROWTH / 4));
      }
      assertEquals(1, m.engine().counters().get("regions-grown"), "before what does not stay would have");
    }
  }

  @Test void aLoopAcrossPagesBecomesOneRegion() {
    try (TestMachine m = new TestMachine()) {
      grow(m);
      assertEquals(3, step(m));
    }
  }

  @Test void aWriteToTheOtherPageIsSeen() {
    try (TestMachine m = new TestMachine()) {
      grow(m);
      m.code(0x3_1003, "05");
      assertEquals(5, step(m));
    }
  }

  @Test void anotherPageInTheOthersPlaceIsSeen() {
    try (TestMachine m = new TestMachine()) {
      grow(m);
      m.code(0x3_2000, "4883C307 48FFC9 75EF F4");
      m.memory.write(TestMachine.PAGE_TABLE + 8 * 0x31, 8, 0x3_2067);
      m.cpu().memory.tlb.invalidate(0x3_1000);
      assertEquals(7, step(m));
    }
  }

  /** Links lead from one region to the next, so nobody looks up the blocks that they stand for any more. */
  @Test void bothOfTwoRegionsGrowWhoseBlocksShareAPlaceInTheCache() {
    try (TestMachine m = new TestMachine()) {
      long first = 0x3_0000;
      long second = 0x3_4001;
      // add rax,1; jmp rbx
      m.code(first, "4883C001 FFE3");
      // dec rcx; jz +2; jmp rdx; hlt
      m.code(second, "48FFC9 7402 FFE2 F4");
      Cpu c = m.at(first);
      c.gpr[Cpu.RAX] = 0;
      c.gpr[Cpu.RBX] = second;
      c.gpr[Cpu.RDX] = first;
      c.gpr[Cpu.RCX] = MANY / 10;
      assertEquals(Exit.HALT, m.engine().run(MANY));
      assertEquals(MANY / 10, c.gpr[Cpu.RAX]);
      assertEquals(2, m.engine().counters().get("regions-grown"));
    }
  }

  /** Puts a loop at {@code at} that calls a function in the same page by an indirect branch, which calls another with a loop in it. */
  private static void loadCalls(TestMachine m, long at) {
    // call rbx; dec rcx; jnz loop; hlt. At 0x100: call 0x200; ret. At 0x200: mov edx,2; add rax,1; dec edx; jnz -8; ret
    m.code(at, "FFD3 48FFC9 75F9 F4");
    m.code(at + 0x100, "E8FB000000 C3");
    m.code(at + 0x200, "BA02000000 4883C001 FFCA 75F8 C3");
  }

  /** Runs that loop. @return entries of regions meanwhile */
  private static long runCalls(TestMachine m, long at) {
    Cpu c = m.at(at);
    c.gpr[Cpu.RSP] = TestMachine.STACK;
    c.gpr[Cpu.RAX] = 0;
    c.gpr[Cpu.RBX] = at + 0x100;
    c.gpr[Cpu.RCX] = ROUNDS;
    long before = m.engine().counters().get("region-entries");
    assertEquals(Exit.HALT, m.engine().run(MANY));
    assertEquals(2 * ROUNDS, c.gpr[Cpu.RAX]);
    return m.engine().counters().get("region-entries") - before;
  }

  /** Two regions of a page might become one, but those that keep registers in locals have only what direct branches lead to, and short functions. */
  @Test void aLoopThatGoesFromRegionToRegionDoesNotKeepRegistersInLocals() {
    try (TestMachine m = new TestMachine()) {
      loadCalls(m, 0x3_0000);
      long end = System.nanoTime() + 20 * SECONDS;
      long few;
      do {
        few = runCalls(m, 0x3_0000);
      } while (few > 10 && System.nanoTime() < end);
      assertTrue(few <= 10, "the loop stays in one region, but had " + few + " entries");
    }
  }

  /** Only one loop of a region grows at a time: the others were left as they were, however long they ran afterwards. */
  @Test void eachLoopOfARegionGrowsInItsTurn() {
    try (TestMachine m = new TestMachine()) {
      long first = 0x3_0000;
      long second = first + 0x40;
      long end = 0x3_1000;
      // dec rcx; jnz first; jmp rdx. At 0x40: dec rbx; jnz second; jmp rsi. At the end: mov cl,1; mov bl,1; jmp rdi; hlt
      m.code(first, "48FFC9 75FB FFE2");
      m.code(second, "48FFCB 75FB FFE6");
      m.code(end, "B101 B301 FFE7 F4");
      Cpu c = m.at(end);
      c.gpr[Cpu.RCX] = 0;
      c.gpr[Cpu.RBX] = 0;
      c.gpr[Cpu.RDX] = second;
      c.gpr[Cpu.RSI] = end;
      c.gpr[Cpu.RDI] = first;
      // One of each page.
      while (m.engine().counters().get("regions-grown") < 2) {
        assertEquals(Exit.BUDGET, m.engine().run(100));
      }
      for (int n = 0; n < 2; n++) {
        m.at(first);
        c.gpr[Cpu.RCX] = n == 0 ? 10 * TestMachine.GROWTH : 1;
        c.gpr[Cpu.RBX] = n == 0 ? 1 : 10 * TestMachine.GROWTH;
        c.gpr[Cpu.RDX] = second;
        c.gpr[Cpu.RSI] = end + 6;
        assertEquals(Exit.HALT, m.engine().run(MANY));
        assertEquals(3 + n, m.engine().counters().get("regions-grown"));
      }
    }
  }

  /** The sample of a region ended where it was come to by a jump that leads nowhere by itself, and it was not looked at any more. */
  @Test void aLoopGrowsThoughNothingCameOfAnotherEntryOfItsRegion() {
    try (TestMachine m = new TestMachine()) {
      long loop = 0x3_0020;
      // jmp rdx. At 0x20: dec rcx; jnz back; hlt
      m.code(0x3_0000, "FFE2");
      m.code(loop, "48FFC9 75FB F4");
      Cpu c = m.cpu();
      Map<String, Long> counters = m.engine().counters();
      for (int n = 0; counters.get("regions-grown") == 0; n++) {
        m.at(n % 2 == 0 ? loop : 0x3_0000);
        c.gpr[Cpu.RDX] = loop;
        c.gpr[Cpu.RCX] = SHORT;
        m.engine().run(SHORT);
        counters = m.engine().counters();
      }
      for (long at : new long[] {0x3_0000, loop}) {
        assertEquals(1, m.engine().counters().get("regions-grown"));
        m.at(at);
        c.gpr[Cpu.RDX] = loop;
        c.gpr[Cpu.RCX] = 10 * TestMachine.GROWTH;
        assertEquals(Exit.HALT, m.engine().run(MANY));
      }
      assertEquals(2, m.engine().counters().get("regions-grown"));
    }
  }

  /** It took over the code of the loop, but not where that calls: control left it at each call. */
  @Test void aRegionKnowsWhereCodeCallsThatItTakesOver() {
    try (TestMachine m = new TestMachine()) {
      long outer = 0x3_0000;
      long loop = outer + 0x100;
      // call loop; dec rcx; jnz back; hlt. At 0x100: mov edx,20; call rbx; dec edx; jnz back; ret. At 0x200: inc rax; ret
      m.code(outer, "E8FB000000 48FFC9 75F6 F4");
      m.code(loop, "BA14000000 FFD3 FFCA 75FA C3");
      m.code(outer + 0x200, "48FFC0 C3");
      Cpu c = m.cpu();
      long end = System.nanoTime() + 20 * SECONDS;
      long few = MANY;
      for (int n = 0; (n <= 1000 || few > 10) && System.nanoTime() < end; n++) {
        boolean alone = n < 1000;
        m.at(alone ? loop : outer);
        // The return address of the loop by itself is that of HLT.
        c.gpr[Cpu.RSP] = TestMachine.STACK - (alone ? 8 : 0);
        m.memory.write(TestMachine.STACK - 8, 8, outer + 10);
        c.gpr[Cpu.RBX] = outer + 0x200;
        c.gpr[Cpu.RCX] = ROUNDS;
        few = -m.engine().counters().get("region-entries");
        assertEquals(Exit.HALT, m.engine().run(MANY));
        few += m.engine().counters().get("region-entries");
      }
      assertTrue(few <= 10, "the loop stays in one region, but had " + few + " entries");
      assertEquals(2, m.engine().counters().get("regions-grown"), "the loop by itself, and what takes its place at once");
    }
  }

  /** It had as much of the loop as there was room for, and its entries: control left it in each round. */
  @Test void whatCallsALoopThatGoesOnForLongDoesNotTakeItsPlace() {
    try (TestMachine m = new TestMachine()) {
      int body = 140;
      int rounds = 20;
      long function = 0x3_0200;
      // mov edx,rounds; mov ebx,ecx, ten times; call function; dec rcx; jnz back; hlt
      m.code(0x3_0000, "BA14000000" + "89CB".repeat(10) + "E8E2010000 48FFC9 75DD F4");
      // inc eax; mov ebx,eax, as often as body says; dec rdx; jnz function; ret
      String back = HexFormat.of().toHexDigits(Integer.reverseBytes(-2 * body - 11));
      m.code(function, "FFC0" + "89C3".repeat(body) + "48FFCA 0F85" + back + "C3");
      Cpu c = m.at(0x3_0000);
      c.gpr[Cpu.RSP] = TestMachine.STACK;
      c.gpr[Cpu.RCX] = ROUNDS;
      c.gpr[Cpu.RAX] = 0;
      assertEquals(Exit.HALT, m.engine().run(10 * MANY));
      assertEquals(ROUNDS * rounds, c.gpr[Cpu.RAX]);
      assertTrue(m.engine().counters().get("regions-grown") >= 2, "the loop and what calls it");
      long entries = m.engine().counters().get("region-entries");
      assertTrue(entries < 9 * ROUNDS / 4, "one for each call and one for each return, but there were " + entries);
    }
  }
}
