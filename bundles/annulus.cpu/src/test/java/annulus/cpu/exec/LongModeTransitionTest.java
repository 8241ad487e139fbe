package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuMode;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.exec.Rings.Fault;
import org.junit.jupiter.api.Test;

/** Events and system calls in long mode. */
class LongModeTransitionTest {
  private static final long STAR = (long) (Rings.LONG_CODE3 - 16) << 48 | (long) Rings.LONG_CODE0 << 32;

  @Test void exceptionFromRing3AlignsTheStackAndNullsSs() {
    Rings r = Rings.longMode(3);
    r.longGate(Vector.PF, 0, 0xFFFF_8000_0000_1000L, 0);
    r.t.memory.write(Rings.TSS + 4, 8, Rings.RING0_STACK + 8);
    assertTrue(Interrupts.deliver(r.c, Vector.PF, 6, Interrupts.EXCEPTION));
    assertEquals(0xFFFF_8000_0000_1000L, r.c.rip);
    assertEquals(Rings.RING0_STACK - 48, r.c.gpr[Cpu.RSP]);
    assertEquals(0, r.c.seg[Seg.SS].selector);
    assertEquals(6, r.stack(0, 8));
    assertEquals(0x1000, r.stack(1, 8));
    assertEquals(Rings.LONG_CODE3, r.stack(2, 8));
    assertEquals(0x8000, r.stack(4, 8));
    assertEquals(Rings.DATA3, r.stack(5, 8));
    r.c.gpr[Cpu.RSP] += 8;
    assertNull(r.step(0x48, 0xCF));
    assertEquals(3, r.c.cpl);
    assertEquals(Rings.DATA3, r.c.seg[Seg.SS].selector);
    assertEquals(0x8000, r.c.gpr[Cpu.RSP]);
  }

  @Test void interruptStackTableAppliesWithinRing0Too() {
    Rings r = Rings.longMode(0);
    r.longGate(Vector.NMI, 0, 0x5000, 3);
    r.t.memory.write(Rings.TSS + 0x24 + 16, 8, 0x4_0008);
    assertTrue(Interrupts.deliver(r.c, Vector.NMI, 0, Interrupts.NMI));
    assertEquals(0x4_0000 - 40, r.c.gpr[Cpu.RSP]);
    assertEquals(Rings.DATA0, r.c.seg[Seg.SS].selector);
    assertTrue(r.c.nmiBlocked);
    assertNull(r.step(0x48, 0xCF));
    assertFalse(r.c.nmiBlocked);
    assertEquals(0x8000, r.c.gpr[Cpu.RSP]);
  }

  @Test void syscallAndSysretCrossTheRings() {
    Rings r = Rings.longMode(3);
    r.c.star = STAR;
    r.c.lstar = 0xFFFF_8000_0000_2000L;
    r.c.syscallMask = Rflags.IF | Rflags.TF;
    r.c.systemFlags = Rflags.IF;
    assertNull(r.step(0x0F, 0x05));
    assertEquals(0, r.c.cpl);
    assertEquals(Rings.LONG_CODE0, r.c.seg[Seg.CS].selector);
    assertEquals(Rings.LONG_CODE0 + 8, r.c.seg[Seg.SS].selector);
    assertEquals(0x1002, r.c.gpr[Cpu.RCX]);
    assertTrue((r.c.gpr[11] & Rflags.IF) != 0);
    assertEquals(0, r.c.systemFlags & Rflags.IF);
    assertNull(r.step(0x48, 0x0F, 0x07));
    assertEquals(3, r.c.cpl);
    assertEquals(0x1002, r.c.rip);
    assertEquals(CpuMode.LONG, r.c.mode);
    assertTrue((r.c.systemFlags & Rflags.IF) != 0);
  }

  @Test void sysretTo32BitCodeEntersCompatibilityMode() {
    Rings r = Rings.longMode(0);
    r.c.star = STAR;
    r.c.gpr[Cpu.RCX] = 0x1_0000_3000L;
    r.c.gpr[11] = 2;
    assertNull(r.step(0x0F, 0x07));
    assertEquals(CpuMode.COMPATIBILITY, r.c.mode);
    assertEquals(0x3000, r.c.rip);
    assertEquals(Rings.LONG_CODE3 - 16 | 3, r.c.seg[Seg.CS].selector);
  }

  @Test void sysretFaultsInRing0ForAnAddressThatIsNotCanonical() {
    Rings r = Rings.longMode(0);
    r.c.gpr[Cpu.RCX] = 0x8000_0000_0000L;
    assertEquals(new Fault(Vector.GP, 0), r.step(0x48, 0x0F, 0x07));
    assertEquals(0, r.c.cpl);
  }

  @Test void swapgsIsForRing0Only() {
    Rings r = Rings.longMode(3);
    assertEquals(new Fault(Vector.GP, 0), r.step(0x0F, 0x01, 0xF8));
    r = Rings.longMode(0);
    r.c.kernelGsBase = 77;
    r.c.seg[Seg.GS].base = 5;
    assertNull(r.step(0x0F, 0x01, 0xF8));
    assertEquals(77, r.c.seg[Seg.GS].base);
    assertEquals(5, r.c.kernelGsBase);
  }

  @Test void iretToANestedTaskDoesNotExistInLongMode() {
    Rings r = Rings.longMode(0);
    r.c.systemFlags |= Rflags.NT;
    assertEquals(new Fault(Vector.GP, 0), r.step(0x48, 0xCF));
  }

  @Test void farCallThroughA64BitGateEntersRing0() {
    Rings r = Rings.longMode(3);
    r.descriptor(Rings.FREE, Rings.gate(12, 3, Rings.LONG_CODE0, 0x6000, 0));
    r.descriptor(Rings.FREE + 8, 0xFFFF_8000L);
    r.t.memory.write(0x7000, 8, (long) Rings.FREE << 32);
    r.c.gpr[Cpu.RAX] = 0x7000;
    assertNull(r.step(0xFF, 0x18));
    assertEquals(0, r.c.cpl);
    assertEquals(0xFFFF_8000_0000_6000L, r.c.rip);
    assertEquals(0x1002, r.stack(0, 8));
    assertEquals(0x8000, r.stack(2, 8));
    // 48 CB: RETF with 64-bit operands goes back out.
    assertNull(r.step(0x48, 0xCB));
    assertEquals(3, r.c.cpl);
    assertEquals(0x1002, r.c.rip);
    assertEquals(0x8000, r.c.gpr[Cpu.RSP]);
  }
}
