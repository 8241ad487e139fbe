package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.engine.Exit;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Accesses with a probe in common, wherever the page border lies and whatever is behind it or, for the stack, in front of it. */
class NearAccessTest {
  private static final long CODE = 0x3_0000;
  private static final long PAGE = TestMachine.DATA + 0x1000;
  private static final long PRESENT_WRITABLE = 0x67;
  private static final long PRESENT = 0x65;
  private static final long ABSENT = 0x66;
  /**
   * mov rax,[rbx]; mov rcx,[rbx+20h]; add rcx,[rbx+28h]; mov [rbx+30h],rcx; add qword [rbx+38h],1; inc rdx; push rcx; push rdx; pop rcx;
   * pop rdx; jmp back.
   */
  private static final String FIELDS = "488B03 488B4B20 48034B28 48894B30 4883433801 48FFC2 51 52 59 5A EBE3";
  /** sub rsp,18h; mov [rsp],rax; mov rcx,rsp; mov [rcx+8],rdx; add rcx,8; mov rax,[rcx]; mov eax,[rcx-8]; inc rdx; add rsp,18h; jmp back. */
  private static final String FRAME = "4883EC18 48890424 4889E1 48895108 4883C108 488B01 8B41F8 48FFC2 4883C418 EBDE";

  /** movdqu xmm0,[rbx]; movdqu xmm1,[rbx+10h]; mov rax,[rbx+20h]; pxor xmm0,xmm1; movq rcx,xmm0; psrldq xmm0,8; movq rdx,xmm0; jmp back. */
  private static final String VECTORS = "F30F6F03 F30F6F4B10 488B4320 660FEFC1 66480F7EC1 660F73D808 66480F7EC2 EBDE";

  /**
   * mov rax,[rbx]; mov [rbx+8],rax; test al,1; jz A; add rcx,[rbx]; mov rdx,[rbx+8]; mov [rbx+10h],rdx; A: inc rdx; push rcx; test al,2;
   * jz B; pop rcx; jmp back; B: pop rdx; mov rcx,[rbx+2]; jmp back.
   */
  private static final String WAYS = "488B03 48894308 A801 740B 48030B 488B5308 48895310 48FFC2 51 A802 7403 59 EBDF 5A 488B4B02 EBD8";

  /** push rcx; push rdx; push rbx; push rax; pop rdx; pop rcx; pop rax; pop rbx; inc rdx; jmp back. */
  private static final String SAVED = "51 52 53 50 5A 59 58 5B 48FFC2 EBF3";

  /** push rcx; L: add qword [rsp],1; inc rax; test al,3; jnz L; pop rdx; mov rcx,rdx; jmp back. */
  private static final String DEPTHS = "51 4883042401 48FFC0 A803 75F4 5A 4889D1 EBED";
  /** mov rsi,rsp; L: push rax; lea rsp,[rbx+8]; push rdx; mov rsp,rsi; pop rax; inc rdx; test dl,1; jnz L; jmp back. */
  private static final String OTHER_STACK = "4889E6 50 488D6308 52 4889F4 58 48FFC2 F6C201 75EE EBE9";

  @Test void aLoopBelowWhatHasBeenPushedDoesWhatTheGeneralMeaningDoes() {
    for (Form form : Form.values()) {
      for (long behind : new long[] {PRESENT_WRITABLE, PRESENT, ABSENT}) {
        for (long rsp = PAGE - 8; rsp <= PAGE + 0x18; rsp += 4) {
          assertSame(form, DEPTHS, 0, rsp, behind);
          assertSame(form, OTHER_STACK, PAGE - 16, rsp, behind);
          assertSame(form, OTHER_STACK, rsp, TestMachine.STACK, behind);
        }
      }
    }
  }

  @Test void registersPushedAndPoppedInARowAreThoseOfTheGeneralMeaning() {
    for (Form form : Form.values()) {
      for (long behind : new long[] {PRESENT_WRITABLE, PRESENT, ABSENT}) {
        for (long rsp = PAGE - 8; rsp <= PAGE + 0x28; rsp += 4) {
          assertSame(form, SAVED, 0, rsp, behind);
        }
      }
    }
  }

  @Test void fieldsOfAStructureAreThoseOfTheGeneralMeaning() {
    for (Form form : Form.values()) {
      for (long behind : new long[] {PRESENT_WRITABLE, PRESENT, ABSENT}) {
        for (long rbx = PAGE - 0x48; rbx <= PAGE + 8; rbx += 4) {
          assertSame(form, FIELDS, rbx, TestMachine.STACK, behind);
        }
      }
      assertSame(form, FIELDS, TestMachine.IO, TestMachine.STACK, PRESENT_WRITABLE);
    }
  }

  @Test void localsOfAFunctionAreThoseOfTheGeneralMeaning() {
    for (Form form : Form.values()) {
      for (long behind : new long[] {PRESENT_WRITABLE, PRESENT, ABSENT}) {
        for (long rsp = PAGE - 8; rsp <= PAGE + 0x20; rsp += 4) {
          assertSame(form, FRAME, 0, rsp, behind);
        }
      }
    }
  }

  @Test void vectorsAreThoseOfTheGeneralMeaning() {
    for (Form form : Form.values()) {
      for (long behind : new long[] {PRESENT_WRITABLE, ABSENT}) {
        for (long rbx = PAGE - 0x30; rbx <= PAGE + 4; rbx += 4) {
          assertSame(form, VECTORS, rbx, TestMachine.STACK, behind);
        }
      }
      assertSame(form, VECTORS, TestMachine.IO, TestMachine.STACK, PRESENT_WRITABLE);
    }
  }

  @Test void accessesOnSomeWaysOnlyAreThoseOfTheGeneralMeaning() {
    for (Form form : Form.values()) {
      for (long behind : new long[] {PRESENT_WRITABLE, PRESENT, ABSENT}) {
        for (long rbx = PAGE - 0x28; rbx <= PAGE + 8; rbx += 3) {
          assertSame(form, WAYS, rbx, TestMachine.STACK, behind);
        }
        for (long rsp = PAGE - 8; rsp <= PAGE + 0x10; rsp += 4) {
          assertSame(form, WAYS, TestMachine.DATA + 0x100, rsp, behind);
        }
      }
      assertSame(form, WAYS, TestMachine.IO, TestMachine.STACK, PRESENT_WRITABLE);
    }
  }

  private static void assertSame(Form form, String code, long rbx, long rsp, long behind) {
    try (TestMachine translated = machine(true, form, code); TestMachine general = machine(false, form, code)) {
      for (TestMachine m : new TestMachine[] {general, translated}) {
        m.memory.write(TestMachine.PAGE_TABLE + 8 * (PAGE >>> 12), 8, PAGE | behind);
        assertEquals(Exit.BUDGET, run(m, TestMachine.DATA, TestMachine.STACK, 500));
      }
      assertTrue(translated.engine().counters().get("region-instructions") > 400);
      String where = form + " " + Long.toHexString(rbx) + " " + Long.toHexString(rsp) + " " + behind;
      for (int budget : new int[] {7, 100}) {
        assertEquals(run(general, rbx, rsp, budget), run(translated, rbx, rsp, budget), where);
        Cpu a = general.cpu();
        Cpu b = translated.cpu();
        assertEquals(Long.toHexString(a.rip), Long.toHexString(b.rip), where);
        assertEquals(a.cr2, b.cr2, where);
        assertArrayEquals(Arrays.copyOf(a.gpr, 16), Arrays.copyOf(b.gpr, 16), where);
        assertArrayEquals(a.xmm, b.xmm, where);
        assertArrayEquals(data(general), data(translated), where);
      }
    }
  }

  private static TestMachine machine(boolean translate, Form form, String code) {
    TestMachine m = new TestMachine(1, translate, new Tiers(0, form, 0, 0, 16 << 20));
    m.handlers();
    m.code(CODE, code);
    for (int n = 0; n < 0x2000; n += 8) {
      m.memory.write(TestMachine.DATA + n, 8, 0x0123_4567_89AB_CDEFL * (n + 1));
    }
    return m;
  }

  private static int run(TestMachine m, long rbx, long rsp, int budget) {
    Cpu c = m.at(CODE);
    c.gpr[Cpu.RBX] = rbx;
    c.gpr[Cpu.RSP] = rsp;
    c.gpr[Cpu.RAX] = 1;
    c.gpr[Cpu.RCX] = 2;
    c.gpr[Cpu.RDX] = 3;
    int exit = m.engine().run(budget);
    // A stack that faults takes no frame for the fault either.
    assertTrue(exit == Exit.BUDGET || exit == Exit.HALT || exit == Exit.SHUTDOWN, Exit.name(exit));
    return exit;
  }

  private static byte[] data(TestMachine m) {
    byte[] bytes = new byte[0x2000];
    m.memory.read(TestMachine.DATA, bytes, 0, bytes.length);
    return bytes;
  }
}
