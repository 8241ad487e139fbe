package annulus.engine.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import annulus.cpu.Cpu;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import org.junit.jupiter.api.Test;

/** Interrupts between STI and CLI. */
class InterruptWindowTest {
  private static final int VECTOR = 0x40;

  @Test void windowOfOneInstructionTakesAPendingInterrupt() throws Exception {
    try (TestMachine m = new TestMachine()) {
      m.handlers();
      // sti; nop; inc eax; cli; jmp to inc
      m.code(TestMachine.CODE, "FB 90 FFC0 FA EBFB");
      m.vectors.add(VECTOR);
      m.pending[0].raise(PendingEvents.INTERRUPT);
      assertEquals(Exit.HALT, m.engine().run(100));
      assertEquals(TestMachine.handler(VECTOR) + 1, m.cpu().rip);
      assertEquals(0, m.cpu().gpr[Cpu.RAX]);
    }
  }
}
