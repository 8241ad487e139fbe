package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import annulus.memory.translation.Access;
import org.junit.jupiter.api.Test;

class StackOpsTest {
  private final TestCpu t = TestCpu.longMode(0);
  private final Cpu c = t.cpu;

  @Test void popToMemoryAddressedByTheStackPointerUsesItAfterThePop() {
    t.memory.write(TestCpu.STACK, 8, 0x1122334455667788L);
    t.run(0x8F, 0x44, 0x24, 0x10); // pop qword [rsp+16]
    assertEquals(0x1122334455667788L, t.peek(TestCpu.STACK + 8 + 16, 8));
    assertEquals(TestCpu.STACK + 8, c.gpr[Cpu.RSP]);
  }

  @Test void popToMemoryThatFaultsLeavesTheStackPointer() {
    t.deny(0x20000, Access.WRITE);
    c.gpr[Cpu.RAX] = 0x20000;
    GuestFault fault = assertThrows(GuestFault.class, () -> t.run(0x8F, 0x00));
    assertEquals(Vector.PF, fault.vector);
    assertEquals(TestCpu.STACK, c.gpr[Cpu.RSP]);
  }

  @Test void pushAndPopOfTheStackPointerUseItsOldAndPoppedValue() {
    t.run(0x54);
    assertEquals(TestCpu.STACK, t.peek(TestCpu.STACK - 8, 8));
    t.memory.write(TestCpu.STACK - 8, 8, 0x4444);
    t.run(0x5C);
    assertEquals(0x4444, c.gpr[Cpu.RSP]);
  }

  @Test void pushThatFaultsChangesNothing() {
    t.deny(TestCpu.STACK - 8, Access.WRITE);
    assertThrows(GuestFault.class, () -> t.run(0x50));
    assertEquals(TestCpu.STACK, c.gpr[Cpu.RSP]);
  }

  @Test void aNonCanonicalStackRaisesSs() {
    c.gpr[Cpu.RSP] = 0x0000_8000_0000_0008L;
    assertEquals(Vector.SS, assertThrows(GuestFault.class, () -> t.run(0x58)).vector);
  }

  @Test void pushAllThenPopAllRestoresEveryRegisterButTheSkippedPointer() {
    TestCpu p = TestCpu.protectedMode(32, 0);
    for (int r = 0; r < 8; r++) {
      p.cpu.gpr[r] = r == Cpu.RSP ? TestCpu.STACK : 0x1111_1111L * r;
    }
    p.run(0x60);
    assertEquals(TestCpu.STACK - 32, p.cpu.gpr[Cpu.RSP]);
    assertEquals(TestCpu.STACK, p.peek(TestCpu.STACK - 20, 4));
    for (int r = 0; r < 8; r++) {
      p.cpu.gpr[r] = r == Cpu.RSP ? p.cpu.gpr[r] : 99;
    }
    p.memory.write(TestCpu.STACK - 20, 4, 0xBAD);
    p.run(0x61);
    for (int r = 0; r < 8; r++) {
      assertEquals(r == Cpu.RSP ? TestCpu.STACK : 0x1111_1111L * r, p.cpu.gpr[r]);
    }
  }

  @Test void pushAllAcrossAPageThatFaultsWritesNothing() {
    TestCpu p = TestCpu.protectedMode(32, 0);
    p.cpu.gpr[Cpu.RSP] = 0x9010;
    p.cpu.gpr[Cpu.RAX] = 0x77;
    p.deny(0x8FFF, Access.WRITE);
    assertThrows(GuestFault.class, () -> p.run(0x60));
    assertEquals(0x9010, p.cpu.gpr[Cpu.RSP]);
    assertEquals(0, p.peek(0x900C, 4));
  }

  @Test void enterCopiesTheDisplayAndLeaveUndoesIt() {
    c.gpr[Cpu.RBP] = 0x9000;
    t.memory.write(0x8FF8, 8, 0xAAAA);
    t.memory.write(0x8FF0, 8, 0xBBBB);
    t.run(0xC8, 0x20, 0x00, 0x03);
    assertEquals(0x9000, t.peek(0x7FF8, 8));
    assertEquals(0xAAAA, t.peek(0x7FF0, 8));
    assertEquals(0xBBBB, t.peek(0x7FE8, 8));
    assertEquals(0x7FF8, t.peek(0x7FE0, 8));
    assertEquals(0x7FF8, c.gpr[Cpu.RBP]);
    assertEquals(0x7FE0 - 0x20, c.gpr[Cpu.RSP]);
    t.run(0xC9);
    assertEquals(0x9000, c.gpr[Cpu.RBP]);
    assertEquals(TestCpu.STACK, c.gpr[Cpu.RSP]);
  }

  @Test void enterChecksTheFinalStackPointerBeforeItChangesAnything() {
    t.deny(0x6000, Access.WRITE);
    GuestFault fault = assertThrows(GuestFault.class, () -> t.run(0xC8, 0x00, 0x18, 0x00));
    assertEquals(Vector.PF, fault.vector);
    assertEquals(TestCpu.STACK, c.gpr[Cpu.RSP]);
    assertEquals(0, t.peek(0x7FF8, 8));
  }

  @Test void aSixteenBitStackKeepsTheUpperHalfOfItsPointer() {
    TestCpu p = TestCpu.protectedMode(32, 0);
    p.cpu.seg[Seg.SS].set(0x10, 0x10000, 0xFFFF, 0x93);
    p.cpu.modeChanged();
    p.cpu.gpr[Cpu.RSP] = 0xABCD_0002L;
    p.cpu.gpr[Cpu.RAX] = 0x1234_5678;
    p.run(0x66, 0x50);
    assertEquals(0xABCD_0000L, p.cpu.gpr[Cpu.RSP]);
    p.run(0x50);
    assertEquals(0xABCD_FFFCL, p.cpu.gpr[Cpu.RSP]);
    assertEquals(0x1234_5678, p.peek(0x1FFFC, 4));
  }
}
