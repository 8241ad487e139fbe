package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.arch.Cr4;
import annulus.arch.VcpuState.Extended;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ExtendedStateTest {
  private static final long AREA = 0x4000;
  private static final int[] FXSAVE64 = {0x48, 0x0F, 0xAE, 0x06};
  private static final int[] FXRSTOR64 = {0x48, 0x0F, 0xAE, 0x0E};
  private static final int[] XSAVE64 = {0x48, 0x0F, 0xAE, 0x26};
  private static final int[] XRSTOR64 = {0x48, 0x0F, 0xAE, 0x2E};
  private static final int[] XSAVEOPT64 = {0x48, 0x0F, 0xAE, 0x36};
  private static final int[] XSAVEC64 = {0x48, 0x0F, 0xC7, 0x26};

  private final TestCpu t = prepared();
  private final Cpu c = t.cpu;

  private static TestCpu prepared() {
    TestCpu t = TestCpu.longMode(3);
    t.cpu.paging.cr4 |= Cr4.OSXSAVE;
    t.cpu.xcr0 = 7;
    t.cpu.gpr[Cpu.RSI] = AREA;
    t.cpu.gpr[Cpu.RAX] = 7;
    return t;
  }

  private static void fill(Cpu c, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int n = 0; n < 32; n++) {
      c.xmm[n] = random.nextLong();
      c.ymmHigh[n] = random.nextLong();
    }
    for (int n = 0; n < 8; n++) {
      c.fpu.significand[n] = random.nextLong();
      c.fpu.signExponent[n] = random.nextInt(0x10000);
    }
    c.fpu.top = random.nextInt(8);
    c.fpu.valid = random.nextInt(256);
    c.fpu.control = 0x27F;
    c.fpu.status = 0x4100;
    c.fpu.opcode = 0x123;
    c.fpu.instructionPointer = 0x1234_5678_9ABCL;
    c.fpu.dataPointer = 0x2345_6789_ABCDL;
    c.mxcsr = 0x5F95;
  }

  private static void reset(Cpu c) {
    Arrays.fill(c.xmm, 0);
    Arrays.fill(c.ymmHigh, 0);
    XsaveArea.initialiseX87(c);
    c.mxcsr = SimdState.MXCSR_RESET;
  }

  private void header(long present, long format) {
    t.memory.clear(AREA + 512, 64);
    t.memory.write(AREA + 512, 8, present);
    t.memory.write(AREA + 520, 8, format);
  }

  private int fault(int... bytes) {
    return assertThrows(GuestFault.class, () -> t.run(bytes)).vector;
  }

  @Test void fxsaveLaysOutEverythingAsTheManualSays() {
    fill(c, 1);
    t.run(FXSAVE64);
    assertEquals(0x27F, t.peek(AREA, 2));
    assertEquals(c.fpu.statusWord(), t.peek(AREA + 2, 2));
    assertEquals(c.fpu.valid, t.peek(AREA + 4, 2));
    assertEquals(0x123, t.peek(AREA + 6, 2));
    assertEquals(c.fpu.instructionPointer, t.peek(AREA + 8, 8));
    assertEquals(0x5F95, t.peek(AREA + 24, 4));
    assertEquals(0x2FFFF, t.peek(AREA + 28, 4));
    assertEquals(c.fpu.significand[c.fpu.physical(1)], t.peek(AREA + 48, 8));
    assertEquals(c.fpu.signExponent[c.fpu.physical(1)], t.peek(AREA + 56, 8));
    assertEquals(c.xmm[31], t.peek(AREA + 160 + 8 * 31, 8));
  }

  @Test void fxrstorBringsBackWhatFxsaveStored() {
    fill(c, 2);
    Arrays.fill(c.ymmHigh, 0);
    byte[] before = XsaveArea.export(c).xsave();
    t.run(FXSAVE64);
    reset(c);
    t.run(FXRSTOR64);
    assertArrayEquals(before, XsaveArea.export(c).xsave());
  }

  @Test void narrowFxsaveStoresSelectorsAndHalfTheRegisters() {
    TestCpu narrow = TestCpu.protectedMode(32, 0);
    fill(narrow.cpu, 3);
    narrow.cpu.fpu.instructionSelector = 0x33;
    narrow.cpu.gpr[Cpu.RSI] = AREA;
    narrow.run(0x0F, 0xAE, 0x06);
    assertEquals(0x33_5678_9ABCL, narrow.peek(AREA + 8, 8));
    assertEquals(narrow.cpu.xmm[15], narrow.peek(AREA + 160 + 8 * 15, 8));
    assertEquals(0, narrow.peek(AREA + 160 + 8 * 16, 8));
  }

  @Test void fxrstorDerivesTheErrorSummaryAndDropsReservedBits() {
    t.memory.write(AREA, 8, 0xFFE8_0000_0001_FF7EL);
    t.memory.write(AREA + 24, 4, 0x1F80);
    t.run(FXRSTOR64);
    assertEquals(0x1F7E, c.fpu.control);
    assertEquals(0x8081, c.fpu.status);
    assertEquals(0x7E8, c.fpu.opcode);
  }

  @Test void areasMustBeAligned() {
    c.gpr[Cpu.RSI] = AREA + 8;
    assertEquals(Vector.GP, fault(FXSAVE64));
    c.gpr[Cpu.RSI] = AREA + 16;
    assertEquals(Vector.GP, fault(XSAVE64));
  }

  @Test void xrstorBringsBackWhatXsaveStored() {
    fill(c, 4);
    byte[] before = XsaveArea.export(c).xsave();
    header(0xF0, 0);
    t.run(XSAVE64);
    assertEquals(0xF7, t.peek(AREA + 512, 8), "components that were not asked for keep their bits");
    header(7, 0);
    reset(c);
    t.run(XRSTOR64);
    assertArrayEquals(before, XsaveArea.export(c).xsave());
  }

  @Test void compactedRoundTripToo() {
    fill(c, 5);
    byte[] before = XsaveArea.export(c).xsave();
    t.run(XSAVEC64);
    assertEquals(7, t.peek(AREA + 512, 8));
    assertEquals(Long.MIN_VALUE | 7, t.peek(AREA + 520, 8));
    reset(c);
    t.run(XRSTOR64);
    assertArrayEquals(before, XsaveArea.export(c).xsave());
  }

  @Test void initialComponentsAreNotStoredByXsaveoptButAreRestored() {
    reset(c);
    c.ymmHigh[0] = 5;
    t.memory.write(AREA + 160, 8, 99);
    t.run(XSAVEOPT64);
    assertEquals(4, t.peek(AREA + 512, 8));
    assertEquals(99, t.peek(AREA + 160, 8));
    assertEquals(5, t.peek(AREA + 576, 8));
    fill(c, 6);
    t.run(XRSTOR64);
    assertEquals(0, c.xmm[0]);
    assertEquals(5, c.ymmHigh[0]);
    assertEquals(0x37F, c.fpu.control);
    assertEquals(0x1F80, c.mxcsr);
  }

  @Test void mxcsrAloneMakesSseInUseForXsavecOnly() {
    reset(c);
    c.mxcsr = 0x1FA0;
    assertEquals(0, XsaveArea.inUse(c));
    header(0, 0);
    t.run(XSAVE64);
    assertEquals(0, t.peek(AREA + 512, 8));
    t.run(XSAVEC64);
    assertEquals(2, t.peek(AREA + 512, 8));
    assertEquals(0x1FA0, t.peek(AREA + 24, 4));
  }

  @Test void xrstorRefusesHeadersThatNameWhatIsNotThere() {
    fill(c, 7);
    byte[] before = XsaveArea.export(c).xsave();
    long compacted = Long.MIN_VALUE;
    long[][] bad = {{8, 0}, {compacted, 0}, {0, 1}, {4, compacted | 3}, {0, compacted | 15}};
    t.memory.write(AREA + 24, 4, 0x1F80);
    for (long[] h : bad) {
      header(h[0], h[1]);
      assertEquals(Vector.GP, fault(XRSTOR64));
    }
    header(0, 0);
    t.memory.write(AREA + 528, 8, 1);
    assertEquals(Vector.GP, fault(XRSTOR64));
    header(0, 0);
    t.memory.write(AREA + 24, 4, 0x8000_0000L);
    assertEquals(Vector.GP, fault(XRSTOR64));
    assertArrayEquals(before, XsaveArea.export(c).xsave());
  }

  @Test void compactedHeaderWithoutSseGivesInitialMxcsr() {
    c.mxcsr = 0x1FA0;
    header(0, Long.MIN_VALUE | 7);
    t.memory.write(AREA + 24, 4, 0x8000_0000L);
    t.run(XRSTOR64);
    assertEquals(SimdState.MXCSR_RESET, c.mxcsr);
  }

  @Test void xsaveNeedsTheOperatingSystem() {
    c.paging.cr4 &= ~Cr4.OSXSAVE;
    assertEquals(Vector.UD, fault(XSAVE64));
  }

  @Test void exportAndLoadAreInverse() {
    fill(c, 8);
    c.fpu.instructionSelector = 0x33;
    c.fpu.dataSelector = 0x2B;
    Extended state = XsaveArea.export(c);
    Cpu other = prepared().cpu;
    XsaveArea.load(other, state);
    assertEquals(state, XsaveArea.export(other));
    assertEquals(0x33, other.fpu.instructionSelector);
    assertArrayEquals(c.ymmHigh, other.ymmHigh);
    assertArrayEquals(c.fpu.significand, other.fpu.significand);
  }

  @Test void loadRefusesUnknownComponentsAndReservedMxcsrBits() {
    byte[] image = XsaveArea.export(c).xsave();
    image[513] = 2;
    assertThrows(IllegalArgumentException.class, () -> XsaveArea.load(c, new Extended(image)));
    image[513] = 0;
    image[27] = 1;
    assertThrows(IllegalArgumentException.class, () -> XsaveArea.load(c, new Extended(image)));
  }
}
