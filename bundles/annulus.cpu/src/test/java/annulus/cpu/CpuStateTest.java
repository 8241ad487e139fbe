package annulus.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.arch.Efer;
import annulus.arch.Msr;
import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.cpu.testing.TestCpu;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The canonical state of a processor. */
class CpuStateTest {
  private static List<TestCpu> inEveryMode() {
    return List.of(TestCpu.real(), TestCpu.virtual8086(2), TestCpu.protectedMode(16, 3), TestCpu.protectedMode(32, 0),
        TestCpu.longMode(0), TestCpu.longMode(3));
  }

  private static void scramble(Cpu c, Random random) {
    for (int r = 0; r < 16; r++) {
      c.gpr[r] = random.nextLong();
    }
    for (int n = 0; n < 32; n++) {
      c.xmm[n] = random.nextLong();
      c.ymmHigh[n] = random.nextLong();
    }
    for (int n = 0; n < 8; n++) {
      c.fpu.significand[n] = random.nextLong();
      c.fpu.signExponent[n] = random.nextInt(0x1_0000);
    }
    c.fpu.top = random.nextInt(8);
    c.fpu.valid = random.nextInt(256);
    c.fpu.instructionPointer = random.nextLong();
    c.rip = random.nextInt(0x1_0000);
    Flags.setStatus(c, random.nextInt());
    c.cr2 = random.nextLong();
    c.dr[0] = random.nextLong();
    c.dr[7] = 0x400 | random.nextInt(256);
    c.lstar = random.nextInt();
    c.kernelGsBase = random.nextInt();
    c.tscAux = random.nextInt(100);
    c.tscOffset = random.nextLong();
    c.tscAdjust = random.nextLong();
    c.coldMsrs.mtrrDefault = 0xC06;
    c.paging.pkru = random.nextInt();
    c.stiShadow = random.nextBoolean();
    c.nmiBlocked = random.nextBoolean();
  }

  @Test void exportOfARestoredStateIsThatState() throws StateException {
    Random random = new Random(1);
    for (TestCpu from : inEveryMode()) {
      scramble(from.cpu, random);
      VcpuState state = CpuState.export(from.cpu, StateGroup.ALL);
      TestCpu to = TestCpu.real();
      CpuState.restore(to.cpu, state);
      assertEquals(state, CpuState.export(to.cpu, StateGroup.ALL));
      assertEquals(from.cpu.cpl, to.cpu.cpl);
      assertEquals(from.cpu.mode, to.cpu.mode);
      assertEquals(from.cpu.tsc(), to.cpu.tsc());
    }
  }

  @Test void groupsTravelAlone() throws StateException {
    TestCpu from = TestCpu.longMode(0);
    scramble(from.cpu, new Random(2));
    TestCpu to = TestCpu.longMode(0);
    for (StateGroup g : StateGroup.values()) {
      VcpuState part = CpuState.export(from.cpu, g.bit());
      assertEquals(g.bit(), part.groups());
      CpuState.restore(to.cpu, part);
    }
    assertEquals(CpuState.export(from.cpu, StateGroup.ALL), CpuState.export(to.cpu, StateGroup.ALL));
  }

  private static VcpuState.Control control(VcpuState s, UnaryOperator<long[]> change) {
    VcpuState.Control c = Objects.requireNonNull(s.control());
    long[] v = change.apply(new long[] {c.cr0(), c.cr3(), c.cr4(), c.cr8(), c.xcr0(), c.efer()});
    return new VcpuState.Control(v[0], c.cr2(), v[1], v[2], v[3], v[4], v[5], c.pkru());
  }

  private static VcpuState with(VcpuState s, VcpuState.Control control) {
    return new VcpuState(s.general(), s.segments(), control, s.debug(), s.extended(), s.msrs(), s.events());
  }

  private static VcpuState with(VcpuState s, int segment, SegmentState state) {
    VcpuState.Segments old = Objects.requireNonNull(s.segments());
    List<SegmentState> registers = new ArrayList<>(old.registers());
    registers.set(segment, state);
    return new VcpuState(s.general(), new VcpuState.Segments(registers, old.gdtr(), old.idtr()), s.control(), s.debug(), s.extended(),
        s.msrs(), s.events());
  }

  private static VcpuState with(VcpuState s, Map<Integer, Long> msrs) {
    return new VcpuState(s.general(), s.segments(), s.control(), s.debug(), s.extended(), new VcpuState.Msrs(msrs), s.events());
  }

  @Test void aStateThatCannotBeIsRefusedAndNothingChanges() {
    TestCpu t = TestCpu.longMode(0);
    VcpuState good = CpuState.export(t.cpu, StateGroup.ALL);
    VcpuState.General g = Objects.requireNonNull(good.general());
    byte[] badMxcsr = Objects.requireNonNull(good.extended()).xsave();
    badMxcsr[27] = 1;
    List<VcpuState> bad = List.of(
        with(good, control(good, v -> new long[] {v[0] & ~Cr0.PE, v[1], v[2], v[3], v[4], v[5]})),
        with(good, control(good, v -> new long[] {v[0] | 1L << 40, v[1], v[2], v[3], v[4], v[5]})),
        with(good, control(good, v -> new long[] {v[0], -1, v[2], v[3], v[4], v[5]})),
        with(good, control(good, v -> new long[] {v[0], v[1], 0, v[3], v[4], v[5]})),
        with(good, control(good, v -> new long[] {v[0], v[1], v[2] | 1L << 63, v[3], v[4], v[5]})),
        with(good, control(good, v -> new long[] {v[0], v[1], v[2], 16, v[4], v[5]})),
        with(good, control(good, v -> new long[] {v[0], v[1], v[2], v[3], 2, v[5]})),
        with(good, control(good, v -> new long[] {v[0], v[1], v[2], v[3], v[4], v[5] & ~Efer.LME})),
        with(good, 1, SegmentState.flat(8, 0x9B | SegmentState.LONG | SegmentState.BIG)),
        with(good, 1, SegmentState.flat(8, SegmentState.UNUSABLE)),
        with(good, 4, new SegmentState(0, 1L << 60, 0, 0x93)),
        with(good, 7, SegmentState.flat(0, SegmentState.UNUSABLE)),
        with(good, Map.of(0x1234, 0L)),
        with(good, Map.of(Msr.LSTAR, 1L << 62)),
        with(good, Map.of(Msr.EFER, 0L)),
        new VcpuState(new VcpuState.General(g.registers(), g.rip(), 1L << 40), good.segments(), good.control(), good.debug(),
            good.extended(), good.msrs(), good.events()),
        new VcpuState(g, good.segments(), good.control(), new VcpuState.Debug(0, 0, 0, 0, 1L << 40, 0x400), good.extended(),
            good.msrs(), good.events()),
        new VcpuState(g, good.segments(), good.control(), good.debug(), new VcpuState.Extended(badMxcsr), good.msrs(), good.events()),
        new VcpuState(g, good.segments(), good.control(), good.debug(), good.extended(), good.msrs(),
            new VcpuState.Events(VcpuState.Activity.ACTIVE, false, false, false, false, 0, 256)));
    TestCpu victim = TestCpu.protectedMode(32, 3);
    scramble(victim.cpu, new Random(3));
    VcpuState before = CpuState.export(victim.cpu, StateGroup.ALL);
    for (int n = 0; n < bad.size(); n++) {
      VcpuState state = bad.get(n);
      StateException e = assertThrows(StateException.class, () -> CpuState.restore(victim.cpu, state), "case " + n);
      assertTrue(Objects.requireNonNull(e.getMessage()).length() > 20);
      assertEquals(before, CpuState.export(victim.cpu, StateGroup.ALL), "case " + n);
    }
  }
}
