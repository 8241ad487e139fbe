package annulus.shell.command;

import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Control;
import annulus.arch.VcpuState.Events;
import annulus.arch.VcpuState.General;
import annulus.arch.VcpuState.Segments;
import annulus.arch.VcpuState.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/** Processor states. */
final class States {
  private States() {}

  /** Linux in its kernel: 64-bit, ring 0. Register n holds 0x1111_1111_1111_1111 * n. */
  static VcpuState kernel() {
    return state(0xFFFF_FFFF_8100_0000L, 0x246, List.of(unusable(), new SegmentState(0x10, 0, 0xFFFF_FFFFL, 0xA09B), flat(0x18, 0xC093),
        unusable(), unusable(), new SegmentState(0, 0xFFFF_8880_0F80_0000L, 0, 1 << 16), unusable(),
        new SegmentState(0x40, 0xFFFF_FE00_0000_3000L, 0x4087, 0x8B)), 0x8005_0033L, 0x77_0EF0, 0xD01);
  }

  /** Real mode with the code segment at 0xF0000. */
  static VcpuState real() {
    List<SegmentState> segments = new ArrayList<>();
    for (int i = Seg.ES; i <= Seg.GS; i++) {
      segments.add(SegmentState.real(i == Seg.CS ? 0xF000 : i == Seg.SS ? 0x9000 : 0));
    }
    segments.add(new SegmentState(0, 0, 0xFFFF, 0x82));
    segments.add(new SegmentState(0, 0, 0xFFFF, 0x83));
    return state(0xE05B, 2, segments, 0x10, 0, 0);
  }

  /** 32-bit protected mode, ring 3, with flat segments. */
  static VcpuState user32() {
    List<SegmentState> segments = new ArrayList<>(java.util.Collections.nCopies(8, flat(0x2B, 0xC0F3)));
    segments.set(Seg.CS, flat(0x23, 0xC0FA));
    return state(0x0804_8000, 0x3202, segments, 0x8000_0011L, 0x10, 0);
  }

  private static SegmentState flat(int selector, int attributes) {
    return SegmentState.flat(selector, attributes);
  }

  private static SegmentState unusable() {
    return new SegmentState(0, 0, 0, SegmentState.UNUSABLE);
  }

  private static VcpuState state(long rip, long rflags, List<SegmentState> segments, long cr0, long cr4, long efer) {
    List<Long> registers = LongStream.range(0, 16).mapToObj(n -> n * 0x1111_1111_1111_1111L).toList();
    return new VcpuState(new General(registers, rip, rflags), new Segments(segments, new Table(0x1000, 0x7F), new Table(0x2000, 0xFFF)),
        new Control(cr0, 0x1234, 0x618_6006, cr4, 1, 3, efer, 0), null, null, null, Events.RUNNING);
  }
}
