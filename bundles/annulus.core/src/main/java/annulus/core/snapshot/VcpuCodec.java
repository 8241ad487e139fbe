package annulus.core.snapshot;

import annulus.arch.DeviceState;
import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateReader;
import annulus.arch.StateWriter;
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
import java.util.TreeMap;

/** A complete processor state as named fields. */
final class VcpuCodec {
  private static final int SEGMENT_FIELDS = 4;
  private static final int MOST_MSRS = 4096;

  private VcpuCodec() {}

  static DeviceState write(VcpuState s) {
    General g = Objects.requireNonNull(s.general());
    Segments seg = Objects.requireNonNull(s.segments());
    Control c = Objects.requireNonNull(s.control());
    Debug d = Objects.requireNonNull(s.debug());
    Extended x = Objects.requireNonNull(s.extended());
    Msrs m = Objects.requireNonNull(s.msrs());
    Events e = Objects.requireNonNull(s.events());
    long[] segments = new long[8 * SEGMENT_FIELDS];
    for (int i = 0; i < 8; i++) {
      SegmentState r = seg.registers().get(i);
      segments[4 * i] = r.selector();
      segments[4 * i + 1] = r.base();
      segments[4 * i + 2] = r.limit();
      segments[4 * i + 3] = r.attributes();
    }
    long[] msrs = m.values().entrySet().stream().flatMapToLong(v -> java.util.stream.LongStream.of(v.getKey(), v.getValue())).toArray();
    return new StateWriter()
        .put("gpr", g.registers().stream().mapToLong(Long::longValue).toArray())
        .put("rip", g.rip())
        .put("rflags", g.rflags())
        .put("segments", segments)
        .put("tables", new long[] {seg.gdtr().base(), seg.gdtr().limit(), seg.idtr().base(), seg.idtr().limit()})
        .put("control", new long[] {c.cr0(), c.cr2(), c.cr3(), c.cr4(), c.cr8(), c.xcr0(), c.efer(), c.pkru()})
        .put("debug", new long[] {d.dr0(), d.dr1(), d.dr2(), d.dr3(), d.dr6(), d.dr7()})
        .put("xsave", x.xsave())
        .put("msrCount", msrs.length / 2)
        .put("msrs", msrs)
        .put("activity", e.activity().name())
        .put("stiShadow", e.stiShadow())
        .put("movSsShadow", e.movSsShadow())
        .put("nmiBlocked", e.nmiBlocked())
        .put("nmiPending", e.nmiPending())
        .put("pendingDebug", e.pendingDebug())
        .put("sipi", e.sipiVector())
        .toState(VcpuState.SCHEMA, 1);
  }

  static VcpuState read(DeviceState state) throws StateException {
    StateReader in = state.open(VcpuState.SCHEMA, 1);
    try {
      List<Long> gpr = java.util.Arrays.stream(in.getLongs("gpr", 16)).boxed().toList();
      General general = new General(gpr, in.getLong("rip"), in.getLong("rflags"));
      long[] f = in.getLongs("segments", 8 * SEGMENT_FIELDS);
      List<SegmentState> registers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        registers.add(new SegmentState((int) f[4 * i], f[4 * i + 1], f[4 * i + 2], (int) f[4 * i + 3]));
      }
      long[] t = in.getLongs("tables", 4);
      Segments segments = new Segments(registers, new Table(t[0], (int) t[1]), new Table(t[2], (int) t[3]));
      long[] c = in.getLongs("control", 8);
      Control control = new Control(c[0], c[1], c[2], c[3], c[4], c[5], c[6], (int) c[7]);
      long[] d = in.getLongs("debug", 6);
      Debug debug = new Debug(d[0], d[1], d[2], d[3], d[4], d[5]);
      Extended extended = new Extended(in.getBytes("xsave"));
      long[] m = in.getLongs("msrs", 2 * in.getInt("msrCount", 0, MOST_MSRS));
      Map<Integer, Long> values = new TreeMap<>(Integer::compareUnsigned);
      for (int i = 0; i < m.length; i += 2) {
        values.put((int) m[i], m[i + 1]);
      }
      Events events = new Events(Activity.valueOf(in.getString("activity")), in.getBoolean("stiShadow"),
          in.getBoolean("movSsShadow"), in.getBoolean("nmiBlocked"), in.getBoolean("nmiPending"), in.getLong("pendingDebug"),
          in.getInt("sipi", -1, 255));
      in.finish();
      return new VcpuState(general, segments, control, debug, extended, new Msrs(values), events);
    } catch (IllegalArgumentException e) {
      throw new StateException("processor state: " + e.getMessage(), e);
    }
  }
}
