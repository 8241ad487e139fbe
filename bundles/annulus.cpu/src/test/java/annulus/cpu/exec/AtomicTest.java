package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.decode.Instruction;
import annulus.cpu.testing.TestCpu;
import annulus.memory.translation.Access;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AtomicTest {
  private static final int LOCK = 0xF0;
  private static final int ROUNDS = 20_000;

  /** Two processors of one machine, with 1 and 2 in RBX, run the same instruction on the bytes at RDI at the same time. */
  private static List<TestCpu> race(long address, int rounds, int... code) throws InterruptedException {
    TestCpu first = TestCpu.longMode(0);
    List<TestCpu> both = List.of(first, first.sibling());
    List<Thread> threads = new ArrayList<>();
    for (TestCpu t : both) {
      t.cpu.gpr[Cpu.RDI] = address;
      t.cpu.gpr[Cpu.RBX] = 1 + both.indexOf(t);
      threads.add(Thread.ofPlatform().start(() -> {
        Instruction instruction = t.decode(code);
        for (int n = 0; n < rounds; n++) {
          t.execute(instruction);
        }
      }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return both;
  }

  @Test void lockedAdditionsOfTwoProcessorsAllCount() throws InterruptedException {
    // Aligned, within a word, across a word, across a page.
    for (long address : new long[] {0x10000, 0x10001, 0x10005, 0x10FFE}) {
      TestCpu t = race(address, ROUNDS, LOCK, 0x01, 0x1F).getFirst();
      assertEquals(3 * ROUNDS, t.peek(address, 4), Long.toHexString(address));
    }
  }

  @Test void lockedByteIncrementsStayWithinTheirByte() throws InterruptedException {
    TestCpu t = race(0x10002, 256, LOCK, 0xFE, 0x07).getFirst();
    assertEquals(0, t.peek(0x10000, 8));
  }

  @Test void exchangeWithMemoryIsAtomicWithoutAPrefix() throws InterruptedException {
    List<TestCpu> both = race(0x10000, ROUNDS, 0x87, 0x1F);
    long values = 1L << both.get(0).peek(0x10000, 4) | 1L << both.get(0).cpu.gpr[Cpu.RBX] | 1L << both.get(1).cpu.gpr[Cpu.RBX];
    assertEquals(0b111, values, "0, 1 and 2 are all still there");
  }

  @Test void compareExchangeStoresOnEqualityAndLoadsOtherwise() {
    TestCpu t = TestCpu.longMode(0);
    Cpu c = t.cpu;
    t.memory.write(0x10000, 8, 5);
    c.gpr[Cpu.RDI] = 0x10000;
    c.gpr[Cpu.RAX] = 4;
    c.gpr[Cpu.RBX] = 9;
    t.run(LOCK, 0x48, 0x0F, 0xB1, 0x1F);
    assertFalse(Flags.zf(c));
    assertTrue(Flags.cf(c), "flags are those of 4 - 5");
    assertEquals(5, c.gpr[Cpu.RAX]);
    t.run(LOCK, 0x48, 0x0F, 0xB1, 0x1F);
    assertTrue(Flags.zf(c));
    assertEquals(9, t.peek(0x10000, 8));
  }

  @Test void compareExchangeThatFailsNeedsTheRightToWrite() {
    TestCpu t = TestCpu.longMode(0);
    t.deny(0x10000, Access.WRITE);
    t.memory.write(0x10000, 8, 5);
    t.cpu.gpr[Cpu.RDI] = 0x10000;
    assertEquals(Vector.PF, assertThrows(GuestFault.class, () -> t.run(LOCK, 0x0F, 0xB1, 0x1F)).vector);
    assertEquals(0, t.cpu.gpr[Cpu.RAX]);
  }

  @Test void compareExchange16ExchangesBothHalvesOrNone() {
    TestCpu t = TestCpu.longMode(0);
    Cpu c = t.cpu;
    int[] code = {LOCK, 0x48, 0x0F, 0xC7, 0x0F};
    c.gpr[Cpu.RDI] = 0x10000;
    t.memory.write(0x10000, 8, 1);
    t.memory.write(0x10008, 8, 2);
    c.gpr[Cpu.RAX] = 1;
    c.gpr[Cpu.RDX] = 3;
    c.gpr[Cpu.RBX] = 7;
    c.gpr[Cpu.RCX] = 8;
    t.run(code);
    assertFalse(Flags.zf(c));
    assertEquals(2, c.gpr[Cpu.RDX]);
    assertEquals(1, t.peek(0x10000, 8));
    t.run(code);
    assertTrue(Flags.zf(c));
    assertEquals(7, t.peek(0x10000, 8));
    assertEquals(8, t.peek(0x10008, 8));
  }

  @Test void compareExchange16WantsAlignmentBeforeAnyPageFault() {
    TestCpu t = TestCpu.longMode(0);
    t.deny(0x10000, Access.READ | Access.WRITE);
    t.cpu.gpr[Cpu.RDI] = 0x10008;
    assertEquals(Vector.GP, assertThrows(GuestFault.class, () -> t.run(0x48, 0x0F, 0xC7, 0x0F)).vector);
  }

  @Test void bitStringsReachBelowAndAboveTheirBase() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.gpr[Cpu.RDI] = 0x10000;
    t.cpu.gpr[Cpu.RAX] = -65;
    t.run(LOCK, 0x48, 0x0F, 0xAB, 0x07); // lock bts [rdi], rax
    assertEquals(1L << 63, t.peek(0x10000 - 16, 8));
    t.cpu.gpr[Cpu.RAX] = 1000;
    t.run(0x48, 0x0F, 0xAB, 0x07);
    assertEquals(1L << 1000 % 64, t.peek(0x10000 + 1000 / 64 * 8, 8));
    t.run(0x0F, 0xBA, 0x2F, 0x23); // bts dword [rdi], 35: an immediate stays within
    assertEquals(8, t.peek(0x10000, 4));
  }
}
