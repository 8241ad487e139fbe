package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import annulus.memory.translation.Access;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MiscTest {
  private static void assertFault(int vector, TestCpu t, int... code) {
    assertEquals(vector, assertThrows(GuestFault.class, () -> t.run(code)).vector);
  }

  @Test void timeStampCounterIsTheMachinesWithTheGuestsOffsetAndCanBeReserved() {
    TestCpu t = TestCpu.longMode(3);
    t.tsc = 0x1_0000_0000L;
    t.cpu.tscOffset = -1;
    t.cpu.tscAux = 7;
    t.run(0x0F, 0x01, 0xF9);
    assertEquals(0xFFFF_FFFFL, t.cpu.gpr[Cpu.RAX]);
    assertEquals(0, t.cpu.gpr[Cpu.RDX]);
    assertEquals(7, t.cpu.gpr[Cpu.RCX]);
    t.run(0xF3, 0x0F, 0xC7, 0xFB);
    assertEquals(7, t.cpu.gpr[Cpu.RBX]);
    t.cpu.paging.cr4 |= Cr4.TSD;
    assertFault(Vector.GP, t, 0x0F, 0x31);
    assertFault(Vector.GP, t, 0x0F, 0x01, 0xF9);
    t.cpu.cpl = 0;
    t.run(0x0F, 0x31);
  }

  @Test void performanceCountersDoNotExist() {
    assertFault(Vector.GP, TestCpu.longMode(0), 0x0F, 0x33);
  }

  @Test void cpuidAnswersWithTheModelAndClearsUpperHalves() {
    TestCpu t = TestCpu.longMode(3);
    t.cpu.gpr[Cpu.RAX] = 0xFFFF_FFFF_0000_0001L;
    t.cpu.gpr[Cpu.RBX] = -1;
    t.run(0x0F, 0xA2);
    assertEquals(0x306A9, t.cpu.gpr[Cpu.RAX]);
    assertEquals(0, t.cpu.gpr[Cpu.RBX]);
    assertTrue((t.cpu.gpr[Cpu.RDX] & 1) != 0);
  }

  @Test void randomNumbersAreValidAndDiffer() {
    TestCpu t = TestCpu.longMode(3);
    Set<Long> seen = new HashSet<>();
    for (int n = 0; n < 20; n++) {
      t.run(0x48, 0x0F, 0xC7, 0xF0);
      assertEquals(Rflags.CF, Flags.status(t.cpu));
      seen.add(t.cpu.gpr[Cpu.RAX]);
    }
    assertEquals(20, seen.size());
    t.cpu.gpr[Cpu.RBX] = -1;
    t.run(0x0F, 0xC7, 0xFB);
    assertEquals(0, t.cpu.gpr[Cpu.RBX] >>> 32);
  }

  @Test void boundFaultsOutsideItsSignedLimits() {
    TestCpu t = TestCpu.protectedMode(32, 3);
    t.memory.write(0x10000, 4, -2 & 0xFFFF_FFFFL);
    t.memory.write(0x10004, 4, 5);
    t.cpu.gpr[Cpu.RDI] = 0x10000;
    for (int index : new int[] {-2, 0, 5}) {
      t.cpu.gpr[Cpu.RAX] = index & 0xFFFF_FFFFL;
      t.run(0x62, 0x07);
    }
    for (int index : new int[] {-3, 6, Integer.MIN_VALUE}) {
      t.cpu.gpr[Cpu.RAX] = index & 0xFFFF_FFFFL;
      assertFault(Vector.BR, t, 0x62, 0x07);
    }
  }

  @Test void cacheLineInstructionsNeedAReadableLineButPrefetchesNeedNothing() {
    TestCpu t = TestCpu.longMode(0);
    t.deny(0x10000, Access.READ | Access.WRITE);
    t.cpu.gpr[Cpu.RDI] = 0x10000;
    assertFault(Vector.PF, t, 0x0F, 0xAE, 0x3F);
    assertFault(Vector.PF, t, 0x66, 0x0F, 0xAE, 0x3F);
    assertFault(Vector.PF, t, 0x66, 0x0F, 0xAE, 0x37);
    t.run(0x0F, 0x18, 0x0F);
    t.run(0x0F, 0x0D, 0x0F);
    t.deny(0x10000, Access.WRITE);
    t.run(0x0F, 0xAE, 0x3F);
  }

  @Test void clearingALineClearsItAll() {
    TestCpu t = TestCpu.longMode(3);
    for (int n = 0; n < 256; n += 8) {
      t.memory.write(0x10000 + n, 8, -1);
    }
    t.cpu.gpr[Cpu.RAX] = 0x10047;
    t.run(0x0F, 0x01, 0xFC);
    for (int n = 0; n < 256; n += 8) {
      assertEquals(n >= 0x40 && n < 0x80 ? 0 : -1, t.peek(0x10000 + n, 8));
    }
  }

  @Test void segmentBasesAreReadAndWrittenOnlyWhenAllowed() {
    TestCpu t = TestCpu.longMode(3);
    int[] read = {0xF3, 0x48, 0x0F, 0xAE, 0xC8};
    int[] write = {0xF3, 0x48, 0x0F, 0xAE, 0xD8};
    assertFault(Vector.UD, t, read);
    t.cpu.paging.cr4 |= Cr4.FSGSBASE;
    t.cpu.gpr[Cpu.RAX] = 0x7FFF_1234_5678L;
    t.run(write);
    assertEquals(0x7FFF_1234_5678L, t.cpu.seg[Seg.GS].base);
    t.cpu.gpr[Cpu.RAX] = 0x8000_0000_0000L;
    assertFault(Vector.GP, t, write);
    t.run(read);
    assertEquals(0x7FFF_1234_5678L, t.cpu.gpr[Cpu.RAX]);
  }

  @Test void divideErrorsLeaveEveryRegister() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.gpr[Cpu.RDX] = 1;
    t.cpu.gpr[Cpu.RAX] = 2;
    t.cpu.gpr[Cpu.RBX] = 1;
    assertFault(Vector.DE, t, 0x48, 0xF7, 0xF3);
    t.cpu.gpr[Cpu.RBX] = 0;
    assertFault(Vector.DE, t, 0xF7, 0xF3);
    assertFault(Vector.DE, t, 0xF7, 0xFB);
    assertEquals(1, t.cpu.gpr[Cpu.RDX]);
    assertEquals(2, t.cpu.gpr[Cpu.RAX]);
  }

  @Test void signedDivisionRefusesOnlyTheQuotientThatDoesNotFit() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.gpr[Cpu.RDX] = -1;
    t.cpu.gpr[Cpu.RAX] = Long.MIN_VALUE;
    t.cpu.gpr[Cpu.RBX] = -1;
    assertFault(Vector.DE, t, 0x48, 0xF7, 0xFB);
    t.cpu.gpr[Cpu.RBX] = 1;
    t.run(0x48, 0xF7, 0xFB);
    assertEquals(Long.MIN_VALUE, t.cpu.gpr[Cpu.RAX]);
    assertEquals(0, t.cpu.gpr[Cpu.RDX]);
  }

  @Test void pausesAreCounted() {
    TestCpu t = TestCpu.longMode(3);
    t.run(0xF3, 0x90);
    t.run(0xF3, 0x90);
    assertEquals(2, t.cpu.pauses);
  }

  @Test void checksumMatchesItsPublishedCheckValue() {
    int crc = -1;
    for (char digit : "123456789".toCharArray()) {
      crc = Checksum.crc32(crc, digit, 1);
    }
    assertEquals(0xE3069283, ~crc);
  }
}
