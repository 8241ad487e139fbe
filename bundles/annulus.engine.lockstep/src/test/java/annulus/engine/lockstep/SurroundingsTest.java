package annulus.engine.lockstep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.engine.EngineException;
import annulus.engine.EngineException.Reason;
import annulus.engine.EngineProvider;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import annulus.engine.interpreter.InterpreterProvider;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whatever comes from outside reaches both engines alike, so that equal engines stay equal. */
class SurroundingsTest {
  private static final int RAX = 0;
  private static final int RBX = 3;

  private static TestMachine machine(long step, String code) throws Exception {
    return new TestMachine(new InterpreterProvider(), step, code);
  }

  @Test void timeAndRandomNumbersAreReplayed() throws Exception {
    // rdtsc; add ebx, eax; rdrand ecx; add ebx, ecx; jmp
    try (TestMachine m = machine(50, "0F31 6601C3 660FC7F1 6601CB EBF2")) {
      assertEquals(Exit.BUDGET, m.engine().run(20_000));
      assertNotEquals(0, m.register(RBX));
    }
  }

  @Test void interruptsArriveAtTheSameInstruction() throws Exception {
    // sti; inc bx; out 21h, al; jmp to inc
    try (TestMachine m = machine(1000, "FB 43 E621 EBFB")) {
      m.code(4 * TestMachine.VECTOR, "00300000");
      // inc word [2000h]; iret
      m.code(0x3000, "FF060020 CF");
      m.engine().run(20_000);
      long interrupts = m.memory.read(0x2000, 2);
      assertTrue(interrupts > 1000, "interrupts: " + interrupts);
      assertEquals(0, m.engine().counters().get("steps-unchecked"));
    }
  }

  @Test void enginesMayLookForInterruptsAtDifferentPlaces() throws Exception {
    FaultyProvider afterEachInstruction = new FaultyProvider((engine, now) -> {});
    // cli; out 21h, al; inc bx; sti; nop; inc bx; inc bx; cli; jmp: the interpreter looks at the end of the block
    try (TestMachine m = new TestMachine(afterEachInstruction, 1000, "FA E621 43 FB 90 43 43 FA EBF6")) {
      m.code(4 * TestMachine.VECTOR, "00300000");
      m.code(0x3000, "FF060020 CF");
      m.engine().run(20_000);
      long interrupts = m.memory.read(0x2000, 2);
      assertTrue(interrupts > 1000, "interrupts: " + interrupts);
    }
  }

  @Test void nmiWaitsForTheEndOfTheOneBefore() throws Exception {
    // inc bx; jmp; the handler counts and takes its time: inc word [2000h]; mov cx, 20; loop; iret
    try (TestMachine m = new TestMachine(new FaultyProvider((engine, now) -> {}), 1000, "43 EBFD")) {
      m.code(4 * 2, "00300000");
      m.code(0x3000, "FF060020 B91400 E2FE CF");
      for (int n = 1; n <= 50; n++) {
        m.pending.raise(PendingEvents.NMI);
        m.engine().run(1 + n);
        m.pending.raise(PendingEvents.NMI);
        m.engine().run(200);
        assertEquals(2 * n, m.memory.read(0x2000, 2));
      }
    }
  }

  @Test void lineThatIsReleasedIsNotAcknowledged() throws Exception {
    // cli; out 21h, al; in al, 10h; sti; nop; nop; jmp: the read releases the line
    try (TestMachine m = new TestMachine(new InterpreterProvider(), 1000, "FA E621 E410 FB 90 90 EBF6") {
      @Override public int readPort(int port, int size) {
        pending.clear(PendingEvents.INTERRUPT);
        return super.readPort(port, size);
      }

      @Override public int acknowledgeInterrupt() {
        throw new AssertionError("nothing to acknowledge");
      }
    }) {
      assertEquals(Exit.BUDGET, m.engine().run(20_000));
    }
  }

  @Test void stringsLongerThanTheBudgetMeetAgain() throws Exception {
    // xor si, si; mov di, 4000h; mov cx, 3FFFh; rep movsb; out 11h, al; inc bx; jmp
    try (TestMachine m = machine(300, "31F6 BF0040 B9FF3F F3A4 E611 43 EBF1")) {
      m.engine().run(400_000);
      assertTrue((m.register(RBX) & 0xFFFF) > 20);
      assertEquals(0, m.engine().counters().get("steps-unchecked"));
    }
  }

  @Test void codeThatChangesItselfIsSeenByBoth() throws Exception {
    // inc byte [1006h]; nop; mov al, 0; jmp
    try (TestMachine m = machine(100, "FE060610 90 B000 EBF7")) {
      m.engine().run(10_000);
      assertEquals(m.memory.read(0x1006, 1), m.register(RAX) & 0xFF, 1);
    }
  }

  @Test void dmaOfARequestIsReplayedWithIt() throws Exception {
    // out 20h, al; mov eax, [4000h]; add ebx, eax; jmp
    try (TestMachine m = machine(100, "E620 66A10040 6601C3 EBF5")) {
      m.engine().run(8_000);
      assertEquals(2000, m.register(RAX));
      assertEquals(0, m.engine().counters().get("steps-unchecked"));
    }
  }

  @Test void dmaThatComesByItselfIsNoDifference() throws Exception {
    // add ebx, [4000h]; jmp
    try (TestMachine m = machine(500, "66031E0040 EBF9")) {
      Thread device = Thread.ofPlatform().start(() -> {
        for (int n = 1; !Thread.interrupted(); n++) {
          m.memory.write(TestMachine.DMA, 4, n);
        }
      });
      try {
        for (int n = 0; n < 1000 && m.engine().counters().get("steps-unchecked") == 0; n++) {
          m.engine().run(10_000);
        }
      } finally {
        device.interrupt();
        device.join();
      }
      assertTrue(m.engine().counters().get("steps-unchecked") > 0);
      long before = m.engine().counters().get("steps-unchecked");
      assertEquals(Exit.BUDGET, m.engine().run(100_000));
      assertEquals(before, m.engine().counters().get("steps-unchecked"), "steps after the last DMA");
    }
  }

  @Test void writesBetweenRunsReachBoth() throws Exception {
    try (TestMachine m = machine(500, "66031E0040 EBF9")) {
      m.engine().run(1000);
      m.memory.write(TestMachine.DMA, 4, 0x1234);
      m.code(TestMachine.CODE, "66 2B1E0040 EBF9");
      m.engine().run(1000);
      assertEquals(0, m.engine().counters().get("steps-unchecked"));
      assertNotEquals(0, m.register(RBX));
    }
  }

  @Test void haltAndShutdownEndBoth() throws Exception {
    try (TestMachine m = machine(500, "90 F4")) {
      assertEquals(Exit.HALT, m.engine().run(1000));
      assertEquals(2, m.engine().instructions());
      assertEquals(Exit.HALT, m.engine().run(1000));
    }
    // lidt [1100h] (a limit of 0); ud2
    try (TestMachine m = machine(500, "0F011E0011 0F0B")) {
      assertEquals(Exit.SHUTDOWN, m.engine().run(1000));
      assertEquals(1, m.engine().instructions());
    }
  }

  @Test void nmiIsHandedOverAndTravelsWithTheState() throws Exception {
    try (TestMachine m = machine(500, "EBFE")) {
      m.code(4 * 2, "00300000");
      m.code(0x3000, "EBFE");
      m.pending.raise(PendingEvents.NMI);
      VcpuState.Events waiting = m.engine().export(StateGroup.EVENTS.bit()).events();
      assertTrue(waiting != null && waiting.nmiPending());
      m.engine().run(100);
      VcpuState s = m.engine().export(StateGroup.ALL);
      assertTrue(s.events() != null && s.events().nmiBlocked() && !s.events().nmiPending());
      assertTrue(s.general() != null && s.general().rip() == 0x3000);
    }
  }

  @Test void holdEndsTheRun() throws Exception {
    try (TestMachine m = machine(500, "EBFE")) {
      m.pending.raise(PendingEvents.HOLD);
      assertEquals(Exit.PENDING, m.engine().run(1000));
      assertEquals(0, m.engine().instructions());
    }
  }

  @Test void engineWhoseProviderGoesIsNotRunAnyMore() throws Exception {
    InterpreterProvider checked = new InterpreterProvider();
    try (TestMachine m = new TestMachine(checked, 500, "EBFE")) {
      m.engine().run(1000);
      m.provider.unbindEngine(checked);
      EngineException e = assertThrows(EngineException.class, () -> m.engine().run(1000));
      assertEquals(Reason.HOST, e.reason());
      assertTrue(e.getMessage().contains("translator"), e.getMessage());
    }
  }

  @Test void severalProcessorsAreRefused() {
    EngineException e = assertThrows(EngineException.class,
        () -> new TestMachine(new InterpreterProvider(), Map.of(), "90", 2).close());
    assertEquals(Reason.UNSUPPORTED, e.reason());
  }

  @Test void engineThatIsNotThereIsNamed() {
    EngineException e = assertThrows(EngineException.class,
        () -> new TestMachine(new InterpreterProvider(), Map.of("checked", "kvm"), "90", 1).close());
    assertTrue(e.getMessage().contains("\"kvm\"") && e.getMessage().contains("[interpreter, translator]"), e.getMessage());
  }

  @Test void closedEngineGivesItsMemoryBack() throws Exception {
    EngineProvider checked = new InterpreterProvider();
    int before;
    try (TestMachine m = new TestMachine(checked, 500, "EBFE")) {
      before = TestMachine.free();
      m.engine().run(10);
    }
    assertEquals(before + 2 * (TestMachine.RAM >> 12), TestMachine.free());
  }
}
