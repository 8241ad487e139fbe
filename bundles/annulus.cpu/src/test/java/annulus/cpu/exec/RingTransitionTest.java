package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuMode;
import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.VcpuState;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.exec.Rings.Fault;
import annulus.memory.translation.Access;
import org.junit.jupiter.api.Test;

/** Transfers between rings and their events, legacy modes. */
class RingTransitionTest {
  private static final int CALL_GATE = Rings.FREE;

  @Test void callGateSwitchesTheStackAndCopiesParameters() {
    Rings r = Rings.protectedMode(3);
    r.descriptor(CALL_GATE, Rings.gate(12, 3, Rings.CODE0, Rings.HANDLER, 2));
    r.t.memory.write(0x8000, 4, 0x1111);
    r.t.memory.write(0x8004, 4, 0x2222);
    assertNull(r.step(0x9A, 0, 0, 0, 0, CALL_GATE | 3, 0));
    assertEquals(0, r.c.cpl);
    assertEquals(Rings.CODE0, r.c.seg[Seg.CS].selector);
    assertEquals(Rings.DATA0, r.c.seg[Seg.SS].selector);
    assertEquals(Rings.HANDLER, r.c.rip);
    assertEquals(Rings.RING0_STACK - 24, r.c.gpr[Cpu.RSP]);
    long[] frame = {0x1007, Rings.CODE3, 0x1111, 0x2222, 0x8000, Rings.DATA3};
    for (int n = 0; n < frame.length; n++) {
      assertEquals(frame[n], r.stack(n, 4), "dword " + n);
    }
    // RETF 8 releases the parameters on both stacks and nulls the segments ring 3 may not use.
    r.c.seg[Seg.ES].set(Rings.DATA0, 0, 0xFFFF_FFFFL, 0xC093);
    assertNull(r.step(0xCA, 8, 0));
    assertEquals(3, r.c.cpl);
    assertEquals(0x1007, r.c.rip);
    assertEquals(0x8008, r.c.gpr[Cpu.RSP]);
    assertFalse(r.c.seg[Seg.ES].usable());
    assertTrue(r.c.seg[Seg.DS].usable());
  }

  @Test void callGateFaultsBeforeAnythingChanges() {
    Rings r = Rings.protectedMode(3);
    r.descriptor(CALL_GATE, Rings.gate(12, 3, Rings.CODE0, Rings.HANDLER, 0));
    r.t.memory.write(Rings.TSS + 8, 2, Rings.DATA3);
    assertEquals(new Fault(Vector.TS, Rings.DATA3 & ~3), r.step(0x9A, 0, 0, 0, 0, CALL_GATE, 0));
    r.t.memory.write(Rings.TSS + 8, 2, Rings.DATA0);
    r.t.deny(Rings.RING0_STACK - 16, Access.WRITE);
    assertEquals(Vector.PF, java.util.Objects.requireNonNull(r.step(0x9A, 0, 0, 0, 0, CALL_GATE, 0)).vector());
    assertEquals(3, r.c.cpl);
    assertEquals(0x8000, r.c.gpr[Cpu.RSP]);
    assertEquals(Rings.DATA3, r.c.seg[Seg.SS].selector);
    r.descriptor(CALL_GATE, Rings.gate(12, 0, Rings.CODE0, Rings.HANDLER, 0));
    assertEquals(new Fault(Vector.GP, CALL_GATE), r.step(0x9A, 0, 0, 0, 0, CALL_GATE, 0));
  }

  @Test void interruptFromRing3AndBack() {
    Rings r = Rings.protectedMode(3);
    r.c.systemFlags = Rflags.IF;
    r.interruptGate(0x80, 14, 3, Rings.CODE0, Rings.HANDLER);
    assertNull(r.step(0xCD, 0x80));
    assertEquals(0, r.c.cpl);
    assertEquals(0, r.c.systemFlags & Rflags.IF);
    assertEquals(0x1002, r.stack(0, 4));
    assertEquals(Rings.CODE3, r.stack(1, 4));
    assertTrue((r.stack(2, 4) & Rflags.IF) != 0);
    assertEquals(0x8000, r.stack(3, 4));
    assertEquals(Rings.DATA3, r.stack(4, 4));
    r.c.seg[Seg.GS].set(Rings.DATA0, 0, 0xFFFF_FFFFL, 0xC093);
    assertNull(r.step(0xCF));
    assertEquals(3, r.c.cpl);
    assertEquals(0x1002, r.c.rip);
    assertEquals(0x8000, r.c.gpr[Cpu.RSP]);
    assertTrue((r.c.systemFlags & Rflags.IF) != 0);
    assertFalse(r.c.seg[Seg.GS].usable());
  }

  @Test void softwareInterruptNeedsTheGatesPrivilegeAndAnExceptionDoesNot() {
    Rings r = Rings.protectedMode(3);
    r.interruptGate(Vector.GP, 14, 0, Rings.CODE0, Rings.HANDLER);
    assertEquals(new Fault(Vector.GP, Vector.GP * 8 + 2), r.step(0xCD, Vector.GP));
    assertTrue(Interrupts.deliver(r.c, Vector.GP, 0x6A, Interrupts.EXCEPTION));
    assertEquals(0x6A, r.stack(0, 4));
    assertEquals(0x1000, r.stack(1, 4));
    assertTrue((r.stack(3, 4) & Rflags.RF) != 0);
  }

  @Test void contributoryFaultDuringDeliveryIsADoubleFault() {
    Rings r = Rings.protectedMode(3);
    r.interruptGate(Vector.DF, 14, 0, Rings.CODE0, Rings.HANDLER);
    // Vector 13 has no gate: #NP or #GP while #GP is delivered.
    assertTrue(Interrupts.deliver(r.c, Vector.GP, 0, Interrupts.EXCEPTION));
    assertEquals(Rings.HANDLER, r.c.rip);
    assertEquals(0, r.stack(0, 4));
  }

  @Test void faultDuringExternalInterruptIsDeliveredWithExt() {
    Rings r = Rings.protectedMode(0);
    r.interruptGate(Vector.GP, 14, 0, Rings.CODE0, Rings.HANDLER);
    assertTrue(Interrupts.deliver(r.c, 0x30, 0, Interrupts.EXTERNAL));
    assertEquals(0x30 * 8 + 2 + 1, r.stack(0, 4));
  }

  @Test void noDoubleFaultHandlerShutsTheProcessorDown() {
    Rings r = Rings.protectedMode(3);
    assertFalse(Interrupts.deliver(r.c, Vector.GP, 0, Interrupts.EXCEPTION));
    assertEquals(VcpuState.Activity.SHUTDOWN, r.c.activity);
  }

  @Test void virtual8086InterruptEntersRing0WithItsSegments() {
    Rings r = Rings.virtual8086(3);
    r.interruptGate(0x21, 14, 3, Rings.CODE0, Rings.HANDLER);
    for (int s = Seg.ES; s <= Seg.GS; s++) {
      r.c.seg[s].setReal(0x100 * (s + 1));
    }
    assertNull(r.step(0xCD, 0x21));
    assertEquals(CpuMode.PROTECTED, r.c.mode);
    assertEquals(0, r.c.cpl);
    assertEquals(Rings.RING0_STACK - 36, r.c.gpr[Cpu.RSP]);
    long[] selectors = {0x1002, 0x200, 0, 0x8000, 0x300, 0x100, 0x400, 0x500, 0x600};
    for (int n = 0; n < selectors.length; n++) {
      if (n != 2) {
        assertEquals(selectors[n], r.stack(n, 4), "dword " + n);
      }
    }
    assertTrue((r.stack(2, 4) & Rflags.VM) != 0);
    assertFalse(r.c.seg[Seg.DS].usable());
    assertNull(r.step(0xCF));
    assertEquals(CpuMode.VIRTUAL_8086, r.c.mode);
    assertEquals(3, r.c.cpl);
    assertEquals(0x600, r.c.seg[Seg.GS].selector);
    assertEquals(0x2000, r.c.seg[Seg.CS].base);
  }

  @Test void virtual8086ExtensionsRedirectInterruptsToTheProgram() {
    Rings r = Rings.virtual8086(0);
    assertEquals(new Fault(Vector.GP, 0), r.step(0xCD, 0x21));
    r.c.paging.cr4 |= Cr4.VME;
    r.t.memory.write(Rings.TSS + 0x66, 2, 0x100);
    r.t.memory.write(4 * 0x21, 4, 0x0040_1234);
    r.c.systemFlags |= Rflags.VIF;
    assertNull(r.step(0xCD, 0x21));
    assertEquals(0x40, r.c.seg[Seg.CS].selector);
    assertEquals(0x1234, r.c.rip);
    assertEquals(0, r.c.systemFlags & Rflags.VIF);
    assertEquals(Rflags.IF | Rflags.IOPL, r.stack(2, 2) & (Rflags.IF | Rflags.IOPL));
    // Bit set in the redirection bitmap: to protected mode, which needs IOPL 3.
    r.t.memory.write(Rings.TSS + 0x100 - 32 + 4, 1, 2);
    assertEquals(new Fault(Vector.GP, 0), r.step(0xCD, 0x21));
  }

  @Test void taskSwitchThereAndBack() {
    Rings r = Rings.protectedMode(0);
    long other = 0x2_3000;
    r.taskState(Rings.FREE, other, 0x89);
    r.t.memory.write(other + 0x20, 4, Rings.HANDLER);
    r.t.memory.write(other + 0x24, 4, 2);
    r.t.memory.write(other + 0x28, 4, 0xCAFE);
    r.t.memory.write(other + 0x38, 4, 0x9000);
    for (int n = 0; n < 6; n++) {
      r.t.memory.write(other + 0x48 + 4L * n, 4, n == 1 ? Rings.CODE3 : Rings.DATA3);
    }
    r.c.gpr[Cpu.RAX] = 0xBEEF;
    assertNull(r.step(0x9A, 0, 0, 0, 0, Rings.FREE, 0));
    assertEquals(0xCAFE, r.c.gpr[Cpu.RAX]);
    assertEquals(3, r.c.cpl);
    assertEquals(Rings.HANDLER, r.c.rip);
    assertTrue((r.c.systemFlags & Rflags.NT) != 0);
    assertEquals(Rings.TASK, r.t.peek(other, 2));
    assertEquals(0xB, Descriptors.type(r.descriptor(Rings.FREE)));
    assertEquals(0xB, Descriptors.type(r.descriptor(Rings.TASK)));
    assertNull(r.step(0xCF));
    assertEquals(0xBEEF, r.c.gpr[Cpu.RAX]);
    assertEquals(0, r.c.cpl);
    assertEquals(0x1007, r.c.rip);
    assertEquals(0, r.c.systemFlags & Rflags.NT);
    assertEquals(9, Descriptors.type(r.descriptor(Rings.FREE)));
    assertEquals(Rings.TASK, r.c.seg[Seg.TR].selector);
    // A task that is running cannot be called again.
    r.taskState(Rings.FREE, other, 0x8B);
    assertEquals(new Fault(Vector.GP, Rings.FREE), r.step(0x9A, 0, 0, 0, 0, Rings.FREE, 0));
  }

  @Test void faultInTheNewTaskIsDeliveredThere() {
    Rings r = Rings.protectedMode(0);
    long other = 0x2_3000;
    r.taskState(Rings.FREE, other, 0x89);
    r.interruptGate(Vector.TS, 14, 0, Rings.CODE0, 0x5000);
    r.t.memory.write(other + 0x20, 4, Rings.HANDLER);
    r.t.memory.write(other + 0x38, 4, 0x9000);
    r.t.memory.write(other + 0x4C, 4, Rings.CODE0);
    r.t.memory.write(other + 0x50, 4, Rings.DATA0);
    r.t.memory.write(other + 0x54, 4, Rings.CODE0 | 0x800);
    r.t.memory.write(Rings.GDT + 0x808, 8, 0);
    assertNull(r.step(0xEA, 0, 0, 0, 0, Rings.FREE, 0));
    assertEquals(0x5000, r.c.rip);
    assertEquals(Rings.CODE0 | 0x800, r.stack(0, 4));
    assertEquals(Rings.HANDLER, r.stack(1, 4));
    assertEquals(Rings.FREE, r.c.seg[Seg.TR].selector);
  }

  @Test void stackSegmentNeedsItsOwnPrivilege() {
    Rings r = Rings.protectedMode(3);
    r.c.gpr[Cpu.RAX] = Rings.DATA0;
    assertEquals(new Fault(Vector.GP, Rings.DATA0), r.step(0x8E, 0xD0));
    r.c.gpr[Cpu.RAX] = 0;
    assertEquals(new Fault(Vector.GP, 0), r.step(0x8E, 0xD0));
    assertNull(r.step(0x8E, 0xD8));
    assertFalse(r.c.seg[Seg.DS].usable());
    r.descriptor(Rings.FREE, r.descriptor(Rings.DATA3) & ~(1L << 47));
    r.c.gpr[Cpu.RAX] = Rings.FREE | 3;
    assertEquals(new Fault(Vector.SS, Rings.FREE), r.step(0x8E, 0xD0));
    assertEquals(new Fault(Vector.NP, Rings.FREE), r.step(0x8E, 0xD8));
  }

  @Test void loadingASegmentSetsItsAccessedBit() {
    Rings r = Rings.protectedMode(3);
    r.segment(Rings.FREE, 0xC0F2);
    r.c.gpr[Cpu.RAX] = Rings.FREE | 3;
    assertNull(r.step(0x8E, 0xC0));
    assertEquals(3, Descriptors.type(r.descriptor(Rings.FREE)));
    assertEquals(0xF3, r.c.seg[Seg.ES].attributes & 0xFF);
  }
}
