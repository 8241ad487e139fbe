package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Regions with registers in locals, which are left for what they do not do in place. */
class LeftRegionTest {
  private static final long MANY = 10_000_000;
  private static final int ROUNDS = 10_000;
  private static final long BORDER = TestMachine.DATA + 0x1000;
  private static final long INEXACT_STICKY = 0x1FA0;

  private static long counter(TestMachine m, String name) {
    return m.engine().counters().get(name);
  }

  /** Regions have registers in locals as soon as a block has run twice. */
  private static TestMachine machine(String code) {
    return machine(Form.LOCALS, code);
  }

  private static TestMachine machine(Form first, String code) {
    TestMachine m = new TestMachine(1, true, first, 16 << 20);
    m.handlers();
    m.code(TestMachine.CODE, code);
    return m;
  }

  private static void run(TestMachine m, int rounds) {
    run(m, rounds, BORDER);
  }

  private static void run(TestMachine m, int rounds, long at) {
    Cpu c = m.at(TestMachine.CODE);
    c.gpr[Cpu.RAX] = 0;
    c.gpr[Cpu.RCX] = rounds;
    c.gpr[Cpu.RBX] = at;
    assertEquals(Exit.HALT, m.engine().run(MANY));
  }

  @Test void oneThatIsLeftTooOftenIsReplaced() {
    // add rax,[rbx-8]; add rax,[rbx]; dec rcx; jnz back; hlt: one probe cannot serve both accesses
    try (TestMachine m = machine(Form.WARM, "480343F8 480303 48FFC9 75F4 F4")) {
      m.memory.write(BORDER - 8, 8, 1);
      m.memory.write(BORDER, 8, 2);
      for (int n = 0; n < 3; n++) {
        run(m, ROUNDS);
        assertEquals(3L * ROUNDS, m.cpu().gpr[Cpu.RAX]);
      }
      long before = counter(m, "regions-left-before-an-instruction");
      assertTrue(before > 100, "left only " + before + " times");
      run(m, ROUNDS);
      assertEquals(3L * ROUNDS, m.cpu().gpr[Cpu.RAX]);
      long left = counter(m, "regions-left-before-an-instruction") - before;
      assertTrue(left < 10, left + " times in " + ROUNDS + " rounds, when another region should be there");
      assertTrue(counter(m, "regions-grown") > 0);
    }
  }

  @Test void oneThatIsNotEnteredForTheStackIsReplacedByOneThatDoesNotLookAtIt() {
    // A: mov rdx,[rsp]; test cl,1; jz B; inc rax; B: mov rdi,[rsp+8]; dec rcx; jnz A; hlt: the accesses share a probe at the entry only
    try (TestMachine m = machine(Form.WARM, "488B1424 F6C101 7403 48FFC0 488B7C2408 48FFC9 75EA F4")) {
      for (int n = 0; n < 5; n++) {
        run(m, ROUNDS);
      }
      m.cpu().gpr[Cpu.RSP] = BORDER - 8;
      long before = counter(m, "regions-left-before-an-instruction");
      run(m, ROUNDS);
      long left = counter(m, "regions-left-before-an-instruction") - before;
      assertTrue(left > 100 && left < ROUNDS / 2, "left " + left + " times in " + ROUNDS + " rounds");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (counter(m, "milliseconds-locals") + counter(m, "milliseconds-apart") < 100 && System.nanoTime() < deadline) {
        run(m, 50 * ROUNDS);
        assertEquals(25L * ROUNDS, m.cpu().gpr[Cpu.RAX]);
      }
      assertEquals(0, counter(m, "milliseconds-apart"), "other accesses may share probes");
      assertTrue(counter(m, "milliseconds-locals") >= 100, () -> m.engine().counters().toString());
    }
  }

  @Test void oneThatHasStayedLongIsKeptWhenItIsLeftOftenForOnce() {
    // add rax,[rbx-8]; add rax,[rbx]; dec rcx; jnz back; hlt: one probe serves both accesses unless rbx is at the border of a page
    try (TestMachine m = new TestMachine(1, true, new Tiers(0, Form.WARM, 5L * ROUNDS, 400, 16 << 20))) {
      m.code(TestMachine.CODE, "480343F8 480303 48FFC9 75F4 F4");
      for (int n = 0; n < 50; n++) {
        run(m, ROUNDS, BORDER + 64);
      }
      long before = counter(m, "regions-left-before-an-instruction");
      run(m, 450, BORDER);
      long burst = counter(m, "regions-left-before-an-instruction") - before;
      assertTrue(burst >= 450, "left only " + burst + " times in 450 rounds");
      run(m, ROUNDS, BORDER + 64);
      before = counter(m, "regions-left-before-an-instruction");
      run(m, 100, BORDER);
      long left = counter(m, "regions-left-before-an-instruction") - before;
      assertTrue(left >= 100, "left only " + left + " times in 100 rounds: another region is there");
    }
  }

  @Test void oneWhoseUnitIsNotThereIsNotEntered() {
    // addsd xmm0,xmm1; dec rcx; jnz back; hlt
    try (TestMachine m = machine("F20F58C1 48FFC9 75F7 F4")) {
      m.cpu().mxcsr = (int) INEXACT_STICKY;
      m.cpu().xmm[2] = Double.doubleToRawLongBits(1);
      run(m, ROUNDS);
      assertEquals(ROUNDS, Double.longBitsToDouble(m.cpu().xmm[0]));
      m.cpu().paging.cr0 |= Cr0.TS;
      m.cpu().modeChanged();
      run(m, ROUNDS);
      assertEquals(TestMachine.handler(7) + 1, m.cpu().rip, "device not available");
      assertEquals(ROUNDS, m.cpu().gpr[Cpu.RCX]);
      assertEquals(ROUNDS, Double.longBitsToDouble(m.cpu().xmm[0]));
    }
  }

  @Test void aDenormalResultIsReported() {
    // mulsd xmm0,xmm1; dec rcx; jnz back; hlt
    try (TestMachine m = machine("F20F59C1 48FFC9 75F7 F4")) {
      m.cpu().mxcsr = (int) INEXACT_STICKY;
      m.cpu().xmm[0] = Double.doubleToRawLongBits(1.5);
      m.cpu().xmm[2] = Double.doubleToRawLongBits(0.75);
      run(m, 2000);
      assertEquals(0, m.cpu().mxcsr & 0x12, "neither denormal operand nor underflow");
      run(m, ROUNDS);
      assertEquals(0x12, m.cpu().mxcsr & 0x12, "denormal operand and underflow");
    }
  }

  @Test void aDenormalOperandThatALoopBeginsWithIsReported() {
    // addsd xmm0,xmm1; dec rcx; jnz back; hlt
    try (TestMachine m = machine("F20F58C1 48FFC9 75F7 F4")) {
      m.cpu().mxcsr = (int) INEXACT_STICKY;
      m.cpu().xmm[2] = Double.doubleToRawLongBits(1);
      run(m, ROUNDS);
      m.cpu().xmm[2] = Double.doubleToRawLongBits(Double.MIN_VALUE);
      assertEquals(0, m.cpu().mxcsr & 2, "denormal operand");
      run(m, 10);
      assertEquals(2, m.cpu().mxcsr & 2, "denormal operand");
      assertEquals(ROUNDS, Double.longBitsToDouble(m.cpu().xmm[0]));
    }
  }

  /** What the inner loop computes with is looked at behind the load, in front of a branch or of nothing, and its flags are there then. */
  @Test void anOperandThatIsLoadedBeforeALoopMayBeAnyNumber() {
    for (String code : new String[] {
        // movsd xmm1,[rbx]; mov edx,3; A: addsd xmm0,xmm1; dec edx; jnz A; dec rcx; jnz back; hlt
        "F20F100B BA03000000 F20F58C1 FFCA 75F8 48FFC9 75EA F4",
        // movsd xmm1,[rbx]; mov edx,3; cmp edx,3; jnz B; A: sub edx,1; lea eax,[rax+1]; addsd xmm0,xmm1; jnz A; B: sub rcx,1; jnz back; hlt
        "F20F100B BA03000000 83FA03 750C 83EA01 8D4001 F20F58C1 75F4 4883E901 75E0 F4"}) {
      try (TestMachine m = machine(code); TestMachine general = new TestMachine(1, false)) {
        general.handlers();
        general.code(TestMachine.CODE, code);
        for (double operand : new double[] {1, Double.MIN_VALUE, 2, Double.POSITIVE_INFINITY, -0.0, Double.NaN, 3}) {
          for (TestMachine each : new TestMachine[] {m, general}) {
            each.memory.write(BORDER, 8, Double.doubleToRawLongBits(operand));
            each.cpu().mxcsr = (int) INEXACT_STICKY;
            each.cpu().xmm[0] = Double.doubleToRawLongBits(0.5);
            run(each, 500);
          }
          assertEquals(general.cpu().xmm[0], m.cpu().xmm[0], "sum with " + operand);
          assertEquals(general.cpu().gpr[Cpu.RAX], m.cpu().gpr[Cpu.RAX], "rounds with " + operand);
          assertEquals(general.cpu().mxcsr, m.cpu().mxcsr, "MXCSR with " + operand);
        }
        assertTrue(counter(m, "region-instructions") > 0);
      }
    }
  }

  /** Division is exact and so reports nothing, but what comes of it is no normal number for the multiplication. */
  @Test void aDenormalQuotientIsOneAsAnOperand() {
    // fld tbyte [rbx]; fdiv qword [rbx+10h]; fld tbyte [rbx+20h]; fmulp; fstp tbyte [rbx+30h]; dec rcx; jnz back; hlt
    String code = "DB2B DC7310 DB6B20 DEC9 DB7B30 48FFC9 75EE F4";
    try (TestMachine m = machine(code); TestMachine general = new TestMachine(1, false)) {
      general.handlers();
      general.code(TestMachine.CODE, code);
      for (TestMachine each : new TestMachine[] {m, general}) {
        each.memory.write(BORDER, 8, Long.MIN_VALUE);
        each.memory.write(BORDER + 8, 2, 1);
        each.memory.write(BORDER + 0x10, 8, Double.doubleToRawLongBits(8));
        each.memory.write(BORDER + 0x20, 8, Long.MIN_VALUE);
        each.memory.write(BORDER + 0x28, 2, 0x7000);
        each.cpu().fpu.initialise();
        each.cpu().fpu.status = 0x20;
        run(each, 100);
      }
      assertEquals(general.memory.read(BORDER + 0x30, 8), m.memory.read(BORDER + 0x30, 8));
      assertEquals(general.memory.read(BORDER + 0x38, 2), m.memory.read(BORDER + 0x38, 2));
      assertEquals(general.cpu().fpu.statusWord(), m.cpu().fpu.statusWord());
      assertEquals(2, m.cpu().fpu.status & 2, "denormal operand");
    }
  }

  /** Instructions that only compute count together: where one of them is not common, none has been done. */
  @Test void whatComesBeforeAnUncommonOperandIsDoneOnce() {
    // fld tbyte [rbx]; fadd qword [rbx+10h]; fxch; fadd qword [rbx+18h]; fld st1; fstp tbyte [rbx+30h]; fstp st0; dec rcx; jnz back; hlt
    String code = "DB2B DC4310 D9C9 DC4318 D9C1 DB7B30 DDD8 48FFC9 75EA F4";
    try (TestMachine m = machine(code); TestMachine general = new TestMachine(1, false)) {
      general.handlers();
      general.code(TestMachine.CODE, code);
      for (double operand : new double[] {1, 0x1p-70, Double.MIN_VALUE, 3, Double.NaN, 0, Double.POSITIVE_INFINITY, -1.5, 7}) {
        for (TestMachine each : new TestMachine[] {m, general}) {
          each.memory.write(BORDER, 8, 0xC000_0000_0000_0001L);
          each.memory.write(BORDER + 8, 2, 0x3FFF);
          each.memory.write(BORDER + 0x10, 8, Double.doubleToRawLongBits(0.1));
          each.memory.write(BORDER + 0x18, 8, Double.doubleToRawLongBits(operand));
          Fpu f = each.cpu().fpu;
          f.initialise();
          f.status = 0x20;
          f.top = 5;
          f.valid = 1 << 5;
          f.signExponent[5] = 0x4000;
          f.significand[5] = 0xA000_0000_0000_0003L;
          run(each, 200);
        }
        assertEquals(unit(general), unit(m), "with " + operand);
      }
      assertTrue(counter(m, "region-instructions") > 0);
      assertTrue(counter(m, "regions-left-before-an-instruction") > 0);
    }
  }

  private static String unit(TestMachine m) {
    Fpu f = m.cpu().fpu;
    return Integer.toHexString(f.statusWord()) + " " + f.valid + " " + f.opcode + " " + f.instructionPointer + " " + f.dataPointer
        + " " + Arrays.toString(f.significand) + Arrays.toString(f.signExponent) + " " + m.memory.read(BORDER + 0x30, 8);
  }

  @Test void anEventEndsALoopThatNeverLeaves() throws InterruptedException {
    // dec rcx; jmp back
    try (TestMachine m = machine("48FFC9 EBFB")) {
      m.at(TestMachine.CODE);
      assertEquals(Exit.BUDGET, m.engine().run(ROUNDS));
      Thread other = new Thread(() -> {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        m.pending[0].raise(PendingEvents.HOLD);
      });
      other.start();
      assertEquals(Exit.PENDING, m.engine().run(Long.MAX_VALUE / 4));
      other.join();
    }
  }
}
