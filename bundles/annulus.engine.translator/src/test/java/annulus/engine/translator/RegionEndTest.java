package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.VcpuState.Activity;
import annulus.cpu.Cpu;
import annulus.engine.Exit;
import org.junit.jupiter.api.Test;

/** Instructions that end a region and after which the engine goes on with the next. */
class RegionEndTest {
  private static final long CODE = 0x3_0000;

  private static TestMachine machine(boolean translate) {
    TestMachine m = new TestMachine(1, translate);
    m.handlers();
    // inc rax; sti; inc rbx; cli; jmp back
    m.code(CODE, "48FFC0 FB 48FFC3 FA EBF6");
    Cpu c = m.cpu();
    c.rip = CODE;
    c.activity = Activity.ACTIVE;
    c.gpr[Cpu.RAX] = 0;
    c.gpr[Cpu.RBX] = 0;
    return m;
  }

  @Test void aBudgetThatEndsBehindStiKeepsTheShadow() {
    try (TestMachine translated = machine(true); TestMachine general = machine(false)) {
      for (int n = 0; n < 2000; n++) {
        int budget = 1 + n % 37;
        assertEquals(Exit.BUDGET, general.engine().run(budget));
        assertEquals(Exit.BUDGET, translated.engine().run(budget));
        Cpu a = general.cpu();
        Cpu b = translated.cpu();
        assertEquals(a.rip, b.rip, "round " + n);
        assertEquals(a.gpr[Cpu.RBX], b.gpr[Cpu.RBX], "round " + n);
        assertEquals(a.systemFlags, b.systemFlags, "round " + n);
        assertEquals(a.stiShadow, b.stiShadow, "round " + n + " at " + Long.toHexString(a.rip));
      }
      assertTrue(translated.engine().counters().get("region-entries") > 100);
    }
  }
}
