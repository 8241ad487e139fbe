package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import annulus.engine.PendingEvents;
import annulus.memory.translation.Access;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StringsTest {
  private static final int REP = 0xF3;
  private static final int REPNE = 0xF2;
  private static final int MOVSB = 0xA4;
  private static final int MOVSD = 0xA5;
  private static final int STOSB = 0xAA;
  private static final int STOSD = 0xAB;
  private static final int SCASB = 0xAE;
  private static final int CMPSB = 0xA6;
  private static final int SIZE = 0x8000;
  private final TestCpu t = TestCpu.longMode(0);
  private final Cpu c = t.cpu;

  private void pointers(long source, long destination, long count) {
    c.gpr[Cpu.RSI] = source;
    c.gpr[Cpu.RDI] = destination;
    c.gpr[Cpu.RCX] = count;
  }

  private byte[] random(long at) {
    byte[] bytes = new byte[SIZE];
    new Random(at).nextBytes(bytes);
    t.memory.write(at, bytes, 0, SIZE);
    return bytes;
  }

  private byte[] read(long at, int length) {
    byte[] bytes = new byte[length];
    t.memory.read(at, bytes, 0, length);
    return bytes;
  }

  @Test void everyOverlapCopiesElementByElement() {
    for (int size : new int[] {1, 2, 4, 8}) {
      int[] code = size == 1 ? new int[] {REP, MOVSB} : size == 2 ? new int[] {0x66, REP, MOVSD}
          : size == 4 ? new int[] {REP, MOVSD} : new int[] {REP, 0x48, MOVSD};
      for (int distance : new int[] {-4096, -64, -3, -1, 1, 2, 3, 4, 7, 8, 9, 63, 64, 65, 100, 4095, 4096, 5000}) {
        for (boolean down : new boolean[] {false, true}) {
          byte[] expected = random(0x10000);
          int count = 6000 / size;
          int source = down ? 16000 : 8000;
          for (int n = 0; n < count; n++) {
            int from = source + (down ? -n : n) * size;
            byte[] element = new byte[size];
            System.arraycopy(expected, from, element, 0, size);
            System.arraycopy(element, 0, expected, from + distance, size);
          }
          pointers(0x10000 + source, 0x10000 + source + distance, count);
          c.systemFlags = down ? Rflags.DF : 0;
          t.run(code);
          assertArrayEquals(expected, read(0x10000, SIZE), "size " + size + ", distance " + distance + (down ? ", down" : ""));
          assertEquals(0, c.gpr[Cpu.RCX]);
          assertEquals(0x10000 + source + (down ? -6000 : 6000) / size * size, c.gpr[Cpu.RSI]);
        }
      }
    }
  }

  @Test void storesFillExactlyTheirRange() {
    for (int count : new int[] {0, 1, 3, 4, 100, 1020, 5000}) {
      for (int value : new int[] {0x12345678, 0x77777777}) {
        byte[] expected = random(0x10000);
        for (int n = 0; n < 4 * count; n++) {
          expected[101 + n] = (byte) (value >>> 8 * (n & 3));
        }
        c.gpr[Cpu.RAX] = value;
        pointers(0, 0x10000 + 101, count);
        t.run(REP, STOSD);
        assertArrayEquals(expected, read(0x10000, SIZE));
      }
    }
  }

  @Test void aFaultLeavesTheFinishedIterationsAndTheInstructionToGoOn() {
    byte[] source = random(0x10000);
    t.deny(0x22000, Access.WRITE);
    pointers(0x10000, 0x21800, 0x2000);
    GuestFault fault = assertThrows(GuestFault.class, () -> t.run(REP, MOVSB));
    assertEquals(Vector.PF, fault.vector);
    assertEquals(3, fault.errorCode);
    assertEquals(0x22000, c.cr2);
    assertEquals(0x2000 - 0x800, c.gpr[Cpu.RCX]);
    assertEquals(0x10800, c.gpr[Cpu.RSI]);
    assertEquals(0x22000, c.gpr[Cpu.RDI]);
    assertEquals(0x1000, c.rip);
    t.deny(0x22000, 0);
    t.run(REP, MOVSB);
    assertArrayEquals(java.util.Arrays.copyOf(source, 0x2000), read(0x21800, 0x2000));
    assertEquals(0x2000 - 2 + 1, c.extraInstructions, "each iteration counts once, the faulting attempt is not one");
  }

  @Test void aComparisonThatFaultsLeavesTheFlags() {
    t.memory.clear(0x10000, 0x2000);
    t.deny(0x11000, Access.READ | Access.WRITE);
    pointers(0x10F00, 0x10F00, 0x1000);
    Flags.setStatus(c, Rflags.STATUS & ~Rflags.ZF);
    assertThrows(GuestFault.class, () -> t.run(REP, CMPSB));
    assertEquals(Rflags.STATUS & ~Rflags.ZF, Flags.status(c));
    assertEquals(0x1000 - 0x100, c.gpr[Cpu.RCX]);
  }

  @Test void aPendingEventIsSeenBetweenRunsAndTheInstructionGoesOn() {
    random(0x10000);
    t.pending.raise(PendingEvents.HOLD);
    pointers(0x10000, 0x20000, 0x4000);
    int executions = 0;
    do {
      t.run(REP, MOVSB);
      executions++;
      assertEquals(c.gpr[Cpu.RCX] == 0 ? 0x1002 : 0x1000, c.rip);
      c.rip = 0x1000;
    } while (c.gpr[Cpu.RCX] != 0);
    assertTrue(executions > 1, "left in between");
    assertArrayEquals(read(0x10000, 0x4000), read(0x20000, 0x4000));
    assertEquals(0x4000 - executions, c.extraInstructions);
  }

  @Test void longRepetitionsLeaveAfterABoundedNumber() {
    pointers(0, 0x10000, 0x30000);
    t.run(REP, STOSB);
    assertEquals(0x20000, c.gpr[Cpu.RCX]);
    assertEquals(0x1000, c.rip);
  }

  @Test void underTheTrapFlagEachIterationIsAnInstruction() {
    c.systemFlags = Rflags.TF;
    pointers(0x10000, 0x20000, 3);
    t.run(REP, MOVSB);
    assertEquals(2, c.gpr[Cpu.RCX]);
    assertEquals(0x1000, c.rip);
  }

  @Test void aCountOfZeroTouchesNothing() {
    t.deny(0x10000, Access.READ | Access.WRITE);
    pointers(0x10000, 0x10000, 0);
    Flags.setStatus(c, Rflags.CF | Rflags.SF);
    t.run(REP, CMPSB);
    t.run(REP, MOVSB);
    assertEquals(Rflags.CF | Rflags.SF, Flags.status(c));
    assertEquals(0x10000, c.gpr[Cpu.RSI]);
    assertEquals(0, c.extraInstructions);
  }

  @Test void scanStopsAfterTheElementThatDecides() {
    t.memory.clear(0x10000, 100);
    t.poke(0x10020, 7);
    c.gpr[Cpu.RAX] = 7;
    pointers(0, 0x10000, 100);
    t.run(REPNE, SCASB);
    assertEquals(0x10021, c.gpr[Cpu.RDI]);
    assertEquals(100 - 0x21, c.gpr[Cpu.RCX]);
    assertTrue(Flags.zf(c));
    pointers(0, 0x10000, 100);
    t.run(REP, SCASB);
    assertEquals(99, c.gpr[Cpu.RCX]);
    assertFalse(Flags.zf(c));
  }

  @Test void pointersWrapAtTheAddressSize() {
    TestCpu real = TestCpu.real();
    Cpu r = real.cpu;
    real.poke(0xFFFF, 0xAB);
    real.poke(0, 0xCD);
    r.gpr[Cpu.RSI] = 0x1234_FFFFL;
    r.gpr[Cpu.RDI] = 0x5678_3000L;
    r.gpr[Cpu.RCX] = 0x9ABC_0002L;
    real.run(REP, MOVSB);
    assertEquals(0xCDAB, real.peek(0x3000, 2));
    assertEquals(0x1234_0001L, r.gpr[Cpu.RSI]);
    assertEquals(0x5678_3002L, r.gpr[Cpu.RDI]);
    assertEquals(0x9ABC_0000L, r.gpr[Cpu.RCX]);
  }

  @Test void aSegmentLimitStopsARunWhereItEnds() {
    TestCpu p = TestCpu.protectedMode(32, 0);
    p.cpu.seg[Seg.ES].limit = 0x20FF;
    p.cpu.gpr[Cpu.RDI] = 0x2000;
    p.cpu.gpr[Cpu.RCX] = 0x200;
    p.cpu.gpr[Cpu.RAX] = 0x55;
    GuestFault fault = assertThrows(GuestFault.class, () -> p.run(REP, STOSB));
    assertEquals(Vector.GP, fault.vector);
    assertEquals(0x2100, p.cpu.gpr[Cpu.RDI]);
    assertEquals(0x55, p.peek(0x20FF, 1));
    assertEquals(0, p.peek(0x2100, 1));
  }

  @Test void runsIntoACodePageTellItsObserver() {
    int[] written = {0};
    t.memory.addCodeObserver(gfn -> written[0] += gfn == 0x11 ? 1 : 0);
    t.memory.markCode(0x11);
    pointers(0, 0x10800, 0x1000);
    t.run(REP, STOSB);
    assertEquals(1, written[0]);
  }

  @Test void inputAndOutputMemoryIsAccessedElementByElement() {
    pointers(0x10000, TestCpu.SIZE + 0x100, 8);
    t.run(REP, MOVSD);
    assertEquals(8, t.bus.log.size());
    assertEquals("write 400100 4 0", t.bus.log.getFirst());
  }

  @Test void aDataBreakpointTrapsAfterItsIteration() {
    c.dr[0] = 0x10004;
    c.dr[7] = 1 | 1 << 16;
    c.memory.contextsChanged();
    pointers(0, 0x10000, 100);
    t.run(REP, STOSB);
    assertEquals(100 - 5, c.gpr[Cpu.RCX]);
    assertEquals(1, c.pendingDebug & 0xF);
    assertEquals(0x1000, c.rip);
  }
}
