package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.cpu.block.BlockEngine;
import annulus.engine.Exit;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compiled code that changes under the engine: by itself, by another processor, by a device, or by a new mapping. */
class WrittenRegionTest {
  private static final long MANY = 1_000_000;

  private static int al(TestMachine m) {
    return (int) m.cpu().gpr[Cpu.RAX] & 0xFF;
  }

  private static void restart(TestMachine m, long rip) {
    m.cpu().rip = rip;
    m.cpu().activity = annulus.arch.VcpuState.Activity.ACTIVE;
  }

  @Test void aBlockSeesItsOwnChangeOfTheNextInstruction() {
    try (TestMachine m = new TestMachine()) {
      // mov [rip+1],cl; mov al,0x11; hlt
      m.code(TestMachine.CODE, "880D01000000 B011 F4");
      for (int n = 0; n < 200; n++) {
        m.cpu().gpr[Cpu.RCX] = n;
        restart(m, TestMachine.CODE);
        assertEquals(Exit.HALT, m.engine().run(MANY));
        assertEquals(n & 0xFF, al(m), "round " + n);
      }
      assertTrue(m.engine().counters().get("pages-retired") < 50, "a page that is written all the time is no longer watched");
    }
  }

  @Test void aPushOverTheNextInstructionIsSeen() {
    try (TestMachine m = new TestMachine()) {
      // push rcx; mov al,0x11; hlt - with the stack on the code: the push writes 8 bytes from CODE + 1
      m.code(TestMachine.CODE, "51 B011 F4 90909090 90");
      m.cpu().gpr[Cpu.RSP] = TestMachine.CODE + 9;
      m.cpu().gpr[Cpu.RCX] = 0x9090_9090_90F4_22B0L;
      assertEquals(Exit.HALT, m.engine().run(MANY));
      assertEquals(0x22, al(m));
    }
  }

  @Test void codeIsCompiledOnceMoreWhereAnotherPageOfTheRegionWasWrittenMeanwhile() {
    try (TestMachine m = new TestMachine(1, true, new Tiers(32, Form.WARM, 0, 0, 16 << 20))) {
      // mov [rbx],al; dec rcx; jnz 0x30000; jmp 0x31000; next page: inc rdx; jmp on; on: hlt
      m.code(0x3_0000, "8803 48FFC9 75F9 E9F40F0000");
      m.code(0x3_1000, "48FFC2 EB00 F4");
      loop(m, TestMachine.DATA, 2);
      // Compiled now, and out of date before it is in place.
      loop(m, 0x3_1800, 1);
      assertEquals(1, m.engine().counters().get("regions-outdated"));
      loop(m, TestMachine.DATA, 50);
      long before = m.engine().counters().get("region-instructions");
      loop(m, TestMachine.DATA, 1000);
      long inRegions = m.engine().counters().get("region-instructions") - before;
      assertTrue(inRegions > 2990, inRegions + " of 3000 instructions ran in regions");
    }
  }

  private static void loop(TestMachine m, long written, int rounds) {
    m.cpu().gpr[Cpu.RBX] = written;
    m.cpu().gpr[Cpu.RCX] = rounds;
    restart(m, 0x3_0000);
    assertEquals(Exit.HALT, m.engine().run(MANY));
  }

  @Test void aDeviceThatWritesCodeIsSeen() {
    try (TestMachine m = new TestMachine()) {
      m.code(TestMachine.CODE, "B011 F4");
      m.engine().run(MANY);
      assertEquals(0x11, al(m));
      m.code(TestMachine.CODE + 1, "22");
      restart(m, TestMachine.CODE);
      m.engine().run(MANY);
      assertEquals(0x22, al(m));
    }
  }

  @Test void figuresTellWhyRegionsAreNoMore() {
    try (TestMachine m = new TestMachine()) {
      // mov [rbx],al; dec rcx; jnz back; hlt
      m.code(0x3_0000, "8803 48FFC9 75F9 F4");
      loop(m, TestMachine.DATA, 10);
      assertEquals(Set.of(), reasons(m));
      loop(m, 0x3_0FFF, 1);
      assertEquals(Set.of("written"), reasons(m));
      loop(m, TestMachine.DATA, 10);
      m.code(0x3_0FFE, "00");
      loop(m, TestMachine.DATA, 10);
      assertEquals(Set.of("written", "written-elsewhere"), reasons(m));
      m.engine().flush();
      assertEquals(Set.of("written", "written-elsewhere", "flushed"), reasons(m));
      loop(m, TestMachine.DATA, 10);
      m.engine().forgetCode();
      assertEquals(Set.of("written", "written-elsewhere", "flushed", "evicted"), reasons(m));
    }
  }

  /** Reasons for which any region has been retired. */
  private static Set<String> reasons(TestMachine m) {
    String prefix = "regions-retired-";
    return m.engine().counters().entrySet().stream().filter(e -> e.getKey().startsWith(prefix) && e.getValue() > 0)
        .map(e -> e.getKey().substring(prefix.length())).collect(Collectors.toSet());
  }

  @Test void codeThatWasOnlyDataBeforeLosesItsDirectWriteEntry() {
    try (TestMachine m = new TestMachine()) {
      // mov [0x30001],cl; call 0x30000; mov [0x30001],dl; call 0x30000; hlt
      m.code(TestMachine.CODE, "880C2501000300 E8F4FF0100 88142501000300 E8E8FF0100 F4");
      // mov al,0; add bl,al; ret
      m.code(0x3_0000, "B000 00C3 C3");
      m.cpu().gpr[Cpu.RCX] = 5;
      m.cpu().gpr[Cpu.RDX] = 7;
      assertEquals(Exit.HALT, m.engine().run(MANY));
      assertEquals(12, m.cpu().gpr[Cpu.RBX]);
    }
  }

  @Test void anInstructionAcrossPagesFollowsBothPages() {
    try (TestMachine m = new TestMachine()) {
      // mov eax,0x11223344 from 0x30FFD on; hlt
      m.code(0x3_0FFD, "B844332211 F4");
      restart(m, 0x3_0FFD);
      m.engine().run(MANY);
      assertEquals(0x1122_3344, m.cpu().gpr[Cpu.RAX]);
      m.code(0x3_0FFE, "55");
      m.code(0x3_1001, "66");
      restart(m, 0x3_0FFD);
      m.engine().run(MANY);
      assertEquals(0x6622_3355, m.cpu().gpr[Cpu.RAX]);
      // Another page takes the place of the second one.
      m.code(0x3_2000, "9988 F4");
      m.memory.write(TestMachine.PAGE_TABLE + 8 * 0x31, 8, 0x3_2067);
      m.cpu().memory.tlb.invalidate(0x3_1000);
      restart(m, 0x3_0FFD);
      m.engine().run(MANY);
      assertEquals(0x8899_3355L, m.cpu().gpr[Cpu.RAX]);
    }
  }

  @Test void invlpgGivesALinearAddressOtherCode() {
    try (TestMachine m = new TestMachine()) {
      m.code(0x3_0000, "0411 C3");
      m.code(0x3_1000, "0422 C3");
      // call 0x30000; mov [PTE],rcx; invlpg [0x30000]; call 0x30000; hlt
      m.code(TestMachine.CODE, "E8FBFF0100 48890C2580410000 0F013C2500000300 E8E6FF0100 F4");
      m.cpu().gpr[Cpu.RCX] = 0x3_1067;
      assertEquals(Exit.HALT, m.engine().run(MANY));
      assertEquals(0x33, al(m));
    }
  }

  @Test void oneBlockServesAllAddressesOfItsBytes() {
    try (TestMachine m = new TestMachine()) {
      m.memory.write(TestMachine.PAGE_TABLE + 8 * 0x31, 8, 0x3_0067);
      // lea rax,[rip]; jmp +0; hlt
      m.code(0x3_0000, "488D0500000000 EB00 F4");
      restart(m, 0x3_0000);
      m.engine().run(MANY);
      assertEquals(0x3_0007, m.cpu().gpr[Cpu.RAX]);
      long decoded = m.engine().counters().get("blocks-decoded");
      restart(m, 0x3_1000);
      m.engine().run(MANY);
      assertEquals(0x3_1007, m.cpu().gpr[Cpu.RAX]);
      assertEquals(decoded, m.engine().counters().get("blocks-decoded"));
    }
  }

  @Test void anotherProcessorsDirectWriteEntryIsDroppedBeforeCodeIsTrusted() {
    try (TestMachine m = new TestMachine(2, true)) {
      Cpu writer = m.engines[1].cpu();
      // writer: mov [0x30001],cl; hlt      runner: call 0x30000; hlt      0x30000: mov al,0; ret
      m.code(0x4_0000, "880C2501000300 F4");
      m.code(TestMachine.CODE, "E8FBFF0100 F4");
      m.code(0x3_0000, "B000 C3");
      for (int n = 1; n < 100; n++) {
        writer.rip = 0x4_0000;
        writer.activity = annulus.arch.VcpuState.Activity.ACTIVE;
        writer.gpr[Cpu.RCX] = n;
        m.engines[1].run(MANY);
        restart(m, TestMachine.CODE);
        m.engine().run(MANY);
        assertEquals(n, al(m));
      }
    }
  }

  @Test void codeModifiedByARunningProcessorIsSeenByAnother() throws Exception {
    try (TestMachine m = new TestMachine(2, true); ExecutorService threads = Executors.newFixedThreadPool(2)) {
      // runner: loop: call 0x30000; cmp al,0x64; jne loop; hlt
      m.code(TestMachine.CODE, "E8FBFF0100 3C64 75F7 F4");
      m.code(0x3_0000, "B000 C3");
      // writer: loop: mov [0x30001],cl; mov edx,2000; wait: dec edx; jne wait; inc cl; cmp cl,0x65; jne loop; hlt
      m.code(0x4_0000, "880C2501000300 BAD0070000 FFCA 75FC FEC1 80F965 75E9 F4");
      m.engines[1].cpu().rip = 0x4_0000;
      Future<Integer> runner = threads.submit(() -> runToHalt(m.engines[0]));
      Future<Integer> writer = threads.submit(() -> runToHalt(m.engines[1]));
      assertEquals(Exit.HALT, writer.get(30, TimeUnit.SECONDS));
      assertEquals(Exit.HALT, runner.get(30, TimeUnit.SECONDS));
      assertEquals(0x64, al(m));
    }
  }

  private static int runToHalt(BlockEngine engine) {
    long end = System.nanoTime() + 20_000_000_000L;
    int exit;
    do {
      exit = engine.run(MANY);
    } while (exit == Exit.BUDGET && System.nanoTime() < end);
    return exit;
  }
}
