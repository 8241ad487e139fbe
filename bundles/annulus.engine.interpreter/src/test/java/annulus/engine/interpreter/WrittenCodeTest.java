package annulus.engine.interpreter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.cpu.Cpu;
import annulus.cpu.block.BlockEngine;
import annulus.engine.Exit;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Code that changes under the engine: by itself, by another processor, by a device, or by a new mapping. */
class WrittenCodeTest {
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

  @Test void aChangeIsSeenFromAnyPlaceInABlockToAnyOther() {
    for (int before = 0; before < 10; before++) {
      for (int between = 0; between < 10; between++) {
        try (TestMachine m = new TestMachine()) {
          String increment = "48FFC3";
          String displacement = "%02X000000".formatted(1 + 3 * between);
          // inc rbx ...; mov [here],cl; inc rbx ...; mov al,here; inc rbx; hlt
          m.code(TestMachine.CODE,
              increment.repeat(before) + "880D" + displacement + increment.repeat(between) + "B011" + increment + "F4");
          m.cpu().gpr[Cpu.RCX] = 0x77;
          m.cpu().gpr[Cpu.RBX] = 0;
          assertEquals(Exit.HALT, m.engine().run(MANY));
          assertEquals(0x77, al(m), before + " before and " + between + " between");
          assertEquals(before + between + 1, m.cpu().gpr[Cpu.RBX]);
        }
      }
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

  @Test void aFullCacheStartsOver() {
    try (TestMachine m = new TestMachine()) {
      // 4 MiB of inc eax (2 bytes each): far more operations than the cache holds
      byte[] code = new byte[4 << 20];
      for (int n = 0; n < code.length; n += 2) {
        code[n] = (byte) 0xFF;
        code[n + 1] = (byte) 0xC0;
      }
      code[code.length - 2] = (byte) 0xF4;
      m.memory.write(0x20_0000, code, 0, code.length);
      for (int round = 1; round <= 2; round++) {
        restart(m, 0x20_0000);
        assertEquals(Exit.HALT, m.engine().run(10_000_000));
        assertEquals(round * ((code.length >> 1) - 1L), m.cpu().gpr[Cpu.RAX]);
      }
      assertTrue(m.engine().counters().get("cache-overflows") > 0);
    }
  }
}
