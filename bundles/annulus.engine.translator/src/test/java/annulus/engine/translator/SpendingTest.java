package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Decoder;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.Exit;
import annulus.engine.translator.RegionPlan.Node;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What regions take from the budget. */
class SpendingTest {
  /**
   * A: inc rax; test al,1; jz B; inc rdx; add rdx,rax; B: test al,3; jnz A; inc rcx; test cl,7; jnz A; inc rbx; jmp A: three loops that
   * begin at the same place, the innermost with two ways through it.
   */
  private static final String LOOPS = "48FFC0 A801 7406 48FFC2 4801C2 A803 75EF 48FFC1 F6C107 75E7 48FFC3 EBE2";
  /** Its longest way from one jump back to the next. */
  private static final int LONGEST = 14;
  /** Instructions that it takes for control to stay. */
  private static final int LONG = 20_000;

  private static RegionPlan plan() {
    byte[] page = Arrays.copyOf(HexFormat.of().parseHex(LOOPS.replace(" ", "")), CodeBytes.PAGE);
    BitSet run = new BitSet();
    run.set(0, CodeBytes.PAGE);
    Decoder decoder = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());
    return new RegionPlan(decoder, CodeBytes.of(page), 0, 64, run, run, new BitSet(), new BitSet(), 50, true, new IndirectCalls());
  }

  @Test void onlyWaysThatCloseACircleAreCounted() {
    RegionPlan plan = plan();
    Spending s = Spending.byWays(plan);
    int ways = 0;
    int counted = 0;
    for (Node n : plan.nodes) {
      for (Node to : plan.successors(n)) {
        ways++;
        counted += s.owed(n, to) == 0 ? 0 : 1;
      }
    }
    assertEquals(8, ways);
    assertEquals(ways - (plan.nodes.size() - 1), counted);
  }

  @Test void theWaysOfTheInnermostLoopAreSparedFirst() {
    RegionPlan plan = plan();
    Spending s = Spending.byWays(plan);
    Node a = plan.nodes.get(0);
    Node middle = plan.nodes.get(1);
    Node b = plan.nodes.get(2);
    assertEquals(0, s.owed(a, b) * s.owed(middle, b), "of two ways through the loop one is counted");
    assertEquals(0, s.owed(a, middle));
    assertTrue(s.owed(b, a) > 0, "each round is counted");
    assertTrue(s.least() < 0 && s.least() >= -LONGEST);
  }

  @Test void nothingIsAmissWhereControlComesIn() {
    RegionPlan plan = plan();
    assertEquals(0, Spending.byWays(plan).ahead(plan.entryNodes().get(0)));
    assertEquals(0, Spending.byBlocks(plan).least());
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void theBudgetIsSpentToTheInstruction(Form form) {
    try (TestMachine translated = machine(true, form); TestMachine general = machine(false, form)) {
      for (TestMachine m : new TestMachine[] {translated, general}) {
        assertEquals(Exit.BUDGET, m.engine().run(LONG));
      }
      for (int budget = 1; budget < 700; budget++) {
        for (TestMachine m : new TestMachine[] {translated, general}) {
          assertEquals(Exit.BUDGET, m.engine().run(budget));
        }
        assertEquals(general.cpu().rip, translated.cpu().rip, "behind " + budget);
        assertArrayEquals(Arrays.copyOf(general.cpu().gpr, 16), Arrays.copyOf(translated.cpu().gpr, 16), "behind " + budget);
      }
      assertTrue(translated.engine().counters().get("region-instructions") > LONG / 2);
    }
  }

  private static TestMachine machine(boolean translate, Form form) {
    TestMachine m = new TestMachine(1, translate, form, 16 << 20);
    m.code(TestMachine.CODE, LOOPS);
    Cpu c = m.at(TestMachine.CODE);
    Arrays.fill(c.gpr, 0, 4, 0);
    return m;
  }
}
