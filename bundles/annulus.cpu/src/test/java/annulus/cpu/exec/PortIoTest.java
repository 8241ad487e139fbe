package annulus.cpu.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.GuestFault;
import annulus.cpu.testing.TestCpu;
import annulus.memory.translation.Access;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortIoTest {
  private static final int TSS = 0x5000;
  private static final int MAP = 0x68;

  /** Ring 3 under IOPL 0 with a task state that ends {@code bytes} bytes into its permission map. */
  private static TestCpu user(int bytes) {
    TestCpu t = TestCpu.protectedMode(32, 3);
    t.cpu.seg[Seg.TR].set(0x28, TSS, MAP + bytes - 1, 0x8B);
    t.memory.write(TSS + 0x66, 2, MAP);
    return t;
  }

  private static void assertGp(TestCpu t, int... code) {
    assertEquals(Vector.GP, assertThrows(GuestFault.class, () -> t.run(code)).vector);
    assertEquals(List.of(), t.bus.log);
  }

  @Test void inputGoesToTheAccumulatorInItsWidth() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.gpr[Cpu.RAX] = -1;
    t.cpu.gpr[Cpu.RDX] = 0xABCD_0CF8L;
    t.bus.ports.put(0x60, 0x12);
    t.bus.ports.put(0xCF8, 0x8899AABB);
    t.run(0xE4, 0x60);
    assertEquals(0xFFFF_FFFF_FFFF_FF12L, t.cpu.gpr[Cpu.RAX]);
    t.run(0xED);
    assertEquals(0x8899AABBL, t.cpu.gpr[Cpu.RAX]);
    t.run(0x66, 0xEF);
    assertEquals(List.of("in 60 1", "in cf8 4", "out cf8 2 aabb"), t.bus.log);
  }

  @Test void theMapPermitsAPortOnlyIfAllItsBitsAreClear() {
    TestCpu t = user(0x20);
    t.poke(TSS + MAP, 0x00, 0x01);
    t.cpu.gpr[Cpu.RDX] = 7;
    t.run(0xEC);
    t.bus.log.clear();
    assertGp(t, 0x66, 0xED);
    t.cpu.gpr[Cpu.RDX] = 8;
    assertGp(t, 0xEC);
  }

  @Test void portsBeyondTheTaskStateAreForbidden() {
    TestCpu t = user(2);
    t.cpu.gpr[Cpu.RDX] = 7;
    t.run(0xEC);
    t.bus.log.clear();
    t.cpu.gpr[Cpu.RDX] = 8;
    assertGp(t, 0xEC);
  }

  @Test void aSixteenBitTaskStateHasNoMap() {
    TestCpu t = user(0x20);
    t.cpu.seg[Seg.TR].attributes = 0x83;
    assertGp(t, 0xE4, 0);
  }

  @Test void ioPrivilegeLiftsTheMapButNotInVirtual8086Mode() {
    TestCpu t = user(0x20);
    t.poke(TSS + MAP, 0xFF);
    t.cpu.systemFlags |= Rflags.IOPL;
    t.run(0xE4, 0);
    TestCpu v = TestCpu.virtual8086(3);
    v.cpu.seg[Seg.TR].set(0x28, TSS, MAP + 0x1F, 0x8B);
    v.memory.write(TSS + 0x66, 2, MAP);
    v.poke(TSS + MAP, 0xFF);
    assertGp(v, 0xE4, 0);
  }

  @Test void stringInputChecksItsDestinationBeforeItReadsThePort() {
    TestCpu t = TestCpu.longMode(0);
    t.deny(0x11000, Access.WRITE);
    t.cpu.gpr[Cpu.RDX] = 0x1F0;
    t.cpu.gpr[Cpu.RDI] = 0x10FFC;
    t.cpu.gpr[Cpu.RCX] = 4;
    t.bus.ports.put(0x1F0, 0x1234);
    assertThrows(GuestFault.class, () -> t.run(0xF3, 0x66, 0x6D));
    assertEquals(2, t.bus.log.size());
    assertEquals(2, t.cpu.gpr[Cpu.RCX]);
    assertEquals(0x11000, t.cpu.gpr[Cpu.RDI]);
    assertEquals(0x12341234, t.peek(0x10FFC, 4));
  }

  @Test void stringOutputSendsEachElement() {
    TestCpu t = TestCpu.longMode(0);
    t.poke(0x10000, 1, 2, 3);
    t.cpu.gpr[Cpu.RDX] = 0x3F8;
    t.cpu.gpr[Cpu.RSI] = 0x10000;
    t.cpu.gpr[Cpu.RCX] = 3;
    t.run(0xF3, 0x6E);
    assertEquals(List.of("out 3f8 1 1", "out 3f8 1 2", "out 3f8 1 3"), t.bus.log);
  }

  @Test void anIoBreakpointMatchesItsPortUnderDebuggingExtensions() {
    TestCpu t = TestCpu.longMode(0);
    t.cpu.paging.cr4 |= Cr4.DE;
    t.cpu.dr[1] = 0x60;
    t.cpu.dr[7] = 1 << 2 | 2 << 20;
    t.run(0xE4, 0x61);
    assertEquals(0, t.cpu.pendingDebug);
    t.run(0xE4, 0x60);
    assertTrue((t.cpu.pendingDebug & 2) != 0);
  }
}
