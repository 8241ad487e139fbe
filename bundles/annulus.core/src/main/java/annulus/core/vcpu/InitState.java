package annulus.core.vcpu;

import annulus.arch.Cr0;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Activity;
import annulus.arch.VcpuState.Control;
import annulus.arch.VcpuState.Debug;
import annulus.arch.VcpuState.Events;
import annulus.arch.VcpuState.General;
import annulus.arch.VcpuState.Segments;
import annulus.arch.VcpuState.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The states INIT and a start-up IPI leave a processor in (SDM 3A 9.1.1 table 9-1, 8.4.3); in canonical form, for any engine. */
final class InitState {
  private static final int CODE = SegmentState.PRESENT | SegmentState.CODE_OR_DATA | 0xB;
  private static final int LDT = SegmentState.PRESENT | 2;
  private static final int TSS = SegmentState.PRESENT | 11;
  private static final long DR6 = 0xFFFF_0FF0L;
  private static final long DR7 = 0x400;

  private InitState() {}

  /** After INIT: extended state and MSRs survive, and so do CR0's cache bits and XCR0. */
  static VcpuState afterInit(Control before, int signature, Activity activity) {
    List<Long> gpr = new ArrayList<>(Collections.nCopies(16, 0L));
    gpr.set(2, Integer.toUnsignedLong(signature));
    long cr0 = before.cr0() & (Cr0.CD | Cr0.NW) | Cr0.ET;
    return new VcpuState(new General(gpr, 0xFFF0, Rflags.FIXED), segments(0xF000, 0xFFFF_0000L),
        new Control(cr0, 0, 0, 0, 0, before.xcr0(), 0, before.pkru()), new Debug(0, 0, 0, 0, DR6, DR7), null, null,
        new Events(activity, false, false, false, false, 0, -1));
  }

  /** What a start-up IPI adds: CS:IP from the vector, and the processor runs. */
  static VcpuState afterStartup(General general, int vector) {
    return new VcpuState(new General(general.registers(), 0, general.rflags()), segments(vector << 8, (long) vector << 12),
        null, null, null, null, Events.RUNNING);
  }

  private static Segments segments(int selector, long base) {
    List<SegmentState> s = new ArrayList<>(Collections.nCopies(8, SegmentState.real(0)));
    s.set(Seg.CS, new SegmentState(selector, base, 0xFFFF, CODE));
    s.set(Seg.LDTR, new SegmentState(0, 0, 0xFFFF, LDT));
    s.set(Seg.TR, new SegmentState(0, 0, 0xFFFF, TSS));
    return new Segments(s, new Table(0, 0xFFFF), new Table(0, 0xFFFF));
  }
}
