package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.arch.CpuMode;
import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Msr;
import annulus.arch.Rflags;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.exec.Rings.Fault;
import annulus.cpu.testing.TestCpu;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Control registers, MSRs and the other system instructions. */
class ControlRegisterTest {
  private static final Fault GP = new Fault(Vector.GP, 0);
  private static final int[] TO_CR0 = {0x0F, 0x22, 0xC0};
  private static final int[] TO_CR3 = {0x0F, 0x22, 0xD8};
  private static final int[] TO_CR4 = {0x0F, 0x22, 0xE0};
  private static final int[] WRMSR = {0x0F, 0x30};
  private static final int[] RDMSR = {0x0F, 0x32};

  private static @Nullable Fault write(Rings r, int[] instruction, long value) {
    r.c.gpr[Cpu.RAX] = value;
    return r.step(instruction);
  }

  private static @Nullable Fault writeMsr(Rings r, int msr, long value) {
    r.c.gpr[Cpu.RCX] = msr & 0xFFFF_FFFFL;
    r.c.gpr[Cpu.RDX] = value >>> 32;
    return write(r, WRMSR, value & 0xFFFF_FFFFL);
  }

  @Test void pagingNeedsProtectionAndNotWriteThroughNeedsCacheDisable() {
    Rings r = Rings.protectedMode(0);
    assertEquals(GP, write(r, TO_CR0, Cr0.PG | Cr0.ET));
    assertEquals(GP, write(r, TO_CR0, Cr0.PE | Cr0.NW));
    assertNull(write(r, TO_CR0, Cr0.PE));
    assertEquals(Cr0.PE | Cr0.ET, r.c.paging.cr0);
  }

  @Test void longModeIsEnteredWithPagingAndLeftWithIt() {
    Rings r = Rings.protectedMode(0);
    assertNull(writeMsr(r, Msr.EFER, Efer.LME));
    assertEquals(GP, write(r, TO_CR0, Cr0.PE | Cr0.PG));
    assertNull(write(r, TO_CR4, Cr4.PAE));
    assertNull(write(r, TO_CR0, Cr0.PE | Cr0.PG));
    assertEquals(Efer.LME | Efer.LMA, r.c.paging.efer);
    assertEquals(CpuMode.COMPATIBILITY, r.c.mode);
    assertEquals(GP, write(r, TO_CR4, 0));
    assertEquals(GP, writeMsr(r, Msr.EFER, 0));
    assertNull(write(r, TO_CR0, Cr0.PE));
    assertEquals(Efer.LME, r.c.paging.efer);
    assertEquals(CpuMode.PROTECTED, r.c.mode);
  }

  @Test void pagingCannotEndIn64BitCode() {
    Rings r = Rings.longMode(0);
    assertEquals(GP, write(r, TO_CR0, Cr0.PE));
    assertEquals(GP, write(r, TO_CR0, Cr0.PE | Cr0.PG | 1L << 32));
  }

  @Test void cr4RefusesBitsOfAbsentFeaturesAndChangesOfTheLinearWidth() {
    Rings r = Rings.longMode(0);
    assertEquals(GP, write(r, TO_CR4, r.c.paging.cr4 | 1L << 31));
    assertEquals(GP, write(r, TO_CR4, r.c.paging.cr4 | Cr4.LA57));
    r.c.paging.cr3 = 0x1008;
    assertEquals(GP, write(r, TO_CR4, r.c.paging.cr4 | Cr4.PCIDE));
    r.c.paging.cr3 = 0x1000;
    assertNull(write(r, TO_CR4, r.c.paging.cr4 | Cr4.PCIDE));
    assertEquals(GP, write(r, TO_CR0, r.c.paging.cr0 & ~Cr0.PG));
  }

  @Test void cr3TakesTheNoFlushBitWithPcidsOnly() {
    Rings r = Rings.longMode(0);
    assertEquals(GP, write(r, TO_CR3, 1L << 63 | 0x2000));
    assertEquals(GP, write(r, TO_CR3, 1L << 40));
    r.c.paging.cr4 |= Cr4.PCIDE;
    assertNull(write(r, TO_CR3, 1L << 63 | 0x2005));
    assertEquals(0x2005, r.c.paging.cr3);
  }

  @Test void lmswCannotLeaveProtectedMode() {
    Rings r = Rings.protectedMode(0);
    assertNull(write(r, new int[] {0x0F, 0x01, 0xF0}, Cr0.TS));
    assertEquals(Cr0.PE | Cr0.TS, r.c.paging.cr0 & 0xF);
    assertNull(r.step(0x0F, 0x06));
    assertEquals(Cr0.PE, r.c.paging.cr0 & 0xF);
  }

  @Test void systemInstructionsNeedRing0() {
    int[][] all = {TO_CR0, WRMSR, RDMSR, {0xF4}, {0x0F, 0x06}, {0x0F, 0x09}, {0x0F, 0x00, 0xD8}, {0x0F, 0x21, 0xC0}};
    for (int[] code : all) {
      assertEquals(GP, Rings.protectedMode(3).step(code));
    }
  }

  @Test void userModeInstructionPreventionHidesTheTables() {
    Rings r = Rings.protectedMode(3);
    assertNull(r.step(0x0F, 0x01, 0x05, 0, 0x90, 0, 0));
    assertEquals(Rings.GDT, r.t.peek(0x9002, 4));
    r.c.paging.cr4 |= Cr4.UMIP;
    assertEquals(GP, r.step(0x0F, 0x01, 0x05, 0, 0x90, 0, 0));
    assertEquals(GP, r.step(0x0F, 0x00, 0xC8));
  }

  @Test void registersThatDoNotExistAndReservedBitsFault() {
    Rings r = Rings.longMode(0);
    r.c.gpr[Cpu.RCX] = 0x1234;
    assertEquals(GP, r.step(RDMSR));
    assertEquals(GP, writeMsr(r, 0x1234, 0));
    assertEquals(GP, writeMsr(r, Msr.EFER, 1L << 63));
    assertEquals(GP, writeMsr(r, Msr.PAT, 2));
    assertEquals(GP, writeMsr(r, Msr.MTRR_DEF_TYPE, 2));
    assertEquals(GP, writeMsr(r, Msr.MTRR_CAP, 0));
    assertEquals(GP, writeMsr(r, Msr.LSTAR, 0x8000_0000_0000L));
    assertEquals(GP, writeMsr(r, Msr.FS_BASE, 1L << 62));
    assertEquals(GP, writeMsr(r, Msr.MC0_CTL + 1, 1));
    assertNull(writeMsr(r, Msr.MC0_CTL + 1, 0));
  }

  @Test void branchHistoryControlIsReservedWhereCpuidDoesNotReportIt() {
    Rings r = Rings.longMode(0);
    assertNull(writeMsr(r, Msr.SPEC_CTRL, 1 << 10 | 1));
    assertNull(r.step(RDMSR));
    assertEquals(1 << 10 | 1, r.c.gpr[Cpu.RAX]);
    assertEquals(GP, writeMsr(r, Msr.SPEC_CTRL, 1 << 9));
    Cpu without = new TestCpu(EnumSet.complementOf(EnumSet.of(CpuFeature.BHI_CTRL)), Set.of()).cpu;
    assertTrue(Msrs.valid(without, Msr.SPEC_CTRL, 1));
    assertFalse(Msrs.valid(without, Msr.SPEC_CTRL, 1 << 10));
  }

  @Test void registersReadBackWhatWasWritten() {
    Rings r = Rings.longMode(0);
    long[][] pairs = {{Msr.LSTAR, 0xFFFF_8000_0000_0000L}, {Msr.PAT, 0x0006_0504_0100_0706L}, {Msr.MTRR_DEF_TYPE, 0xC06},
        {Msr.MTRR_PHYS_BASE_0 + 15, 0xFF_8000_0800L}, {Msr.MTRR_FIX_4K_C0000 + 7, 0x0606_0505_0404_0101L}, {Msr.TSC_AUX, 5},
        {Msr.MC0_CTL, -1}, {Msr.KERNEL_GS_BASE, -4096}};
    for (long[] p : pairs) {
      assertNull(writeMsr(r, (int) p[0], p[1]));
      assertNull(r.step(RDMSR));
      assertEquals(p[1], r.c.gpr[Cpu.RDX] << 32 | r.c.gpr[Cpu.RAX], Long.toHexString(p[0]));
    }
  }

  @Test void tscAndItsAdjustmentMoveTogetherAndTheDeadlineStays() {
    Rings r = Rings.longMode(0);
    r.t.tsc = 1000;
    r.t.bus.apicMsrs.put(Msr.TSC_DEADLINE, 0L);
    assertNull(writeMsr(r, Msr.TSC_DEADLINE, 7000));
    assertNull(writeMsr(r, Msr.TSC, 5000));
    assertEquals(5000, r.c.tsc());
    assertEquals(4000, Msrs.read(r.c, Msr.TSC_ADJUST));
    assertEquals(3000, r.t.bus.apicMsrs.get(Msr.TSC_DEADLINE));
    assertEquals(7000, Msrs.read(r.c, Msr.TSC_DEADLINE));
    assertNull(writeMsr(r, Msr.TSC_ADJUST, 0));
    assertEquals(1000, r.c.tsc());
  }

  @Test void singleStepTrapsAfterTheInstructionAndNotIntoAHandler() {
    Rings r = Rings.protectedMode(0);
    r.interruptGate(Vector.DB, 14, 0, Rings.CODE0, 0x5000);
    r.interruptGate(0x40, 14, 0, Rings.CODE0, 0x6000);
    r.c.systemFlags |= Rflags.TF;
    assertTrue(!DebugTraps.before(r.c));
    assertNull(r.step(0xCD, 0x40));
    DebugTraps.after(r.c);
    assertEquals(0x6000, r.c.rip);
    r.c.systemFlags |= Rflags.TF;
    assertTrue(!DebugTraps.before(r.c));
    assertNull(r.step(0x90));
    DebugTraps.after(r.c);
    assertEquals(0x5000, r.c.rip);
    assertEquals(0x6001, r.stack(0, 4));
    assertEquals(DebugTraps.BS, r.c.dr[6] & DebugTraps.BS);
  }

  @Test void instructionBreakpointComesFirstUnlessRfHoldsItOff() {
    Rings r = Rings.protectedMode(0);
    r.interruptGate(Vector.DB, 14, 0, Rings.CODE0, 0x5000);
    r.c.dr[1] = 0x1000;
    r.c.dr[7] |= 1 << 2;
    assertTrue(DebugTraps.before(r.c));
    assertEquals(0x5000, r.c.rip);
    assertEquals(0x1000, r.stack(0, 4));
    assertEquals(2, r.c.dr[6] & 0xF);
    r.c.rip = 0x1000;
    r.c.systemFlags |= Rflags.RF;
    assertTrue(!DebugTraps.before(r.c));
    assertTrue(DebugTraps.before(r.c));
  }

  @Test void stackSegmentLoadHoldsTheStepTrapBack() {
    Rings r = Rings.protectedMode(0);
    r.interruptGate(Vector.DB, 14, 0, Rings.CODE0, 0x5000);
    r.c.gpr[Cpu.RAX] = Rings.DATA0;
    r.c.systemFlags |= Rflags.TF;
    DebugTraps.before(r.c);
    assertNull(r.step(0x8E, 0xD0));
    DebugTraps.after(r.c);
    assertEquals(0x1002, r.c.rip);
    r.c.movSsShadow = false;
    DebugTraps.before(r.c);
    assertNull(r.step(0x90));
    DebugTraps.after(r.c);
    assertEquals(0x1003, r.stack(0, 4));
  }

  @Test void generalDetectGuardsTheDebugRegisters() {
    Rings r = Rings.protectedMode(0);
    r.c.dr[7] |= DebugTraps.GD;
    assertEquals(Vector.DB, Objects.requireNonNull(r.step(0x0F, 0x21, 0xC0)).vector());
    assertTrue((r.c.dr[6] & DebugTraps.BD) != 0);
    r.interruptGate(Vector.DB, 14, 0, Rings.CODE0, 0x5000);
    assertTrue(Interrupts.deliver(r.c, Vector.DB, 0, Interrupts.EXCEPTION));
    assertNull(r.step(0x0F, 0x21, 0xC0));
    r.c.paging.cr4 |= Cr4.DE;
    assertEquals(Vector.UD, Objects.requireNonNull(r.step(0x0F, 0x21, 0xE0)).vector());
  }

  @Test void selectorQuestionsAnswerInZf() {
    Rings r = Rings.protectedMode(3);
    r.c.gpr[Cpu.RAX] = Rings.DATA0;
    assertNull(r.step(0x0F, 0x02, 0xC8));
    assertEquals(false, annulus.cpu.Flags.zf(r.c));
    r.c.gpr[Cpu.RAX] = Rings.DATA3;
    assertNull(r.step(0x0F, 0x02, 0xC8));
    assertEquals(true, annulus.cpu.Flags.zf(r.c));
    assertEquals(0xC0_F300, r.c.gpr[Cpu.RCX] & 0xF0_FF00);
    assertNull(r.step(0x0F, 0x03, 0xC8));
    assertEquals(0xFFFF_FFFFL, r.c.gpr[Cpu.RCX]);
    r.c.gpr[Cpu.RAX] = Rings.CODE3;
    assertNull(r.step(0x0F, 0x00, 0xE8));
    assertEquals(false, annulus.cpu.Flags.zf(r.c));
  }
}
