package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import annulus.memory.translation.Access;
import org.junit.jupiter.api.Test;

class BranchesTest {
  private static void assertGp(TestCpu t, int... code) {
    assertEquals(Vector.GP, assertThrows(GuestFault.class, () -> t.run(code)).vector);
    assertEquals(0x1000, t.cpu.rip);
  }

  @Test void callPushesTheNextInstructionAndRetReturnsWithItsBytes() {
    TestCpu t = TestCpu.longMode(3);
    t.run(0xE8, 0x00, 0x10, 0x00, 0x00);
    assertEquals(0x2005, t.cpu.rip);
    assertEquals(0x1005, t.peek(TestCpu.STACK - 8, 8));
    t.run(0xC2, 0x10, 0x00);
    assertEquals(0x1005, t.cpu.rip);
    assertEquals(TestCpu.STACK + 0x10, t.cpu.gpr[Cpu.RSP]);
  }

  @Test void aTargetBeyondTheCodeSegmentFaultsBeforeAnythingChanges() {
    TestCpu t = TestCpu.protectedMode(32, 0);
    t.cpu.seg[Seg.CS].limit = 0x1FFF;
    assertGp(t, 0xE9, 0xFB, 0x0F, 0x00, 0x00);
    assertGp(t, 0xE8, 0xFB, 0x0F, 0x00, 0x00);
    assertEquals(TestCpu.STACK, t.cpu.gpr[Cpu.RSP]);
    t.memory.write(TestCpu.STACK, 4, 0x2000);
    assertGp(t, 0xC3);
    assertEquals(TestCpu.STACK, t.cpu.gpr[Cpu.RSP]);
    t.cpu.gpr[Cpu.RCX] = 5;
    t.cpu.seg[Seg.CS].limit = 0x1010;
    assertGp(t, 0xE2, 0x7F);
    assertEquals(5, t.cpu.gpr[Cpu.RCX]);
  }

  @Test void aNonCanonicalTargetFaultsInTheBranch() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.gpr[Cpu.RAX] = 0x8000_0000_0000L;
    assertGp(t, 0xFF, 0xE0);
    assertGp(t, 0xFF, 0xD0);
    assertEquals(TestCpu.STACK, t.cpu.gpr[Cpu.RSP]);
  }

  @Test void aCallWhosePushFaultsDoesNotJump() {
    TestCpu t = TestCpu.longMode(0);
    t.deny(TestCpu.STACK - 8, Access.WRITE);
    assertThrows(GuestFault.class, () -> t.run(0xE8, 0, 1, 0, 0));
    assertEquals(0x1000, t.cpu.rip);
  }

  @Test void aSixteenBitOperandSizeTruncatesTheTarget() {
    TestCpu t = TestCpu.protectedMode(32, 0);
    t.cpu.rip = 0x1_2000;
    t.run(0x66, 0xE9, 0x00, 0x01);
    assertEquals(0x2104, t.cpu.rip);
  }

  @Test void realModeJumpsWrapAt64K() {
    TestCpu t = TestCpu.real();
    t.cpu.rip = 0xFFF0;
    t.run(0xEB, 0x20);
    assertEquals(0x12, t.cpu.rip);
  }

  @Test void everyConditionMatchesItsDefinition() {
    TestCpu t = TestCpu.longMode(0);
    for (int flags = 0; flags < 1 << 12; flags++) {
      if ((flags & ~Rflags.STATUS) == 0) {
        boolean cf = (flags & Rflags.CF) != 0;
        boolean zf = (flags & Rflags.ZF) != 0;
        boolean less = (flags & Rflags.SF) != 0 != ((flags & Rflags.OF) != 0);
        boolean[] holds = {(flags & Rflags.OF) != 0, cf, zf, cf || zf, (flags & Rflags.SF) != 0, (flags & Rflags.PF) != 0, less, less || zf};
        for (int code = 0; code < 16; code++) {
          Flags.setStatus(t.cpu, flags);
          t.cpu.rip = 0x1000;
          t.run(0x70 + code, 0x10);
          boolean taken = holds[code >>> 1] == ((code & 1) == 0);
          assertEquals(taken ? 0x1012 : 0x1002, t.cpu.rip);
        }
      }
    }
  }

  @Test void loopsCountInTheAddressSize() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.gpr[Cpu.RCX] = 0x1_0000_0001L;
    t.run(0xE2, 0x10);
    assertEquals(0x1012, t.cpu.rip);
    t.cpu.gpr[Cpu.RCX] = 0xFFFF_0000_0001L;
    t.cpu.rip = 0x1000;
    t.run(0x67, 0xE2, 0x10);
    assertEquals(0x1003, t.cpu.rip);
    assertEquals(0, t.cpu.gpr[Cpu.RCX]);
    t.run(0xE3, 0x10);
    assertEquals(0x1015, t.cpu.rip);
  }

  @Test void loopeAndLoopneNeedTheirCondition() {
    TestCpu t = TestCpu.longMode(0);
    for (boolean zero : new boolean[] {false, true}) {
      Flags.setStatus(t.cpu, zero ? Rflags.ZF : 0);
      t.cpu.gpr[Cpu.RCX] = 9;
      t.cpu.rip = 0x1000;
      t.run(0xE1, 0x10);
      assertEquals(zero ? 0x1012 : 0x1002, t.cpu.rip);
      t.cpu.rip = 0x1000;
      t.run(0xE0, 0x10);
      assertEquals(zero ? 0x1002 : 0x1012, t.cpu.rip);
      assertEquals(7, t.cpu.gpr[Cpu.RCX]);
    }
  }
}
