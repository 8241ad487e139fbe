package annulus.tck.engine;

import annulus.arch.Msr;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import annulus.arch.VcpuState.Activity;
import annulus.arch.VcpuState.Control;
import annulus.arch.VcpuState.Debug;
import annulus.arch.VcpuState.Events;
import annulus.arch.VcpuState.Extended;
import annulus.arch.VcpuState.General;
import annulus.arch.VcpuState.Msrs;
import annulus.arch.VcpuState.Segments;
import annulus.arch.VcpuState.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/** Valid processor states in which everything is different that can be, from a complete one of the mode. */
final class RandomStates {
  private static final int FLAGS = Rflags.STATUS | Rflags.IF | Rflags.DF | Rflags.IOPL | Rflags.NT | Rflags.RF | Rflags.AC | Rflags.ID;
  private static final int X87_CONTROL = 0;
  private static final int X87_STATUS = 2;
  private static final int MXCSR = 24;
  private static final int REGISTERS = 32;
  private static final int XMM = 160;
  private static final int XMM_END = 416;

  private final Random random;

  RandomStates(long seed) {
    random = new Random(seed);
  }

  /** @param base every group present, as the engine under test exports it in the mode wanted */
  VcpuState from(VcpuState base, boolean wide) {
    General g = Objects.requireNonNull(base.general());
    List<Long> gpr = new ArrayList<>();
    for (int n = 0; n < 16; n++) {
      gpr.add(wide ? random.nextLong() : n < 8 ? random.nextInt() & 0xFFFF_FFFFL : 0);
    }
    long flags = g.rflags() & ~FLAGS | random.nextLong() & FLAGS;
    General general = new General(gpr, wide ? canonical() : random.nextInt(0x1_0000), flags);
    return new VcpuState(general, segments(Objects.requireNonNull(base.segments()), wide), control(Objects.requireNonNull(base.control())),
        debug(), extended(Objects.requireNonNull(base.extended())), msrs(Objects.requireNonNull(base.msrs())), events());
  }

  private long canonical() {
    return random.nextLong() << 16 >> 16;
  }

  private Segments segments(Segments s, boolean wide) {
    List<SegmentState> r = new ArrayList<>(s.registers());
    for (int n : new int[] {Seg.FS, Seg.GS}) {
      SegmentState old = r.get(n);
      r.set(n, new SegmentState(random.nextInt(0x1_0000), wide ? canonical() : random.nextInt() & 0xFFFF_FFFFL, old.limit(), old.attributes()));
    }
    long base = wide ? canonical() : random.nextInt() & 0xFFFF_FFFFL;
    return new Segments(r, new Table(base, random.nextInt(0x1_0000)), new Table(base ^ 0x5000, random.nextInt(0x1_0000)));
  }

  private Control control(Control c) {
    return new Control(c.cr0(), random.nextLong(), c.cr3(), c.cr4(), random.nextInt(16), c.xcr0(), c.efer(), random.nextInt());
  }

  /** DR6 and DR7 with their fixed bits (SDM 3B 17.2.3, 17.2.4). */
  private Debug debug() {
    return new Debug(canonical(), canonical(), canonical(), canonical(), 0xFFFF_0FF0L | random.nextInt(16) | random.nextInt(8) << 13,
        0x400 | random.nextInt(0x100) | (random.nextInt() & 0xFFFF_0000L));
  }

  private Extended extended(Extended e) {
    byte[] x = e.xsave();
    // All x87 exceptions masked, any precision and rounding; flags without summary, any top of stack
    put(x, X87_CONTROL, 0x7F | random.nextInt(16) << 8, 2);
    put(x, X87_STATUS, random.nextInt(0x80) | random.nextInt(128) << 8 & 0x7F00, 2);
    x[4] = (byte) random.nextInt();
    put(x, MXCSR, random.nextInt(64) | 0x1F80 | random.nextInt(4) << 13, 4);
    for (int n = 0; n < 8; n++) {
      for (int b = 0; b < 10; b++) {
        x[REGISTERS + 16 * n + b] = (byte) random.nextInt();
      }
    }
    for (int n = XMM; n < XMM_END; n++) {
      x[n] = (byte) random.nextInt();
    }
    return new Extended(x);
  }

  private static void put(byte[] b, int at, int value, int size) {
    for (int n = 0; n < size; n++) {
      b[at + n] = (byte) (value >>> 8 * n);
    }
  }

  /** Registers that hold addresses or any value. */
  private Msrs msrs(Msrs m) {
    Map<Integer, Long> values = new TreeMap<>(m.values());
    for (int msr : new int[] {Msr.STAR, Msr.LSTAR, Msr.CSTAR, Msr.KERNEL_GS_BASE,
        Msr.SYSENTER_ESP, Msr.SYSENTER_EIP, Msr.TSC}) {
      values.computeIfPresent(msr, (k, v) -> canonical());
    }
    return new Msrs(values);
  }

  private Events events() {
    boolean shadow = random.nextBoolean();
    return new Events(random.nextInt(4) == 0 ? Activity.HALTED : Activity.ACTIVE, shadow, !shadow && random.nextBoolean(),
        random.nextBoolean(), false, 0, -1);
  }
}
