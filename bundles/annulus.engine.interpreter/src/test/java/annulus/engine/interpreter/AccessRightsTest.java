package annulus.engine.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr4;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.engine.Exit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a change of rights costs: SMAP, lifted by EFLAGS.AC as around a kernel's copies from and to user pages (SDM 3A 4.6.1), and
 * protection keys. Code is given as bytes.
 */
class AccessRightsTest {
  private static final int ROUNDS = 1000;
  private static final long USER_PAGE = TestMachine.DATA + 0x1000;
  private final TestMachine m = new TestMachine();
  private final Cpu c = m.cpu();

  /** One user page among the supervisor's. */
  @BeforeEach void enforceSmap() {
    m.handlers();
    for (int n = 0; n < 512; n++) {
      m.memory.write(TestMachine.PAGE_TABLE + 8L * n, 8, (long) n << 12 | (n == USER_PAGE >>> 12 ? 0x67 : 0x63));
    }
    c.paging.cr4 |= Cr4.SMAP;
    c.context.translation().modeChanged(c.paging, c.memory.tlb);
    c.modeChanged();
  }

  @AfterEach void close() {
    m.close();
  }

  /** Runs to the handler of a page fault and says how many entries of the TLB have been filled. */
  private long fillsUntilThePageFault() {
    c.gpr[Cpu.RDX] = ROUNDS;
    long before = c.memory.tlb.fills;
    assertEquals(Exit.HALT, m.engine().run(100L * ROUNDS));
    assertEquals(TestMachine.handler(Vector.PF) + 1, c.rip);
    assertEquals(USER_PAGE, c.cr2);
    assertEquals(0, c.gpr[Cpu.RDX], "rounds that are left");
    return c.memory.tlb.fills - before;
  }

  @Test void theSupervisorsPagesAreNotFilledInAnewWhenAcChanges() {
    m.memory.write(TestMachine.DATA, 8, 77);
    // mov rax,[data]; stac; mov rbx,[data]; mov rcx,[user]; mov [data+8],rbx; clac; dec edx; jnz; mov rcx,[user]
    m.code(TestMachine.CODE, "488B042500000200 0F01CB 488B1C2500000200 488B0C2500100200 48891C2508000200 0F01CA FFCA 75D6 488B0C2500100200");
    long fills = fillsUntilThePageFault();
    assertEquals(77, m.memory.read(TestMachine.DATA + 8, 8));
    assertTrue(fills < 20, fills + " fills in " + ROUNDS + " rounds");
  }

  @Test void repeatedInstructionsUseThemToo() {
    m.memory.write(USER_PAGE, 8, 0x1122_3344_5566_7788L);
    // mov rax,[data+16]; stac; mov esi,user; mov edi,data; mov ecx,8; rep movsb; clac; dec edx; jnz; mov esi,user; lodsb
    m.code(TestMachine.CODE, "488B042510000200 0F01CB BE00100200 BF00000200 B908000000 F3A4 0F01CA FFCA 75DD BE00100200 AC");
    long fills = fillsUntilThePageFault();
    assertEquals(0x1122_3344_5566_7788L, m.memory.read(TestMachine.DATA, 8));
    assertTrue(fills < 20, fills + " fills in " + ROUNDS + " rounds");
  }

  @Test void writingTheSameRightsOfKeysAgainDropsNothing() {
    c.paging.cr4 |= Cr4.PKE;
    c.gpr[Cpu.RBX] = ROUNDS;
    // mov rdi,[data]; wrpkru; dec ebx; jnz; hlt
    m.code(TestMachine.CODE, "488B3C2500000200 0F01EF FFCB 75F1 F4");
    long before = c.memory.tlb.fills;
    assertEquals(Exit.HALT, m.engine().run(100L * ROUNDS));
    assertEquals(0, c.gpr[Cpu.RBX]);
    assertTrue(c.memory.tlb.fills - before < 20, c.memory.tlb.fills - before + " fills in " + ROUNDS + " rounds");
  }
}
