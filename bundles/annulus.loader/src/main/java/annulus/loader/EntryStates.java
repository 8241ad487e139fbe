package annulus.loader;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Control;
import annulus.arch.VcpuState.Events;
import annulus.arch.VcpuState.General;
import annulus.arch.VcpuState.Segments;
import annulus.arch.VcpuState.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Processor states that boot protocols ask for. Interrupts are off; what is not named is as after reset. */
public final class EntryStates {
  /** Selectors of the flat code and data segments, as Linux's boot protocol wants them. */
  public static final int CODE = 0x10;
  public static final int DATA = 0x18;
  /** Descriptors of a GDT that fits the 32- and 64-bit states: null, unused, code, data, task state. */
  private static final long CODE_32 = 0x00CF_9B00_0000_FFFFL;
  private static final long CODE_64 = 0x00AF_9B00_0000_FFFFL;
  private static final long FLAT_DATA = 0x00CF_9300_0000_FFFFL;

  private static final int CODE_ATTRIBUTES = 0x9B | SegmentState.GRANULARITY;
  private static final int DATA_ATTRIBUTES = 0x93 | SegmentState.BIG | SegmentState.GRANULARITY;
  private static final int LDT = 0x82 | SegmentState.UNUSABLE;
  private static final int TSS_BUSY = 0x8B;

  private EntryStates() {}

  /** The global descriptor table to place at {@code gdt}: little-endian bytes. */
  public static byte[] gdt(boolean code64) {
    return java.nio.ByteBuffer.allocate(32).order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putLong(0).putLong(0).putLong(code64 ? CODE_64 : CODE_32).putLong(FLAT_DATA).array();
  }

  /**
   * Four pages of tables that map the first 4 GiB onto themselves with 2 MiB pages, preceded by their parents: six pages in all,
   * to be placed at {@code at}.
   */
  public static byte[] identityMap(long at) {
    java.nio.ByteBuffer b = java.nio.ByteBuffer.allocate(6 * 4096).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    long present = 3;
    b.putLong(0, at + 4096 | present);
    for (int i = 0; i < 4; i++) {
      b.putLong(4096 + 8 * i, at + 4096L * (2 + i) | present);
    }
    for (int i = 0; i < 4 * 512; i++) {
      b.putLong(2 * 4096 + 8 * i, (long) i << 21 | present | 0x80);
    }
    return b.array();
  }

  /** 64-bit mode with paging at {@code cr3}, flat segments from the table at {@code gdt}. */
  public static VcpuState long64(long rip, long cr3, long gdt, long[] gpr) {
    return state(gpr, rip, segments(CODE_ATTRIBUTES | SegmentState.LONG, gdt),
        new Control(Cr0.PE | Cr0.ET | Cr0.PG | Cr0.NE, 0, cr3, Cr4.PAE, 0, 1, Efer.LME | Efer.LMA, 0));
  }

  /** 32-bit protected mode without paging, flat segments. */
  public static VcpuState protected32(long eip, long gdt, long[] gpr) {
    return state(gpr, eip, segments(CODE_ATTRIBUTES | SegmentState.BIG, gdt),
        new Control(Cr0.PE | Cr0.ET, 0, 0, 0, 0, 1, 0, 0));
  }

  /** Real mode at {@code cs:ip}; the other segments are {@code data}. */
  public static VcpuState real(int cs, int ip, int data, long[] gpr) {
    List<SegmentState> s = new ArrayList<>(Collections.nCopies(8, SegmentState.real(data)));
    s.set(Seg.CS, new SegmentState(cs, (long) cs << 4, 0xFFFF, 0x9B));
    s.set(Seg.LDTR, new SegmentState(0, 0, 0xFFFF, 0x82));
    s.set(Seg.TR, new SegmentState(0, 0, 0xFFFF, TSS_BUSY));
    return state(gpr, ip, new Segments(s, new Table(0, 0xFFFF), new Table(0, 0x3FF)), new Control(Cr0.ET, 0, 0, 0, 0, 1, 0, 0));
  }

  private static Segments segments(int code, long gdt) {
    List<SegmentState> s = new ArrayList<>(Collections.nCopies(8, SegmentState.flat(DATA, DATA_ATTRIBUTES)));
    s.set(Seg.CS, SegmentState.flat(CODE, code));
    s.set(Seg.LDTR, new SegmentState(0, 0, 0, LDT));
    s.set(Seg.TR, new SegmentState(0, 0, 0x67, TSS_BUSY));
    return new Segments(s, new Table(gdt, 31), new Table(0, 0));
  }

  private static VcpuState state(long[] gpr, long rip, Segments segments, Control control) {
    List<Long> registers = new ArrayList<>(16);
    for (int i = 0; i < 16; i++) {
      registers.add(i < gpr.length ? gpr[i] : 0L);
    }
    return new VcpuState(new General(registers, rip, Rflags.FIXED), segments, control, null, null, null, Events.RUNNING);
  }
}
