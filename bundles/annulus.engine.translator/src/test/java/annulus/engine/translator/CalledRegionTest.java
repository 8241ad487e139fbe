package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.engine.Exit;
import org.junit.jupiter.api.Test;

/** Code that only compiled code goes to. */
class CalledRegionTest {
  private static final long LOOP = 0x3_0000;
  private static final long FIRST = 0x3_1000;
  private static final long SECOND = 0x3_2000;
  private static final long CALLER = 0x3_3000;
  private static final int ROUNDS = 1000;

  /** Calls {@code function} in a loop. @return instructions that regions ran of it */
  private static long run(TestMachine m, long function) {
    Cpu c = m.at(LOOP);
    c.gpr[Cpu.RAX] = 0;
    c.gpr[Cpu.RBX] = function;
    c.gpr[Cpu.RCX] = ROUNDS;
    long before = m.engine().counters().get("region-instructions");
    assertEquals(Exit.HALT, m.engine().run(10_000_000));
    return m.engine().counters().get("region-instructions") - before;
  }

  @Test void aFunctionThatOnlyRegionsCallIsCompiledToo() {
    try (TestMachine m = new TestMachine(1, true, new Tiers(10, Form.WARM, 0, 0, 16 << 20))) {
      // call rbx; dec rcx; jnz LOOP; hlt
      m.code(LOOP, "FFD3 48FFC9 75F9 F4");
      // inc rax; ret
      m.code(FIRST, "48FFC0 C3");
      // add rax,3; ret
      m.code(SECOND, "4883C003 C3");
      run(m, FIRST);
      run(m, FIRST);
      run(m, SECOND);
      long inRegions = run(m, SECOND);
      assertEquals(3 * ROUNDS, m.cpu().gpr[Cpu.RAX]);
      assertTrue(inRegions >= 5 * ROUNDS - 10, inRegions + " of " + 5 * ROUNDS + " instructions ran in regions");
    }
  }

  /** Its own region would be entered and left in each round. */
  @Test void aShortFunctionWithARegionOfItsOwnIsInTheRegionsThatCallItToo() {
    try (TestMachine m = new TestMachine(1, true, new Tiers(10, Form.WARM, 0, 0, 16 << 20))) {
      // call rbx; dec rcx; jnz LOOP; hlt
      m.code(LOOP, "FFD3 48FFC9 75F9 F4");
      // inc rax; ret
      m.code(FIRST, "48FFC0 C3");
      run(m, FIRST);
      run(m, FIRST);
      // call FIRST; dec rcx; jnz; hlt
      m.code(CALLER, "E8FBDFFFFF 48FFC9 75F6 F4");
      for (int n = 0; n < 3; n++) {
        Cpu c = m.at(CALLER);
        c.gpr[Cpu.RAX] = 0;
        c.gpr[Cpu.RCX] = ROUNDS;
        long before = m.engine().counters().get("region-entries");
        assertEquals(Exit.HALT, m.engine().run(10_000_000));
        assertEquals(ROUNDS, c.gpr[Cpu.RAX]);
        long entries = m.engine().counters().get("region-entries") - before;
        assertTrue(n < 2 || entries < 10, entries + " entries for " + ROUNDS + " calls");
      }
    }
  }
}
