package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import org.junit.jupiter.api.Test;

class FlagOpsTest {
  private static final int CLI = 0xFA;
  private static final int STI = 0xFB;
  private static final int PUSHF = 0x9C;
  private static final int POPF = 0x9D;
  private static final int OPERAND_SIZE = 0x66;

  private static void popf(TestCpu t, long value, int... code) {
    t.memory.write(t.cpu.gpr[Cpu.RSP], 8, value);
    t.run(code);
  }

  private static void assertGp(TestCpu t, int... code) {
    long sp = t.cpu.gpr[Cpu.RSP];
    int flags = t.cpu.systemFlags;
    assertEquals(Vector.GP, assertThrows(GuestFault.class, () -> t.run(code)).vector);
    assertEquals(sp, t.cpu.gpr[Cpu.RSP]);
    assertEquals(flags, t.cpu.systemFlags);
  }

  @Test void popfAtRing0ChangesEverythingButVmRfVifAndVip() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.systemFlags = Rflags.VIP;
    popf(t, -1, POPF);
    int expected = Rflags.STATUS | Rflags.TF | Rflags.IF | Rflags.DF | Rflags.IOPL | Rflags.NT | Rflags.AC | Rflags.VIP | Rflags.ID
        | Rflags.FIXED;
    assertEquals(expected, Flags.rflags(t.cpu));
  }

  @Test void popfAboveTheIoPrivilegeLevelLeavesIfAndIoplSilently() {
    TestCpu t = TestCpu.longMode(3);
    t.cpu.systemFlags = Rflags.IF;
    popf(t, Rflags.IOPL | Rflags.DF, POPF);
    assertEquals(Rflags.IF | Rflags.DF, t.cpu.systemFlags);
  }

  @Test void popfWithinTheIoPrivilegeLevelChangesIfButNotIopl() {
    TestCpu t = TestCpu.protectedMode(32, 2);
    t.cpu.systemFlags = Rflags.IOPL;
    popf(t, Rflags.IF, POPF);
    assertEquals(Rflags.IOPL | Rflags.IF, t.cpu.systemFlags);
  }

  @Test void sixteenBitPopfLeavesTheUpperHalf() {
    TestCpu t = TestCpu.protectedMode(32, 0);
    t.cpu.systemFlags = Rflags.AC | Rflags.ID;
    popf(t, 0, OPERAND_SIZE, POPF);
    assertEquals(Rflags.AC | Rflags.ID, t.cpu.systemFlags);
  }

  @Test void popfThatSetsAlignmentCheckReachesTheTranslation() {
    TestCpu t = TestCpu.longMode(0);
    popf(t, Rflags.AC, POPF);
    assertTrue(t.cpu.paging.alignmentCheck);
  }

  @Test void pushfHidesVmAndRf() {
    TestCpu t = TestCpu.protectedMode(32, 0);
    t.cpu.systemFlags = Rflags.RF | Rflags.IF | Rflags.ID;
    t.run(PUSHF);
    assertEquals(Rflags.IF | Rflags.ID | Rflags.FIXED, t.peek(TestCpu.STACK - 4, 4) & ~Rflags.STATUS);
  }

  @Test void interruptFlagObeysIopl() {
    TestCpu t = TestCpu.protectedMode(32, 3);
    assertGp(t, CLI);
    assertGp(t, STI);
    t.cpu.systemFlags = Rflags.IOPL;
    t.run(STI);
    assertTrue(t.cpu.stiShadow);
    assertEquals(Rflags.IOPL | Rflags.IF, t.cpu.systemFlags);
    t.run(CLI);
    assertEquals(Rflags.IOPL, t.cpu.systemFlags);
  }

  @Test void stiWithInterruptsAlreadyOnHasNoShadow() {
    TestCpu t = TestCpu.protectedMode(32, 0);
    t.cpu.systemFlags = Rflags.IF;
    t.run(STI);
    assertFalse(t.cpu.stiShadow);
  }

  @Test void protectedModeVirtualInterruptsReplaceIfAtRing3() {
    TestCpu t = TestCpu.protectedMode(32, 3);
    t.cpu.paging.cr4 |= Cr4.PVI;
    t.run(STI);
    assertEquals(Rflags.VIF, t.cpu.systemFlags);
    t.run(CLI);
    assertEquals(0, t.cpu.systemFlags);
    t.cpu.systemFlags = Rflags.VIP;
    assertGp(t, STI);
  }

  @Test void virtual8086ModeWithoutIoplFaultsUnlessExtended() {
    TestCpu t = TestCpu.virtual8086(0);
    assertGp(t, CLI);
    assertGp(t, STI);
    assertGp(t, PUSHF);
    assertGp(t, POPF);
    t.cpu.paging.cr4 |= Cr4.VME;
    assertGp(t, OPERAND_SIZE, PUSHF);
    t.run(STI);
    assertEquals(Rflags.VM | Rflags.VIF, t.cpu.systemFlags);
    t.run(PUSHF);
    assertEquals(Rflags.IOPL | Rflags.IF, t.peek(TestCpu.STACK - 2, 2) & (Rflags.IOPL | Rflags.IF));
    popf(t, Rflags.DF, POPF);
    assertEquals(Rflags.VM | Rflags.DF, t.cpu.systemFlags);
    popf(t, Rflags.IF, POPF);
    assertEquals(Rflags.VM | Rflags.VIF, t.cpu.systemFlags);
  }

  @Test void virtual8086PopfFaultsWhereAnInterruptIsPendingOrATrapIsAskedFor() {
    TestCpu t = TestCpu.virtual8086(0);
    t.cpu.paging.cr4 |= Cr4.VME;
    t.memory.write(TestCpu.STACK, 2, Rflags.TF);
    assertGp(t, POPF);
    t.cpu.systemFlags |= Rflags.VIP;
    t.memory.write(TestCpu.STACK, 2, Rflags.IF);
    assertGp(t, POPF);
  }
}
