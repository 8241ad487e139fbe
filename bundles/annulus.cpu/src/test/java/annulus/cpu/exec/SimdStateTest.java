package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import annulus.memory.translation.Access;
import org.junit.jupiter.api.Test;

/** When SIMD instructions fault, and what they do to the registers they share with the x87. */
class SimdStateTest {
  private static final int[] XORPS = {0x0F, 0x57, 0xC1};
  private static final int[] PADDB_MMX = {0x0F, 0xFC, 0xD1};
  private static final int[] ADDSD = {0xF2, 0x0F, 0x58, 0xCA};
  private static final long ONE = Double.doubleToRawLongBits(1);
  private static final long THIRD = Double.doubleToRawLongBits(1.0 / 3);

  private final TestCpu t = TestCpu.longMode(3);
  private final Cpu c = t.cpu;

  private void faults(int vector, int... bytes) {
    assertEquals(vector, assertThrows(GuestFault.class, () -> t.run(bytes)).vector);
  }

  @Test void emulationAndMissingOperatingSystemSupportAreUndefinedOpcodes() {
    c.paging.cr0 |= Cr0.EM | Cr0.TS;
    faults(Vector.UD, XORPS);
    faults(Vector.UD, PADDB_MMX);
    c.paging.cr0 &= ~Cr0.EM;
    c.paging.cr4 &= ~Cr4.OSFXSR;
    faults(Vector.UD, XORPS);
    faults(Vector.NM, PADDB_MMX);
  }

  @Test void taskSwitchedMeansDeviceNotAvailable() {
    c.paging.cr0 |= Cr0.TS;
    faults(Vector.NM, XORPS);
    faults(Vector.NM, PADDB_MMX);
    faults(Vector.NM, 0x0F, 0x77);
    faults(Vector.NM, 0x0F, 0xAE, 0x06);
  }

  @Test void pendingX87ExceptionStopsMmxButNotSse() {
    c.fpu.status = 0x8081;
    faults(Vector.MF, PADDB_MMX);
    faults(Vector.MF, 0x0F, 0x77);
    faults(Vector.MF, 0x0F, 0x2C, 0xC1);
    faults(Vector.MF, 0xF3, 0x0F, 0xD6, 0xC1);
    t.run(XORPS);
  }

  @Test void withoutNativeReportingTheInstructionWaitsForTheErrorLine() {
    c.paging.cr0 &= ~Cr0.NE;
    c.fpu.status = 0x8081;
    c.fpu.significand[1] = 1;
    long start = c.rip;
    t.run(PADDB_MMX);
    assertEquals(start, c.rip);
    assertEquals(0, c.fpu.significand[2]);
    c.fpu.errorLine = () -> true;
    t.run(PADDB_MMX);
    assertEquals(start + 3, c.rip);
    assertEquals(1, c.fpu.significand[2]);
  }

  @Test void mmxInstructionMakesAllRegistersValidAndMarksTheOneItWrites() {
    c.fpu.top = 3;
    c.fpu.valid = 0;
    c.fpu.significand[1] = 1;
    c.fpu.significand[2] = 2;
    c.fpu.signExponent[1] = 0x3FFF;
    t.run(PADDB_MMX);
    assertEquals(3, c.fpu.significand[2]);
    assertEquals(0xFFFF, c.fpu.signExponent[2]);
    assertEquals(0x3FFF, c.fpu.signExponent[1]);
    assertEquals(0, c.fpu.top);
    assertEquals(0xFF, c.fpu.valid);
    t.run(0x0F, 0x77);
    assertEquals(0, c.fpu.valid);
  }

  @Test void faultingMmxLoadLeavesTheX87Alone() {
    c.fpu.top = 3;
    c.gpr[Cpu.RSI] = 0x3000;
    t.deny(0x3000, Access.READ);
    faults(Vector.PF, 0x0F, 0xFC, 0x0E);
    assertEquals(3, c.fpu.top);
  }

  @Test void alignedOperandsMustBeAligned() {
    c.gpr[Cpu.RSI] = 0x2008;
    faults(Vector.GP, 0x0F, 0x28, 0x0E);
    faults(Vector.GP, 0x0F, 0x29, 0x0E);
    faults(Vector.GP, 0x66, 0x0F, 0xFC, 0x0E);
    faults(Vector.GP, 0x66, 0x0F, 0xE7, 0x0E);
    faults(Vector.GP, 0x66, 0x0F, 0x38, 0x2A, 0x0E);
    t.run(0x0F, 0x10, 0x0E);
    t.run(0xF2, 0x0F, 0xF0, 0x0E);
    t.run(0xF2, 0x0F, 0x58, 0x0E);
  }

  @Test void misalignedExceptionMaskLiftsTheAlignmentRule() {
    c.gpr[Cpu.RSI] = 0x2008;
    t.poke(0x2008, 1, 2, 3, 4);
    c.mxcsr |= SimdState.MISALIGNED;
    t.run(0x0F, 0x28, 0x0E);
    assertEquals(0x0403_0201, c.xmm[2]);
  }

  @Test void storeAcrossAPageThatFaultsChangesNothing() {
    c.gpr[Cpu.RSI] = 0x2FF8;
    c.xmm[2] = -1;
    c.xmm[3] = -1;
    t.deny(0x3000, Access.WRITE);
    faults(Vector.PF, 0x0F, 0x11, 0x0E);
    assertEquals(0, t.peek(0x2FF8, 8));
    assertEquals(0x3000, c.cr2);
  }

  @Test void maskedStoreTouchesOnlySelectedBytes() {
    c.gpr[Cpu.RDI] = 0x2FFE;
    c.xmm[2] = 0x0807_0605_0403_0201L;
    c.xmm[4] = 0x80FF;
    t.poke(0x2FFE, 0xAA, 0xAA);
    t.deny(0x3000, Access.WRITE);
    t.run(0x66, 0x0F, 0xF7, 0xCA);
    assertEquals(0x0201, t.peek(0x2FFE, 2));
  }

  @Test void unmaskedExceptionSetsItsFlagAndKeepsTheDestination() {
    c.mxcsr = 0x0F80;
    c.xmm[2] = ONE;
    c.xmm[4] = THIRD;
    faults(Vector.XM, ADDSD);
    assertEquals(ONE, c.xmm[2]);
    assertEquals(0x0FA0, c.mxcsr);
    c.paging.cr4 &= ~Cr4.OSXMMEXCPT;
    faults(Vector.UD, ADDSD);
  }

  @Test void unmaskedInvalidOperationInOneElementHidesInexactInTheOther() {
    c.mxcsr = 0x1F00;
    c.xmm[2] = ONE;
    c.xmm[3] = Double.doubleToRawLongBits(Double.POSITIVE_INFINITY);
    c.xmm[4] = THIRD;
    c.xmm[5] = Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY);
    long[] before = c.xmm.clone();
    faults(Vector.XM, 0x66, 0x0F, 0x58, 0xCA);
    assertArrayEquals(before, c.xmm);
    assertEquals(0x1F01, c.mxcsr);
  }

  @Test void reservedMxcsrBitsAreRefused() {
    c.gpr[Cpu.RSI] = 0x2000;
    t.memory.write(0x2000, 4, 0x0001_1F80);
    faults(Vector.GP, 0x0F, 0xAE, 0x16);
    t.memory.write(0x2000, 4, 0x5FA0);
    t.run(0x0F, 0xAE, 0x16);
    assertEquals(0x5FA0, c.mxcsr);
    t.run(0x0F, 0xAE, 0x5E, 0x04);
    assertEquals(0x5FA0, t.peek(0x2004, 4));
  }

  @Test void logicOnFloatingPointNamesRaisesNothing() {
    c.mxcsr = 0;
    c.xmm[0] = 0x7FF0_0000_0000_0001L;
    c.xmm[2] = 1;
    t.run(XORPS);
    assertEquals(0x7FF0_0000_0000_0000L, c.xmm[0]);
    assertEquals(0, c.mxcsr);
  }
}
