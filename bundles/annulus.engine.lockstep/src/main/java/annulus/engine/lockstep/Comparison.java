package annulus.engine.lockstep;

import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Names what differs between two states of a processor, with both values. */
final class Comparison {
  private static final String[] REGISTERS = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"};
  /** Differences of memory that are named one by one. */
  private static final int MOST = 8;

  private final Side a;
  private final Side b;
  private final List<String> differences = new ArrayList<>();

  private Comparison(Side a, Side b) {
    this.a = a;
    this.b = b;
  }

  /** Every field that differs. */
  static List<String> ofStates(Side a, VcpuState left, Side b, VcpuState right) {
    Comparison c = new Comparison(a, b);
    if (left.general() != null && right.general() != null) {
      for (int r = 0; r < 16; r++) {
        c.field(r < REGISTERS.length ? REGISTERS[r] : "r" + r, left.general().registers().get(r), right.general().registers().get(r));
      }
      c.field("rip", left.general().rip(), right.general().rip());
      c.field("rflags", left.general().rflags(), right.general().rflags());
    }
    if (left.segments() != null && right.segments() != null) {
      for (int s = Seg.ES; s < left.segments().registers().size(); s++) {
        SegmentState x = left.segments().registers().get(s);
        c.records("segment " + s + " ", x, right.segments().registers().get(s));
      }
      c.records("gdtr ", left.segments().gdtr(), right.segments().gdtr());
      c.records("idtr ", left.segments().idtr(), right.segments().idtr());
    }
    c.records("", left.control(), right.control());
    c.records("", left.debug(), right.debug());
    c.records("", left.events(), right.events());
    if (left.extended() != null && right.extended() != null) {
      c.bytes("xsave", 0, left.extended().xsave(), right.extended().xsave());
    }
    if (left.msrs() != null && right.msrs() != null) {
      TreeSet<Integer> all = new TreeSet<>(Integer::compareUnsigned);
      all.addAll(left.msrs().values().keySet());
      all.addAll(right.msrs().values().keySet());
      for (int msr : all) {
        c.field("msr 0x" + Integer.toHexString(msr), left.msrs().values().get(msr), right.msrs().values().get(msr));
      }
    }
    return c.differences;
  }

  /** The bytes of a frame that differ, eight at a time. */
  static List<String> ofPages(Side a, Side b, int gfn) {
    Comparison c = new Comparison(a, b);
    c.bytes("memory", (long) gfn << 12, a.memory.page(gfn), b.memory.page(gfn));
    return c.differences;
  }

  private void bytes(String name, long from, byte[] left, byte[] right) {
    int found = 0;
    for (int at = 0; at < left.length; at += 8) {
      long x = word(left, at);
      long y = word(right, at);
      if (x != y && ++found <= MOST) {
        field(name + " 0x" + Long.toHexString(from + at), x, y);
      }
    }
    if (found > MOST) {
      differences.add(name + ": and " + (found - MOST) + " more words");
    }
  }

  private static long word(byte[] bytes, int at) {
    long value = 0;
    for (int i = 7; i >= 0; i--) {
      value = value << 8 | bytes[at + i] & 0xFF;
    }
    return value;
  }

  private void records(String prefix, @Nullable Record left, @Nullable Record right) {
    if (left == null || right == null || left.equals(right)) {
      return;
    }
    try {
      for (RecordComponent part : left.getClass().getRecordComponents()) {
        field(prefix + part.getName(), part.getAccessor().invoke(left), part.getAccessor().invoke(right));
      }
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private void field(String name, @Nullable Object left, @Nullable Object right) {
    if (!Objects.equals(left, right)) {
      differences.add(name + ": " + a.name + " " + text(left) + ", " + b.name + " " + text(right));
    }
  }

  private static String text(@Nullable Object value) {
    return value instanceof Long l ? "0x" + Long.toHexString(l) : value instanceof Integer i ? "0x" + Integer.toHexString(i)
        : String.valueOf(value);
  }
}
