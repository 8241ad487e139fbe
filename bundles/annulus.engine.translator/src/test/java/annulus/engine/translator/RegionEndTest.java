package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.engine.Exit;
import annulus.engine.PendingEvents;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Instructions that end a region and after which the engine goes on with the next. */
class RegionEndTest {
  private static final long CODE = 0x3_0000;

  private static TestMachine machine(boolean translate, String code) {
    return machine(translate, Form.WARM, code);
  }

  private static TestMachine machine(boolean translate, Form form, String code) {
    TestMachine m = new TestMachine(1, translate, form, 16 << 20);
    m.handlers();
    m.code(CODE, code);
    Cpu c = m.at(CODE);
    c.gpr[Cpu.RAX] = 0;
    c.gpr[Cpu.RBX] = 0;
    return m;
  }

  @Test void flagsAreRightBehindInstructionsThatOverlap() {
    // test bl,1; jnz +1; mov al,4; stc, of which the jump makes: add al,0F9h; then: adc rdx,0; inc rbx; dec rcx; jnz; hlt
    for (Form form : Form.values()) {
      try (TestMachine m = machine(true, form, "F6C301 7501 B004 F9 4883D200 48FFC3 48FFC9 75EC F4")) {
        Cpu c = m.cpu();
        c.gpr[Cpu.RCX] = 10_000;
        c.gpr[Cpu.RDX] = 0;
        assertEquals(Exit.HALT, m.engine().run(1_000_000));
        assertEquals(5_000, c.gpr[Cpu.RDX], form::toString);
      }
    }
  }

  @Test void aBudgetThatEndsBehindStiKeepsTheShadow() {
    // inc rax; sti; inc rbx; cli; jmp back
    sameAtEachBudget("48FFC0 FB 48FFC3 FA EBF6");
  }

  @Test void aBudgetThatEndsBehindIretKeepsTheResumeFlag() {
    // inc rbx; mov rcx,rsp; push 0; push rcx; pushfq; or dword [rsp],10000h; push 8; lea rax,[back]; push rax; iretq; back: jmp
    sameAtEachBudget("48FFC3 4889E1 6A00 51 9C 810C2400000100 6A08 488D0503000000 50 48CF EBE2");
  }

  @Test void aRegionGoesOnBehindInstructionsThatOnlyNarrowWhatMayHappen() {
    // inc rbx; swapgs; mov rax,gs:[0]; add rcx,rax; swapgs; mov rax,gs:[0]; add rcx,rax; stac; clac; cli; jmp back
    String code = "48FFC3 0F01F8 65488B042500000000 4801C1 0F01F8 65488B042500000000 4801C1 0F01CB 0F01CA FA EBD6";
    for (Form form : Form.values()) {
      try (TestMachine m = machine(true, form, code)) {
        Cpu c = m.cpu();
        c.gpr[Cpu.RCX] = 0;
        c.seg[Seg.GS].base = TestMachine.DATA;
        c.kernelGsBase = TestMachine.DATA + 64;
        m.memory.write(TestMachine.DATA, 8, 1);
        m.memory.write(TestMachine.DATA + 64, 8, 1000);
        assertEquals(Exit.BUDGET, m.engine().run(110));
        long before = m.engine().counters().get("region-entries");
        assertEquals(Exit.BUDGET, m.engine().run(110_000));
        assertEquals(10_010, c.gpr[Cpu.RBX], () -> form + " at " + Long.toHexString(c.rip));
        assertEquals(10_010 * 1001, c.gpr[Cpu.RCX], form::toString);
        assertEquals(TestMachine.DATA, c.seg[Seg.GS].base);
        long entries = m.engine().counters().get("region-entries") - before;
        // Those with registers in locals end before some of them.
        int most = form.locals() ? 40_000 : 20_000;
        assertTrue(entries < most, entries + " entries for 10,000 rounds with 5 such instructions, " + form);
      }
    }
  }

  @Test void anInterruptThatIsPendingWhenStiAllowsItComesAfterTheNextInstruction() {
    // inc rbx; sti; inc rax; cli; jmp back
    try (TestMachine m = machine(true, "48FFC3 FB 48FFC0 FA EBF6")) {
      m.engine().run(50);
      m.vectors.add(0x40);
      m.pending[0].raise(PendingEvents.INTERRUPT);
      assertEquals(Exit.HALT, m.engine().run(1000), "the handler is a HLT");
      assertEquals(TestMachine.handler(0x40) + 1, m.cpu().rip);
      assertEquals(m.cpu().gpr[Cpu.RBX], m.cpu().gpr[Cpu.RAX], "INC RAX stands in the shadow");
      assertEquals(CODE + 7, m.memory.read(m.cpu().gpr[Cpu.RSP], 8));
    }
  }

  @Test void aRegionGoesOnBehindStiWhenNothingIsPending() {
    // inc rbx; sti; inc rax; cli; jmp back
    for (Form form : List.of(Form.WARM, Form.HOT)) {
      try (TestMachine m = machine(true, form, "48FFC3 FB 48FFC0 FA EBF6")) {
        m.engine().run(50);
        long stepped = m.engine().counters().get("instructions-stepped");
        assertEquals(Exit.BUDGET, m.engine().run(50_000));
        assertEquals(stepped, m.engine().counters().get("instructions-stepped"));
        assertEquals(m.cpu().gpr[Cpu.RAX], m.cpu().gpr[Cpu.RBX], 1);
        assertTrue(m.engine().counters().get("region-entries") < 100, () -> m.engine().counters().toString());
      }
    }
  }

  @Test void theShadowIsForAnInstructionThatARegionDoesNotHave() {
    // inc rax; sti; mov rcx,cr0; inc rbx; cli; jmp back
    sameAtEachBudget("48FFC0 FB 0F20C1 48FFC3 FA EBF3");
  }

  @Test void anInstructionOfTheGeneralKindBehindCliOrStiDoesNotEndTheRegion() {
    // cli; xlat; sti; xlat; inc rbx; jmp back
    for (Form form : List.of(Form.WARM, Form.HOT)) {
      try (TestMachine m = machine(true, form, "FA D7 FB D7 48FFC3 EBF7")) {
        m.cpu().gpr[Cpu.RBX] = TestMachine.DATA;
        m.engine().run(60);
        long entries = m.engine().counters().get("region-entries");
        assertEquals(Exit.BUDGET, m.engine().run(6_000));
        assertTrue(m.engine().counters().get("region-entries") < entries + 20, () -> m.engine().counters().toString());
      }
    }
  }

  @Test void aRegionGoesOnBehindStringsThatAreRepeated() {
    // mov ecx,8; mov rdi,rsi; rep stosq; mov ecx,8; mov rdi,rsi; repe scasq; inc rbx; jmp back
    String code = "B908000000 4889F7 F348AB B908000000 4889F7 F348AF 48FFC3 EBE5";
    for (Form form : List.of(Form.WARM, Form.HOT)) {
      try (TestMachine m = machine(true, form, code)) {
        m.cpu().gpr[Cpu.RSI] = TestMachine.DATA;
        m.engine().run(1_000);
        long before = m.engine().counters().get("region-entries");
        long round = m.cpu().gpr[Cpu.RBX];
        assertEquals(Exit.BUDGET, m.engine().run(11_000_000));
        assertEquals(round + 500_000, m.cpu().gpr[Cpu.RBX], 1, "22 instructions a round, with each repetition");
        long entries = m.engine().counters().get("region-entries") - before;
        assertTrue(entries < 1_000, () -> m.engine().counters().toString());
      }
    }
  }

  @Test void repeatedStringsAreTheSameAtEachBudget() {
    // mov ecx,3; mov rdi,rsi; rep stosb; xor ecx,ecx; rep movsb; mov ecx,2; mov rdi,rsi; repne scasb; inc rbx; cli; jmp back
    sameAtEachBudget("B903000000 4889F7 F3AA 31C9 F3A4 B902000000 4889F7 F2AE 48FFC3 FA EBE2");
  }

  @Test void aRegionGoesOnBehindAnInstructionThatReachesIntoTheNextPage() {
    for (Form form : Form.values()) {
      try (TestMachine m = new TestMachine(1, true, form, 16 << 20)) {
        m.handlers();
        long start = CODE + 4096 - 8;
        // inc rbx; mov rax,1122334455667788h; dec rcx; jnz back; hlt
        m.code(start, "48FFC3 48B88877665544332211 48FFC9 75EE F4");
        Cpu c = m.at(start);
        c.gpr[Cpu.RBX] = 0;
        c.gpr[Cpu.RCX] = 100_000;
        assertEquals(Exit.HALT, m.engine().run(1_000_000));
        assertEquals(100_000, c.gpr[Cpu.RBX]);
        assertEquals(0x1122334455667788L, c.gpr[Cpu.RAX]);
        assertTrue(m.engine().counters().get("region-entries") < 1_000, () -> form + " " + m.engine().counters());
      }
    }
  }

  private static void sameAtEachBudget(String code) {
    try (TestMachine translated = machine(true, code); TestMachine general = machine(false, code)) {
      for (int n = 0; n < 2000; n++) {
        int budget = 1 + n % 37;
        assertEquals(Exit.BUDGET, general.engine().run(budget));
        assertEquals(Exit.BUDGET, translated.engine().run(budget));
        Cpu a = general.cpu();
        Cpu b = translated.cpu();
        int round = n;
        Supplier<String> where = () -> "round " + round + " at " + Long.toHexString(a.rip);
        assertEquals(a.rip, b.rip, where);
        for (int r = Cpu.RAX; r <= Cpu.RDI; r++) {
          assertEquals(a.gpr[r], b.gpr[r], where);
        }
        assertEquals(Integer.toHexString(a.systemFlags), Integer.toHexString(b.systemFlags), where);
        assertEquals(a.stiShadow, b.stiShadow, where);
      }
      assertTrue(translated.engine().counters().get("region-entries") > 100);
    }
  }
}
