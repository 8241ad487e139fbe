package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.engine.Exit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls from one region to another: what is called runs below the caller, and may do anything but come back. */
class RegionCallTest {
  private static final long CALLER = 0x3_0000;
  private static final long CALLED = 0x3_1000;
  private static final long OTHER = 0x3_2000;
  private static final long COPY = 0x3_8000;
  private static final long STACK = 0x6_0000;
  private static final int ROUNDS = 100;
  private static final long MANY = 10_000_000;

  private final TestMachine m = new TestMachine(1, true, new Tiers(160, Form.WARM, 0, 0, 16 << 20));
  private Cpu c = m.cpu();

  @BeforeEach void write() {
    m.handlers();
    // call r8; add rax,1; dec rcx; jnz CALLER; hlt
    m.code(CALLER, "41FFD0 4883C001 48FFC9 75F4 F4");
    prepare();
  }

  @AfterEach void close() {
    m.close();
  }

  private void prepare() {
    c = m.at(CALLER);
    c.gpr[Cpu.RAX] = 0;
    c.gpr[Cpu.RBX] = 0;
    c.gpr[Cpu.RCX] = ROUNDS;
    c.gpr[Cpu.RSP] = STACK;
    c.gpr[Cpu.RSI] = TestMachine.DATA;
    c.gpr[8] = CALLED;
    c.gpr[9] = TestMachine.DATA;
    c.gpr[10] = OTHER;
    c.gpr[11] = TestMachine.DATA;
  }

  private void run() {
    assertEquals(Exit.HALT, m.engine().run(MANY));
  }

  /** Has everything compiled, and prepares another run. */
  private void warm() {
    for (int n = 0; n < 4; n++) {
      run();
      prepare();
    }
  }

  private long counter(String name) {
    return m.engine().counters().get(name);
  }

  @Test void theCallerGoesOnWhereTheCallReturnsTo() {
    // add rbx,2; ret
    m.code(CALLED, "4883C302 C3");
    warm();
    long returned = counter("region-calls-returned");
    long instructions = m.engine().instructions();
    run();
    assertEquals(ROUNDS, c.gpr[Cpu.RAX]);
    assertEquals(2 * ROUNDS, c.gpr[Cpu.RBX]);
    assertEquals(STACK, c.gpr[Cpu.RSP]);
    assertEquals(6 * ROUNDS + 1, m.engine().instructions() - instructions);
    assertTrue(counter("region-calls-returned") - returned > ROUNDS - 10, "calls that come back run below the caller");
  }

  @Test void anyBudgetIsExact() {
    m.code(CALLED, "4883C302 C3");
    warm();
    long before = m.engine().instructions();
    int exit = Exit.BUDGET;
    long sum = 0;
    for (int budget = 1; exit == Exit.BUDGET; budget = budget % 40 + 1) {
      exit = m.engine().run(budget);
      sum += budget;
      assertTrue(m.engine().instructions() - before <= sum, "no instruction more than allowed");
    }
    assertEquals(Exit.HALT, exit);
    assertEquals(6 * ROUNDS + 1, m.engine().instructions() - before);
    assertEquals(ROUNDS, c.gpr[Cpu.RAX]);
    assertEquals(2 * ROUNDS, c.gpr[Cpu.RBX]);
  }

  @Test void aFaultInWhatIsCalledIsPrecise() {
    // inc rbx; mov rdx,[rsi]; inc rbx; ret
    m.code(CALLED, "48FFC3 488B16 48FFC3 C3");
    warm();
    c.gpr[Cpu.RSI] = 0x700_0000;
    long before = m.engine().instructions();
    run();
    assertEquals(TestMachine.handler(Vector.PF) + 1, c.rip);
    assertEquals(0x700_0000, c.cr2);
    assertEquals(1, c.gpr[Cpu.RBX]);
    assertEquals(ROUNDS, c.gpr[Cpu.RCX]);
    assertEquals(3, m.engine().instructions() - before, "CALL, INC and the handler's HLT");
    assertEquals(CALLED + 3, m.memory.read(c.gpr[Cpu.RSP] + 8, 8));
    assertEquals(STACK - 8, m.memory.read(c.gpr[Cpu.RSP] + 32, 8));
  }

  @Test void whatIsCalledNeedNotComeBack() {
    // add rsp,8; jmp r10
    m.code(CALLED, "4883C408 41FFE2");
    // inc rbx; dec rcx; jz over; jmp CALLER; over: hlt
    m.code(OTHER, "48FFC3 48FFC9 7405 E9F3DFFFFF F4");
    for (int n = 0; n < 5; n++) {
      prepare();
      c.gpr[Cpu.RCX] = 50_000;
      run();
      assertEquals(50_000, c.gpr[Cpu.RBX]);
      assertEquals(0, c.gpr[Cpu.RAX]);
      assertEquals(STACK, c.gpr[Cpu.RSP]);
    }
  }

  @Test void recursionMayBeDeeperThanTheHostsStackIsToBe() {
    // call r8; inc rdx; hlt
    m.code(CALLER, "41FFD0 48FFC2 F4");
    // dec rcx; jz over; call r10; inc rax; ret; over: ret
    m.code(CALLED, "48FFC9 7407 41FFD2 48FFC0 C3 C3");
    // call r8; inc rbx; ret
    m.code(OTHER, "41FFD0 48FFC3 C3");
    for (int n = 0; n < 5; n++) {
      prepare();
      c.gpr[Cpu.RDX] = 0;
      c.gpr[Cpu.RCX] = 5_000;
      run();
      assertEquals(4_999, c.gpr[Cpu.RAX]);
      assertEquals(4_999, c.gpr[Cpu.RBX]);
      assertEquals(1, c.gpr[Cpu.RDX]);
      assertEquals(STACK, c.gpr[Cpu.RSP]);
    }
  }

  @Test void codeThatWhatIsCalledHasWrittenIsRunBehindTheCall() {
    // mov [r9],cl; ret
    m.code(CALLED, "418809 C3");
    warm();
    c.gpr[9] = CALLER + 6;
    run();
    assertEquals(ROUNDS * (ROUNDS + 1) / 2, c.gpr[Cpu.RAX], "what is added is written each time");
  }

  @Test void soIsCodeThatAnInstructionHasWrittenBeforeAnybodyLooked() {
    // mov dl,1; xadd [r9],dl; ret
    m.code(CALLED, "B201 410FC011 C3");
    warm();
    c.gpr[9] = CALLER + 6;
    run();
    assertEquals(ROUNDS * (ROUNDS + 3) / 2, c.gpr[Cpu.RAX], "what is added is 2, 3, 4 and so on");
  }

  @Test void aPageThatWhatIsCalledHasMappedElsewhereIsRunFromThere() {
    // mov [r9],r10; invlpg [r11]; ret
    m.code(CALLED, "4D8911 410F013B C3");
    // as CALLER, with add rax,2
    m.code(COPY, "41FFD0 4883C002 48FFC9 75F4 F4");
    warm();
    c.gpr[9] = TestMachine.PAGE_TABLE + 8 * (CALLER >>> 12);
    c.gpr[10] = COPY | 0x67;
    c.gpr[11] = CALLER;
    run();
    assertEquals(2 * ROUNDS, c.gpr[Cpu.RAX]);
  }

  @Test void aCallComesBackThroughChangesOfTheInterruptFlag() {
    // pushfq; sti; nop; popfq; xchg rax,rbx; ret
    m.code(CALLED, "9C FB 90 9D 4893 C3");
    warm();
    long returned = counter("region-calls-returned");
    run();
    assertEquals(ROUNDS, c.gpr[Cpu.RAX] + c.gpr[Cpu.RBX]);
    assertEquals(ROUNDS / 2, c.gpr[Cpu.RBX]);
    assertTrue(counter("region-calls-returned") - returned > ROUNDS - 10, "calls that come back run below the caller");
  }
}
