package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.arch.CpuMode;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import annulus.memory.translation.Access;
import org.junit.jupiter.api.Test;

/** What the hardware oracle found wrong and rarely meets by chance. */
final class SiliconFindingsTest {
  @Test void counterOfRepeatedStoresIsUnsigned() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.gpr[Cpu.RDI] = 0x10000;
    t.cpu.gpr[Cpu.RCX] = Long.MIN_VALUE;
    t.deny(0x11000, Access.READ | Access.WRITE);
    GuestFault f = assertThrows(GuestFault.class, () -> t.run(0xF3, 0xAB));
    assertEquals(Vector.PF, f.vector);
    assertEquals(0x11000, t.cpu.cr2);
    assertEquals(0x11000, t.cpu.gpr[Cpu.RDI]);
    assertEquals(Long.MIN_VALUE - 0x400, t.cpu.gpr[Cpu.RCX]);
  }

  @Test void storeAcrossPagesFaultsOnTheLowerOne() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.gpr[Cpu.RAX] = 0x10FFE;
    t.deny(0x10000, Access.WRITE);
    t.deny(0x11000, Access.READ | Access.WRITE);
    assertEquals(Vector.PF, assertThrows(GuestFault.class, () -> t.run(0x89, 0x08)).vector);
    assertEquals(0x10FFE, t.cpu.cr2);
  }

  @Test void storeOfAnEmptyRegisterFaultsOnItsPageFirst() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.fpu.control = 0x37E;
    t.cpu.gpr[Cpu.RAX] = 0x10000;
    t.deny(0x10000, Access.WRITE);
    assertEquals(Vector.PF, assertThrows(GuestFault.class, () -> t.run(0xD9, 0x18)).vector);
    assertEquals(0, t.cpu.fpu.status);
  }

  @Test void undocumentedStorePopsAnEmptyRegisterWithoutAFault() {
    TestCpu t = TestCpu.longMode(0);
    t.run(0xD9, 0xD9);
    assertEquals(0, t.cpu.fpu.status);
    assertEquals(1, t.cpu.fpu.top);
  }

  @Test void farCallOf64BitCodePushesOnTheStackOfTheCodeThatItCalls() {
    Rings r = Rings.longMode(3);
    r.t.memory.write(0x9000, 4, 0x3000);
    r.t.memory.write(0x9004, 2, Rings.CODE3);
    r.c.gpr[Cpu.RAX] = 0x9000;
    r.c.gpr[Cpu.RSP] = 0xFFFE_0000_0000_8000L;
    assertNull(r.step(0xFF, 0x18));
    assertEquals(CpuMode.COMPATIBILITY, r.c.mode);
    assertEquals(0x3000, r.c.rip);
    assertEquals(0x7FF8, r.c.gpr[Cpu.RSP]);
    assertEquals(0x1002, r.stack(0, 4));
    assertEquals(Rings.LONG_CODE3, r.stack(1, 4));
  }
}
