package annulus.tck.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Activity;
import annulus.arch.VcpuState.Control;
import annulus.arch.VcpuState.Events;
import annulus.arch.VcpuState.General;
import annulus.arch.Vector;
import annulus.engine.EngineException;
import annulus.engine.EngineProvider;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import annulus.memory.translation.TranslationProvider;
import annulus.vendor.CpuModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every engine keeps; a provider's test extends this class. Programs are given as bytes with their meaning beside them. */
public abstract class EngineContract {
  private static final long MANY = 1_000_000;
  /** Longest delay of a pending event, in instructions or iterations. */
  private static final long BOUND = 1 << 18;
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RBX = 3;
  private static final int RSI = 6;
  private static final int RDI = 7;

  /** The machine under test; a new one per test. */
  @SuppressWarnings("NullAway.Init")
  protected EngineMachine m;

  /** The provider under test. */
  protected abstract EngineProvider provider();

  /** A 64-bit model that the engine can run. */
  protected abstract CpuModel model();

  /** A strategy for the engine to translate with. */
  protected abstract TranslationProvider translations();

  @BeforeEach void open() throws EngineException {
    m = new EngineMachine(provider(), model(), translations());
  }

  @AfterEach void close() {
    m.close();
  }

  private void assertInHandler(int vector) {
    assertEquals(EngineMachine.handler(vector) + 1, m.segments().registers().get(Seg.CS).base() + m.rip(), "the handler's HLT has run");
  }

  private void hold() {
    m.pending().raise(PendingEvents.HOLD);
  }

  // ---- state --------------------------------------------------------------------------------------------------------------------

  /** A valid state of each kind of mode. */
  private List<VcpuState> modes() {
    VcpuState wide = m.long64(0, 0);
    VcpuState narrow = m.protected32(3, 0);
    return List.of(wide, m.long64(3, 0), compatibility(wide), narrow, m.protected32(0, 0), virtual8086(narrow), m.real(0));
  }

  private static VcpuState compatibility(VcpuState wide) {
    VcpuState.Segments s = Objects.requireNonNull(wide.segments());
    List<SegmentState> r = new ArrayList<>(s.registers());
    SegmentState cs = r.get(Seg.CS);
    r.set(Seg.CS, SegmentState.flat(cs.selector(), cs.attributes() & ~SegmentState.LONG | SegmentState.BIG));
    return with(wide, Objects.requireNonNull(wide.general()), new VcpuState.Segments(r, s.gdtr(), s.idtr()), Objects.requireNonNull(wide.control()));
  }

  private static VcpuState virtual8086(VcpuState narrow) {
    VcpuState.Segments s = Objects.requireNonNull(narrow.segments());
    General g = Objects.requireNonNull(narrow.general());
    List<SegmentState> r = new ArrayList<>(s.registers());
    for (int n = Seg.ES; n <= Seg.GS; n++) {
      r.set(n, new SegmentState(0x1234, 0x1_2340, 0xFFFF, 0xF3));
    }
    return with(narrow, new General(g.registers(), 0x100, g.rflags() | Rflags.VM), new VcpuState.Segments(r, s.gdtr(), s.idtr()),
        Objects.requireNonNull(narrow.control()));
  }

  private static VcpuState with(VcpuState s, General g, VcpuState.Segments segments, Control c) {
    return new VcpuState(g, segments, c, s.debug(), s.extended(), s.msrs(), s.events());
  }

  @Test void whatIsRestoredIsExported() throws StateException {
    RandomStates random = new RandomStates(17);
    for (VcpuState mode : modes()) {
      boolean wide = (Objects.requireNonNull(mode.segments()).registers().get(Seg.CS).attributes() & SegmentState.LONG) != 0;
      m.engine().restore(mode);
      VcpuState complete = m.engine().export(StateGroup.ALL);
      for (int n = 0; n < 50; n++) {
        VcpuState state = random.from(complete, wide);
        m.engine().restore(state);
        assertEquals(state, m.engine().export(StateGroup.ALL));
      }
    }
  }

  @Test void onlyTheGroupsAskedForAreExportedAndOnlyThosePresentRestored() throws StateException {
    m.enter(m.long64(0, 0, 1, 2, 3));
    for (StateGroup g : StateGroup.values()) {
      VcpuState before = m.engine().export(StateGroup.ALL);
      VcpuState part = m.engine().export(g.bit());
      assertEquals(g.bit(), part.groups());
      m.engine().restore(part);
      assertEquals(before, m.engine().export(StateGroup.ALL));
    }
  }

  @Test void aStateThatCannotBeIsRefusedAndChangesNothing() throws StateException {
    m.enter(m.long64(0, 0, 1, 2, 3));
    VcpuState before = m.engine().export(StateGroup.ALL);
    General g = Objects.requireNonNull(before.general());
    Control c = Objects.requireNonNull(before.control());
    VcpuState.Segments s = Objects.requireNonNull(before.segments());
    List<VcpuState> bad = List.of(
        with(before, new General(g.registers(), g.rip(), 0), s, c),
        with(before, g, s, new Control(Cr0.PG | Cr0.ET, 0, 0, 0, 0, 1, 0, 0)),
        with(before, g, s, new Control(c.cr0(), 0, 1L << 60, c.cr4(), 0, 1, c.efer(), 0)),
        with(before, g, s, new Control(c.cr0(), 0, c.cr3(), c.cr4(), 16, 1, c.efer(), 0)),
        with(before, g, s, new Control(c.cr0(), 0, c.cr3(), c.cr4() | 1L << 40, 0, 1, c.efer(), 0)),
        with(before, g, new VcpuState.Segments(s.registers(), new VcpuState.Table(0, 0x1_0000), s.idtr()), c));
    for (VcpuState state : bad) {
      StateException e = assertThrows(StateException.class, () -> m.engine().restore(state));
      assertTrue(!String.valueOf(e.getMessage()).isEmpty());
      assertEquals(before, m.engine().export(StateGroup.ALL));
    }
  }

  // ---- budgets and counts -----------------------------------------------------------------------------------------------------------

  @Test void aBudgetIsUsedUpExactly() throws Exception {
    // loop: inc eax; add ebx,eax; xor ecx,ebx; jmp loop
    m.code(EngineMachine.CODE, "FFC0 01C3 31D9 EBF8");
    m.enter(m.long64(0, 0));
    for (int n = 1; n <= 40; n++) {
      assertEquals(Exit.BUDGET, m.run(1));
      assertEquals(n, m.engine().instructions());
      assertEquals(EngineMachine.CODE + 2L * (n % 4), m.rip());
    }
    for (int budget : new int[] {7, 1000, 999_999}) {
      long before = m.engine().instructions();
      assertEquals(Exit.BUDGET, m.run(budget));
      assertEquals(before + budget, m.engine().instructions());
      assertEquals(EngineMachine.CODE + 2 * ((before + budget) % 4), m.rip());
    }
  }

  @Test void everyIterationOfARepeatedInstructionCounts() throws Exception {
    // rep stosb; hlt
    m.code(EngineMachine.CODE, "F3AA F4");
    m.enter(m.long64(0, 0, 0x55, 1000, 0, 0, 0, 0, 0, EngineMachine.DATA));
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(1001, m.engine().instructions());
    assertEquals(0, m.register(RCX));
    assertEquals(0x55, m.memory().read(EngineMachine.DATA + 999, 2));
  }

  @Test void aBudgetEndsARepeatedInstructionBetweenTwoIterations() throws Exception {
    m.code(EngineMachine.CODE, "F3AA F4");
    m.enter(m.long64(0, 0, 0x55, 3_000_000, 0, 0, 0, 0, 0, EngineMachine.DATA));
    long done = 0;
    for (long budget : new long[] {1, 1, 2, 3, 1000, 70_000, 500_001}) {
      assertEquals(Exit.BUDGET, m.run(budget));
      done += budget;
      assertEquals(done, m.engine().instructions());
      assertEquals(3_000_000 - done, m.register(RCX));
      assertEquals(EngineMachine.DATA + done, m.register(RDI));
      assertEquals(EngineMachine.CODE, m.rip());
    }
  }

  // ---- events -------------------------------------------------------------------------------------------------------------------

  @Test void haltLeavesUntilAnInterruptThatMayBeTaken() throws Exception {
    m.code(EngineMachine.CODE, "F4 F4");
    m.enter(m.long64(0, 0));
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(EngineMachine.CODE + 1, m.rip());
    assertEquals(Activity.HALTED, m.events().activity());
    assertEquals(Exit.HALT, m.run(MANY));
    m.interrupt(0x40);
    assertEquals(Exit.HALT, m.run(MANY), "IF is clear");
    assertEquals(EngineMachine.CODE + 1, m.rip());
    General g = m.general();
    m.enter(new VcpuState(new General(g.registers(), g.rip(), g.rflags() | Rflags.IF), null, null, null, null, null, null));
    assertEquals(Exit.HALT, m.run(MANY));
    assertInHandler(0x40);
    assertEquals(EngineMachine.CODE + 1, m.pushed(0, 8));
    assertEquals(0, m.general().rflags() & Rflags.IF, "an interrupt gate clears IF");
  }

  @Test void aPendingHoldEndsATightLoopSoon() throws Exception {
    // out 0x80,al; loop: inc rax; jmp loop
    m.code(EngineMachine.CODE, "E680 48FFC0 EBFB");
    m.onOut = (port, value) -> hold();
    m.enter(m.long64(0, 0));
    assertEquals(Exit.PENDING, m.run(Long.MAX_VALUE));
    long after = m.engine().instructions();
    assertTrue(after <= BOUND, after + " instructions");
    assertTrue((m.pending().get() & PendingEvents.HOLD) != 0, "only the monitor takes it away");
    assertEquals(Exit.PENDING, m.run(MANY));
    assertEquals(after, m.engine().instructions(), "nothing runs while it is there");
  }

  @Test void aHoldFromAnotherThreadEndsATightLoop() throws Exception {
    m.code(EngineMachine.CODE, "48FFC0 EBFB");
    m.enter(m.long64(0, 0));
    Thread other = Thread.ofPlatform().start(() -> {
      LockSupport.parkNanos(30_000_000);
      hold();
    });
    assertEquals(Exit.PENDING, m.run(4_000_000_000L));
    other.join();
  }

  @Test void aPendingHoldEndsARepeatedInstructionBetweenTwoIterations() throws Exception {
    // rep stosb; hlt
    m.code(EngineMachine.CODE, "F3AA F4");
    long[] stores = new long[1];
    m.onStore = gpa -> {
      assertEquals(0x90_0000 + stores[0]++, gpa, "each iteration once, in order");
      if (stores[0] == 100) {
        hold();
      }
    };
    m.enter(m.long64(0, 0, 0x55, MANY, 0, 0, 0, 0, 0, 0x90_0000));
    assertEquals(Exit.PENDING, m.run(Long.MAX_VALUE));
    assertTrue(stores[0] >= 100 && stores[0] <= 100 + BOUND, stores[0] + " iterations");
    assertEquals(MANY - stores[0], m.register(RCX));
    assertEquals(EngineMachine.CODE, m.rip());
    m.pending().clear(PendingEvents.HOLD);
    assertEquals(Exit.HALT, m.run(Long.MAX_VALUE));
    assertEquals(MANY, stores[0]);
    assertEquals(MANY + 1, m.engine().instructions());
  }

  @Test void theMonitorsEventsLeaveTheEngine() throws Exception {
    m.code(EngineMachine.CODE, "EBFE");
    m.enter(m.long64(0, 0));
    for (int event : new int[] {PendingEvents.INIT, PendingEvents.STARTUP, PendingEvents.HOLD, PendingEvents.FLUSH}) {
      m.pending().raise(event);
      assertEquals(Exit.PENDING, m.run(MANY));
      m.pending().clear(event);
      assertEquals(Exit.BUDGET, m.run(10));
    }
  }

  @Test void theShadowOfStiLetsOneInstructionThrough() throws Exception {
    // sti; inc eax; inc eax; hlt
    m.code(EngineMachine.CODE, "FB FFC0 FFC0 F4");
    m.enter(m.long64(0, 0));
    m.interrupt(0x40);
    assertEquals(Exit.BUDGET, m.run(1));
    assertTrue(m.events().stiShadow());
    assertEquals(Exit.HALT, m.run(MANY));
    assertInHandler(0x40);
    assertEquals(EngineMachine.CODE + 3, m.pushed(0, 8));
    assertEquals(1, m.register(RAX));
  }

  @Test void stiAndHltMissNoInterrupt() throws Exception {
    m.code(EngineMachine.CODE, "FB F4");
    m.enter(m.long64(0, 0));
    m.interrupt(0x40);
    assertEquals(Exit.HALT, m.run(MANY));
    assertInHandler(0x40);
    assertEquals(EngineMachine.CODE + 2, m.pushed(0, 8));
  }

  @Test void theShadowOfMovSsLetsOneInstructionThrough() throws Exception {
    // mov ss,eax; inc ecx; inc ecx; hlt
    m.code(EngineMachine.CODE, "8ED0 FFC1 FFC1 F4");
    m.enter(m.long64(0, Rflags.IF, EngineMachine.KERNEL_DATA));
    assertEquals(Exit.BUDGET, m.run(1));
    m.interrupt(0x40);
    assertEquals(Exit.HALT, m.run(MANY));
    assertInHandler(0x40);
    assertEquals(EngineMachine.CODE + 4, m.pushed(0, 8));
    assertEquals(1, m.register(RCX));
  }

  @Test void nmisDoNotNestAndWaitForIret() throws Exception {
    // hlt; hlt - handler: out 0x80,al; inc rax; iretq
    m.code(EngineMachine.CODE, "F4 F4");
    m.code(EngineMachine.handler(Vector.NMI), "E680 48FFC0 48CF");
    m.enter(m.long64(0, 0));
    int[] entered = new int[1];
    m.onOut = (port, value) -> {
      if (entered[0]++ == 0) {
        m.pending().raise(PendingEvents.NMI);
      }
    };
    assertEquals(Exit.HALT, m.run(MANY));
    m.pending().raise(PendingEvents.NMI);
    assertEquals(Exit.BUDGET, m.run(1), "out");
    assertTrue(m.events().nmiBlocked());
    assertTrue(m.events().nmiPending());
    assertEquals(Exit.BUDGET, m.run(1), "inc");
    assertEquals(1, entered[0], "the second waits");
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(2, entered[0]);
    assertEquals(2, m.register(RAX));
    assertEquals(EngineMachine.CODE + 2, m.rip());
    assertEquals(EngineMachine.STACK, m.register(4));
    assertTrue(!m.events().nmiBlocked());
  }

  @Test void aTripleFaultIsAShutdown() throws Exception {
    m.code(EngineMachine.CODE, "0F0B");
    VcpuState s = m.long64(0, 0);
    VcpuState.Segments segments = Objects.requireNonNull(s.segments());
    m.enter(with(s, Objects.requireNonNull(s.general()), new VcpuState.Segments(segments.registers(), segments.gdtr(), new VcpuState.Table(0, 0)),
        Objects.requireNonNull(s.control())));
    assertEquals(Exit.SHUTDOWN, m.run(MANY));
    assertEquals(Activity.SHUTDOWN, m.events().activity());
    assertEquals(Exit.SHUTDOWN, m.run(MANY));
    assertEquals(EngineMachine.CODE, m.rip());
  }

  // ---- exceptions ---------------------------------------------------------------------------------------------------------------

  /**
   * Runs code that faults at {@code CODE + at} and checks the 64-bit frame.
   *
   * @param error the error code, or -1 for a vector without one
   */
  private void assertFaults64(int ring, String code, int vector, int at, long error) throws Exception {
    m.code(EngineMachine.CODE, code);
    m.enter(m.long64(ring, Rflags.CF));
    assertEquals(Exit.HALT, m.run(MANY));
    assertInHandler(vector);
    int n = 0;
    if (error >= 0) {
      assertEquals(error, m.pushed(n++, 8), "error code");
    }
    assertEquals(EngineMachine.CODE + at, m.pushed(n++, 8), "RIP");
    assertEquals(ring == 0 ? EngineMachine.KERNEL_CODE : EngineMachine.USER_CODE, m.pushed(n++, 8), "CS");
    assertEquals(Rflags.CF, m.pushed(n++, 8) & Rflags.CF, "RFLAGS");
    assertEquals(EngineMachine.STACK, m.pushed(n++, 8), "RSP");
    assertEquals(ring == 0 ? EngineMachine.KERNEL_DATA : EngineMachine.USER_DATA, m.pushed(n++, 8), "SS");
    assertEquals(ring == 0 ? EngineMachine.STACK : EngineMachine.RING_0_STACK, m.register(4) + 8L * n, "the frame begins there");
    assertEquals(EngineMachine.KERNEL_CODE, m.segments().registers().get(Seg.CS).selector());
  }

  @Test void undefinedInstructionsFaultInLongMode() throws Exception {
    // stc; ud2
    assertFaults64(0, "F9 0F0B", Vector.UD, 1, -1);
  }

  @Test void divisionByZeroFaultsInLongMode() throws Exception {
    // stc; mov ecx,0; stc; div ecx
    assertFaults64(0, "F9 B900000000 F9 F7F1", Vector.DE, 7, -1);
  }

  @Test void breakpointsTrapBehindTheInstruction() throws Exception {
    assertFaults64(0, "F9 CC", Vector.BP, 2, -1);
  }

  @Test void pageFaultsHaveTheirAddressAndErrorCode() throws Exception {
    // stc; mov rax,[0x1000008]
    assertFaults64(0, "F9 488B042508000001", Vector.PF, 1, 0);
    assertEquals(0x100_0008, m.control().cr2());
  }

  @Test void privilegedInstructionsOfRing3FaultOnTheStackOfRing0() throws Exception {
    // stc; cli
    assertFaults64(3, "F9 FA", Vector.GP, 1, 0);
  }

  @Test void supervisorPagesFaultForRing3() throws Exception {
    m.memory().write(EngineMachine.PAGE_DIRECTORY + 8, 8, 0x20_0083);
    // stc; mov byte [0x200000],1
    assertFaults64(3, "F9 C604250000200001", Vector.PF, 1, 7);
    assertEquals(0x20_0000, m.control().cr2());
  }

  @Test void faultsOfProtectedModePushDoubleWords() throws Exception {
    // mov ax,0x1000; mov ds,ax
    m.code(EngineMachine.CODE, "66B80010 8ED8");
    m.enter(m.protected32(0, 0));
    assertEquals(Exit.HALT, m.run(MANY));
    assertInHandler(Vector.GP);
    assertEquals(0x1000, m.pushed(0, 4), "the selector is the error code");
    assertEquals(EngineMachine.CODE + 4, m.pushed(1, 4));
    assertEquals(EngineMachine.KERNEL_CODE, m.pushed(2, 4) & 0xFFFF);
    assertEquals(EngineMachine.STACK - 16, m.register(4));
  }

  @Test void faultsOfRing3InProtectedModeChangeTheStack() throws Exception {
    // nop; hlt
    m.code(EngineMachine.CODE, "90 F4");
    m.enter(m.protected32(3, 0));
    assertEquals(Exit.HALT, m.run(MANY));
    assertInHandler(Vector.GP);
    assertEquals(0, m.pushed(0, 4));
    assertEquals(EngineMachine.CODE + 1, m.pushed(1, 4));
    assertEquals(EngineMachine.USER_CODE, m.pushed(2, 4) & 0xFFFF);
    assertEquals(EngineMachine.STACK, m.pushed(4, 4));
    assertEquals(EngineMachine.USER_DATA, m.pushed(5, 4) & 0xFFFF);
    assertEquals(EngineMachine.RING_0_STACK - 24, m.register(4));
    assertEquals(EngineMachine.KERNEL_DATA, m.segments().registers().get(Seg.SS).selector());
  }

  @Test void faultsOfRealModePushWordsAndGoThroughTheTableAtZero() throws Exception {
    // xor cx,cx; stc; div cx
    m.code(EngineMachine.REAL_CODE, "31C9 F9 F7F1");
    m.enter(m.real(Rflags.IF));
    assertEquals(Exit.HALT, m.run(MANY));
    assertInHandler(Vector.DE);
    assertEquals(EngineMachine.REAL_CODE + 3, m.pushed(0, 2));
    assertEquals(0, m.pushed(1, 2));
    assertEquals(Rflags.CF | Rflags.IF | Rflags.FIXED, m.pushed(2, 2) & (Rflags.CF | Rflags.IF | Rflags.FIXED));
    assertEquals(0xF000 - 6, m.register(4));
    assertEquals(0, m.general().rflags() & Rflags.IF);
  }

  // ---- code that is written -------------------------------------------------------------------------------------------------------

  @Test void anInstructionCanChangeTheNextOne() throws Exception {
    // mov byte [rip+1],0x42; mov al,0x41; hlt
    m.code(EngineMachine.CODE, "C60501000000 42 B041 F4");
    m.enter(m.long64(0, 0));
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(0x42, m.register(RAX));
  }

  @Test void hotCodeThatIsWrittenRunsAnew() throws Exception {
    // mov ecx,20000; loop: inc rax; dec ecx; jnz loop; hlt
    m.code(EngineMachine.CODE, "B9204E0000 48FFC0 FFC9 75F9 F4");
    m.enter(m.long64(0, 0));
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(20_000, m.register(RAX));
    // dec rax
    m.code(EngineMachine.CODE + 5, "48FFC8");
    m.enter(m.long64(0, 0));
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(-20_000, m.register(RAX));
  }

  @Test void aLoopThatPatchesItselfSeesEveryPatch() throws Exception {
    // mov ecx,5000; loop: mov [rip+2],ecx; add eax,imm32 (at the patched place); dec ecx; jnz loop; hlt
    m.code(EngineMachine.CODE, "B988130000 890D01000000 0500000000 FFC9 75F1 F4");
    m.enter(m.long64(0, 0));
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(5000 * 5001 / 2, m.register(RAX));
  }

  @Test void codeThatAnotherThreadWritesStopsToRun() throws Exception {
    // loop: inc rax; jmp loop
    m.code(EngineMachine.CODE, "48FFC0 EBFB");
    m.enter(m.long64(0, 0));
    Thread other = Thread.ofPlatform().start(() -> {
      LockSupport.parkNanos(50_000_000);
      m.memory().write(EngineMachine.CODE, 1, 0xF4);
    });
    assertEquals(Exit.HALT, m.run(4_000_000_000L));
    other.join();
    assertEquals(EngineMachine.CODE + 1, m.rip());
  }

  // ---- moves, debugger, end -------------------------------------------------------------------------------------------------------

  /** rep movsb, stack, flags, carries through memory and SSE; twenty rounds. */
  private void program() throws StateException {
    // loop: mov ecx,1000; push rsi; push rdi; rep movsb; pop rdi; pop rsi; adc [rsi],rax; rol rax,5; inc qword [rdi]; inc rsi
    // movups xmm0,[rsi]; paddd xmm1,xmm0; movups [rdi+16],xmm1; dec edx; jnz loop; hlt
    m.code(EngineMachine.CODE, "B9E8030000 56 57 F3A4 5F 5E 481106 48C1C005 48FF07 48FFC6 0F1006 660FFEC8 0F114F10 FFCA 75D9 F4");
    byte[] data = new byte[0x4000];
    new Random(5).nextBytes(data);
    m.memory().write(EngineMachine.DATA, data, 0, data.length);
    m.enter(m.long64(0, Rflags.CF, 0x1234_5678_9ABC_DEF1L, 0, 20, 0, 0, 0, EngineMachine.DATA, EngineMachine.DATA + 0x205));
  }

  @Test void movingTheStateToANewEngineMakesNoDifference() throws Exception {
    program();
    assertEquals(Exit.HALT, m.run(MANY));
    VcpuState expected = m.engine().export(StateGroup.ALL);
    byte[] memory = m.ram();
    for (int seed = 0; seed < 3; seed++) {
      close();
      open();
      program();
      Random random = new Random(seed);
      int exit = Exit.BUDGET;
      int moves = 0;
      int insideRepeat = 0;
      for (int n = 0; exit == Exit.BUDGET; n++) {
        exit = m.run(1 + random.nextInt(300));
        if (exit == Exit.BUDGET && random.nextInt(3) == 0) {
          insideRepeat += m.rip() == EngineMachine.CODE + 7 && m.register(RCX) != 0 ? 1 : 0;
          m.move();
          moves++;
        }
        assertTrue(n < 100_000);
      }
      assertEquals(Exit.HALT, exit);
      assertTrue(moves > 5 && insideRepeat > 0, moves + " moves, " + insideRepeat + " inside REP MOVS");
      assertEquals(expected, m.engine().export(StateGroup.ALL));
      assertArrayEquals(memory, m.ram());
    }
  }

  @Test void aMoveKeepsHaltShadowAndNmiBlocking() throws Exception {
    m.code(EngineMachine.CODE, "FB FFC0 F4");
    m.enter(m.long64(0, 0));
    m.run(1);
    m.interrupt(0x40);
    m.move();
    assertEquals(new Events(Activity.ACTIVE, true, false, false, false, 0, -1), m.events());
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(1, m.register(RAX), "one instruction ran in the shadow");
    m.move();
    assertEquals(Exit.HALT, m.run(MANY), "still halted");
    assertInHandler(0x40);
  }

  @Test void debuggersTranslateWithoutATrace() throws Exception {
    m.enter(m.long64(0, 0));
    long entry = m.memory().read(EngineMachine.PAGE_DIRECTORY + 8, 8);
    assertEquals(EngineMachine.DATA + 0x123, m.engine().translate(EngineMachine.DATA + 0x123));
    assertEquals(-1, m.engine().translate(0x100_0000));
    assertEquals(-1, m.engine().translate(0x8000_0000_0000L));
    assertEquals(entry, m.memory().read(EngineMachine.PAGE_DIRECTORY + 8, 8));
    assertEquals(0, m.control().cr2());
  }

  @Test void aFlushForgetsTranslationsAndCode() throws Exception {
    // mov rax,[0x200000]; hlt
    m.code(EngineMachine.CODE, "488B042500002000 F4");
    m.memory().write(EngineMachine.DATA, 8, 0x1111);
    m.memory().write(0x40_0000, 8, 0x2222);
    m.enter(m.long64(0, 0));
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(0x1111, m.register(RAX));
    m.memory().write(EngineMachine.PAGE_DIRECTORY + 8, 8, 0x40_0087);
    General g = m.general();
    m.enter(new VcpuState(new General(g.registers(), EngineMachine.CODE, g.rflags()), null, null, null, null, null, Events.RUNNING));
    m.engine().flush();
    assertEquals(Exit.HALT, m.run(MANY));
    assertEquals(0x2222, m.register(RAX));
  }

  @Test void aClosedEngineLeavesNothingBehind() throws Exception {
    m.code(EngineMachine.CODE, "FFC0 F4");
    m.enter(m.long64(0, 0));
    m.run(MANY);
    m.closeEngine();
    assertEquals(0, m.codeObservers());
    Assertions.assertTimeout(Duration.ofSeconds(5), () -> m.memory().write(EngineMachine.CODE, 8, 0));
  }

  @Test void theCountOfInstructionsIsReadableFromAnyThread() throws Exception {
    m.code(EngineMachine.CODE, "48FFC0 EBFB");
    m.enter(m.long64(0, 0));
    long[] seen = new long[1];
    Thread other = Thread.ofPlatform().start(() -> {
      LockSupport.parkNanos(30_000_000);
      seen[0] = m.engine().instructions();
      m.engine().counters();
      hold();
    });
    assertEquals(Exit.PENDING, m.run(4_000_000_000L));
    other.join();
    assertTrue(seen[0] >= 0 && seen[0] <= m.engine().instructions());
    assertEquals(Exit.PENDING, m.run(1));
    assertTrue(m.register(RAX) >= m.engine().instructions() / 2 && m.register(RBX) == 0 && m.register(RSI) == 0);
  }
}
