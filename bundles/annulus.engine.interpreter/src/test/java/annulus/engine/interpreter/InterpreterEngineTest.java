package annulus.engine.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Rflags;
import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Faults, events and budgets of the engine. Code is given as bytes with its meaning beside it. */
class InterpreterEngineTest {
  private static final long MANY = 1_000_000;
  private TestMachine m = new TestMachine();
  private Cpu c = m.cpu();

  @BeforeEach void prepare() {
    m.handlers();
  }

  @AfterEach void close() {
    m.close();
  }

  private void use(TestMachine other) {
    m.close();
    m = other;
    c = m.cpu();
    m.handlers();
  }

  private int run(long budget) {
    return m.engine().run(budget);
  }

  /** What the frame of a 64-bit handler without error code holds at {@code n}: RIP, CS, RFLAGS, RSP, SS. */
  private long frame(int n) {
    return m.memory.read(c.gpr[Cpu.RSP] + 8 * n, 8);
  }

  private void assertInHandler(int vector) {
    assertEquals(TestMachine.handler(vector) + 1, c.rip, "the handler's HLT has run");
  }

  @Test void aFaultInTheMiddleOfABlockLeavesExactlyWhatCameBeforeIt() {
    // inc eax; inc eax; mov rbx,[0x7000000]; inc eax; hlt
    m.code(TestMachine.CODE, "FFC0 FFC0 488B1C2500000007 FFC0 F4");
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(Vector.PF);
    assertEquals(2, c.gpr[Cpu.RAX]);
    assertEquals(0x700_0000, c.cr2);
    assertEquals(0, frame(0), "error code");
    assertEquals(TestMachine.CODE + 4, frame(1));
    assertEquals(3, m.engine().instructions());
  }

  @Test void aFaultOfAComparisonFusedWithItsBranchPointsAtTheComparison() {
    // inc eax; cmp byte [0x7000000],0; je +0; hlt
    m.code(TestMachine.CODE, "FFC0 803C250000000700 7400 F4");
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(Vector.PF);
    assertEquals(TestMachine.CODE + 2, frame(1));
  }

  @Test void aBranchOutOfTheCanonicalRangeFaultsItself() {
    long last = 0x7FFF_FFFF_F000L;
    m.memory.write(0x1000 + 8 * 255, 8, 0x2007);
    m.memory.write(0x2000 + 8 * 511, 8, 0x3007);
    m.memory.write(0x3000 + 8 * 511, 8, TestMachine.PAGE_TABLE | 7);
    // inc eax; jmp +0x20
    m.code(0x1F_FFF0, "FFC0 EB20");
    c.rip = last + 0xFF0;
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(Vector.GP);
    assertEquals(last + 0xFF2, frame(1));
  }

  @Test void stackAccessesOutOfTheCanonicalRangeRaiseStackFaults() {
    // push rax
    m.code(TestMachine.CODE, "50 F4");
    c.gpr[Cpu.RSP] = 0x9000_0000_0000L;
    // The handler could not push either, so it gets a stack of its own: IST 1 of a TSS at 0x7000.
    m.memory.write(0x7000 + 0x24, 8, TestMachine.STACK);
    c.seg[annulus.arch.Seg.TR].set(0x18, 0x7000, 0x67, 0x8B);
    m.memory.write(0x6000 + 16 * Vector.SS + 4, 1, 1);
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(Vector.SS);
  }

  @Test void smallBudgetsAreExact() {
    // loop: inc eax; add ebx,eax; xor ecx,ebx; jmp loop
    m.code(TestMachine.CODE, "FFC0 01C3 31D9 EBF8");
    run(100);
    assertEquals(100, m.engine().instructions());
    for (int n = 0; n < 10; n++) {
      assertEquals(Exit.BUDGET, run(1));
    }
    run(7);
    assertEquals(117, m.engine().instructions());
    assertEquals(30, c.gpr[Cpu.RAX]);
    assertEquals(TestMachine.CODE + 2, c.rip);
  }

  @Test void largeBudgetsAreHonouredWithinABlock() {
    m.code(TestMachine.CODE, "FFC0 01C3 31D9 EBF8");
    assertEquals(Exit.BUDGET, run(1_000_001));
    assertEquals(1_000_001, m.engine().instructions());
  }

  @Test void theResultDoesNotDependOnBudgetsOrSpecialisation() {
    // outer: mov rcx,100; loop: mov rax,[rsi+rcx*8]; adc rax,rdx; rol rax,3; mov [rsi+rcx*8],rax; cmovc rdx,rax; sbb ebx,eax
    // push rbx; movsx r8,bl; imul r8,rax; xor rdx,r8; pop r9; setle dl; dec rcx; jne loop; jmp outer
    String program = "48C7C164000000 488B04CE 4811D0 48C1C003 488904CE 480F42D0 19C3 53 4C0FBEC3 4C0FAFC0 4C31C2 4159 0F9EC2 48FFC9 75D5"
        + " EBCC";
    String expected = outcome(program, true, 100_000);
    assertEquals(expected, outcome(program, true, 1));
    assertEquals(expected, outcome(program, true, 13));
    assertEquals(expected, outcome(program, false, 997));
  }

  private static String outcome(String program, boolean specialise, int budget) {
    try (TestMachine t = new TestMachine(1, specialise)) {
      t.code(TestMachine.CODE, program);
      t.cpu().gpr[Cpu.RSI] = TestMachine.DATA;
      t.cpu().gpr[Cpu.RDX] = 0x1234_5678_9ABC_DEF0L;
      for (long done = 0; done < 100_000; done = t.engine().instructions()) {
        assertEquals(Exit.BUDGET, t.engine().run(Math.min(budget, 100_000 - done)));
      }
      byte[] data = new byte[1024];
      t.memory.read(TestMachine.DATA, data, 0, data.length);
      return java.util.Arrays.toString(java.util.Arrays.copyOf(t.cpu().gpr, 16)) + Flags.rflags(t.cpu()) + HexFormat.of().formatHex(data);
    }
  }

  @Test void theShadowOfStiLetsOneInstructionThrough() {
    // sti; inc eax; inc eax; hlt
    m.code(TestMachine.CODE, "FB FFC0 FFC0 F4");
    m.vectors.add(0x40);
    m.pending[0].raise(PendingEvents.INTERRUPT);
    assertEquals(Exit.BUDGET, run(1));
    assertEquals(TestMachine.CODE + 1, c.rip);
    assertEquals(Exit.BUDGET, run(1));
    assertEquals(TestMachine.CODE + 3, c.rip);
    run(1);
    assertEquals(TestMachine.CODE + 3, frame(0), "the interrupt came after one instruction");
  }

  @Test void stiAndHltMissNoInterrupt() {
    // sti; hlt; inc eax
    m.code(TestMachine.CODE, "FB F4 FFC0");
    m.vectors.add(0x40);
    m.pending[0].raise(PendingEvents.INTERRUPT);
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(0x40);
    assertEquals(TestMachine.CODE + 2, frame(0));
  }

  @Test void haltedProcessorsWakeForWhatTheyMayTake() {
    m.code(TestMachine.CODE, "F4 FFC0 F4");
    assertEquals(Exit.HALT, run(MANY));
    m.vectors.add(0x40);
    m.pending[0].raise(PendingEvents.INTERRUPT);
    assertEquals(Exit.HALT, run(MANY), "IF is clear");
    assertEquals(TestMachine.CODE + 1, c.rip);
    c.systemFlags |= Rflags.IF;
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(0x40);
  }

  @Test void aLoopIsInterruptedWithinABlock() {
    m.code(TestMachine.CODE, "FFC0 EBFC");
    c.systemFlags |= Rflags.IF;
    assertEquals(Exit.BUDGET, run(1000));
    m.vectors.add(0x41);
    m.pending[0].raise(PendingEvents.INTERRUPT);
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(0x41);
    assertTrue(m.engine().instructions() < 1010);
  }

  @Test void aMaskedInterruptDoesNotStopTheLoop() {
    m.code(TestMachine.CODE, "FFC0 EBFC");
    m.vectors.add(0x41);
    m.pending[0].raise(PendingEvents.INTERRUPT);
    assertEquals(Exit.BUDGET, run(10_000));
    assertEquals(5000, c.gpr[Cpu.RAX]);
  }

  @Test void anNmiWaitsUntilTheHandlerOfTheLastReturns() {
    m.code(TestMachine.CODE, "FFC0 EBFC");
    // handler: inc ebx; jmp self
    m.code(TestMachine.handler(Vector.NMI), "FFC3 EBFC");
    m.pending[0].raise(PendingEvents.NMI);
    run(1000);
    assertEquals(500, c.gpr[Cpu.RBX]);
    m.pending[0].raise(PendingEvents.NMI);
    run(10);
    long stack = c.gpr[Cpu.RSP];
    assertEquals(505, c.gpr[Cpu.RBX]);
    // iretq: the second NMI follows at once
    m.code(TestMachine.handler(Vector.NMI), "48CF");
    c.rip = TestMachine.handler(Vector.NMI);
    run(1);
    m.code(TestMachine.handler(Vector.NMI), "FFC3 EBFC");
    run(2);
    assertEquals(506, c.gpr[Cpu.RBX]);
    assertEquals(stack, c.gpr[Cpu.RSP]);
  }

  @Test void monitorEventsEndTheRunBetweenInstructions() {
    m.code(TestMachine.CODE, "FFC0 EBFC");
    m.pending[0].raise(PendingEvents.HOLD);
    assertEquals(Exit.PENDING, run(MANY));
    assertEquals(0, m.engine().instructions());
  }

  @Test void singleStepTrapsAfterEachInstruction() {
    m.code(TestMachine.CODE, "FFC0 FFC0 F4");
    c.systemFlags |= Rflags.TF;
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(Vector.DB);
    assertEquals(1, c.gpr[Cpu.RAX]);
    assertEquals(TestMachine.CODE + 2, frame(0));
    assertEquals(1 << 14, c.dr[6] & 0xE00F);
  }

  @Test void anInstructionBreakpointFaultsBeforeTheInstructionUnlessRfIsSet() {
    m.code(TestMachine.CODE, "FFC0 FFC0 F4");
    c.dr[0] = TestMachine.CODE + 2;
    c.dr[7] = 0x401;
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(Vector.DB);
    assertEquals(1, c.gpr[Cpu.RAX]);
    assertEquals(TestMachine.CODE + 2, frame(0));
    c.rip = TestMachine.CODE + 2;
    c.activity = annulus.arch.VcpuState.Activity.ACTIVE;
    c.systemFlags |= Rflags.RF;
    assertEquals(Exit.HALT, run(MANY));
    assertEquals(TestMachine.CODE + 5, c.rip);
    assertEquals(2, c.gpr[Cpu.RAX]);
  }

  @Test void aDataBreakpointTrapsAfterTheInstruction() {
    // mov [0x20000],eax; inc eax; hlt
    m.code(TestMachine.CODE, "890425 00000200 FFC0 F4");
    c.dr[0] = TestMachine.DATA;
    c.dr[7] = 0xD0401;
    c.modeChanged();
    assertEquals(Exit.HALT, run(MANY));
    assertInHandler(Vector.DB);
    assertEquals(0, c.gpr[Cpu.RAX]);
    assertEquals(TestMachine.CODE + 7, frame(0));
  }

  @Test void aTripleFaultIsAShutdown() {
    m.code(TestMachine.CODE, "0F0B");
    c.idtLimit = 0;
    assertEquals(Exit.SHUTDOWN, run(MANY));
    assertEquals(Exit.SHUTDOWN, run(MANY));
  }

  @Test void spinLoopsYieldToOtherProcessors() {
    use(new TestMachine(2, true));
    // pause; jmp
    m.code(TestMachine.CODE, "F390 EBFC");
    assertEquals(Exit.YIELD, run(MANY));
    assertTrue(m.engine().instructions() < 1000);
  }

  @Test void codeInInputOutputSpaceRuns() {
    // mov eax,0x12345678; hlt
    System.arraycopy(HexFormat.of().parseHex("B878563412F4"), 0, m.io, 0, 6);
    c.rip = TestMachine.IO;
    assertEquals(Exit.HALT, run(MANY));
    assertEquals(0x1234_5678, c.gpr[Cpu.RAX]);
  }

  @Test void realModeCodeStopsAtTheLimitOfItsSegment() {
    m.realMode();
    // vector 13 -> 0:0x500: hlt; at 0xFFFD: inc ax; mov ax,imm16 that would end beyond the limit
    m.code(13 * 4, "0005 0000");
    m.code(0x500, "F4");
    m.code(0xFFFD, "40 90 B8 34 12");
    c.idtBase = 0;
    c.idtLimit = 0x3FF;
    c.rip = 0xFFFD;
    assertEquals(Exit.HALT, run(MANY));
    assertEquals(0x501, c.rip);
    assertEquals(1, c.gpr[Cpu.RAX]);
    assertEquals(0xFFFF, m.memory.read(c.gpr[Cpu.RSP], 2));
  }

  @Test void aStateGoesOnInAnotherEngineAsIfNothingHadHappened() throws StateException {
    String program = "FFC0 01C3 31D9 48C1C305 EBF4";
    m.code(TestMachine.CODE, program);
    run(1000);
    try (TestMachine other = new TestMachine()) {
      other.code(TestMachine.CODE, program);
      other.engine().restore(m.engine().export(StateGroup.ALL));
      run(1000);
      other.engine().run(1000);
      assertEquals(m.engine().export(StateGroup.GENERAL.bit()), other.engine().export(StateGroup.GENERAL.bit()));
    }
  }

  @Test void repeatedStringInstructionsCountTheirIterations() {
    // rep stosb; hlt
    m.code(TestMachine.CODE, "F3AA F4");
    c.gpr[Cpu.RCX] = 1000;
    c.gpr[Cpu.RDI] = TestMachine.DATA;
    assertEquals(Exit.HALT, run(MANY));
    assertEquals(1001, m.engine().instructions());
  }

  @Test void debuggersTranslateWithoutATrace() {
    m.memory.write(TestMachine.PAGE_TABLE + 8 * 0x30, 8, 0x3_1007);
    assertEquals(0x3_1123, m.engine().translate(0x3_0123));
    assertEquals(0x3_1007, m.memory.read(TestMachine.PAGE_TABLE + 8 * 0x30, 8));
    assertEquals(-1, m.engine().translate(0x700_0000));
    assertEquals(-1, m.engine().translate(0x8000_0000_0000L));
  }
}
