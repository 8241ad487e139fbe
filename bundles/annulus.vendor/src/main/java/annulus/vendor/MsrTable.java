package annulus.vendor;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Vendor MSRs as a table: each register has a value after reset and a mask of the bits that software may change. A write that
 * would change another bit is refused; one that leaves them as they are is not.
 */
public final class MsrTable implements VendorMsrs {
  private record Register(long reset, long writable, boolean accepts, boolean keeps) {}

  private final Map<Integer, Register> registers;
  private final Map<Integer, Long> values = new HashMap<>();

  private MsrTable(Map<Integer, Register> registers) {
    this.registers = registers;
  }

  /** The registers of a model; immutable once built, shared by its processors. */
  public static final class Builder {
    private final Map<Integer, Register> registers = new HashMap<>();

    /** A register whose writes are refused. */
    public Builder readOnly(int msr, long value) {
      return add(msr, new Register(value, 0, false, false));
    }

    /** A register with changeable bits. */
    public Builder writable(int msr, long reset, long mask) {
      return add(msr, new Register(reset, mask, true, true));
    }

    /** A register that accepts changes of bits in {@code mask} but keeps its value. */
    public Builder ignoring(int msr, long value, long mask) {
      return add(msr, new Register(value, mask, true, false));
    }

    private Builder add(int msr, Register register) {
      if (registers.put(msr, register) != null) {
        throw new IllegalStateException("MSR 0x%x is in the table twice".formatted(msr));
      }
      return this;
    }

    /** Registers in reset state, for one processor. */
    public MsrTable open() {
      return new MsrTable(registers);
    }
  }

  @Override public boolean readable(int msr) {
    return registers.containsKey(msr);
  }

  @Override public long read(int msr) {
    return Objects.requireNonNull(values.getOrDefault(msr, register(msr).reset));
  }

  @Override public boolean write(int msr, long value) {
    if (!readable(msr)) {
      return false;
    }
    Register r = register(msr);
    if (!r.accepts || ((value ^ read(msr)) & ~r.writable) != 0) {
      return false;
    }
    if (r.keeps) {
      values.put(msr, value);
    }
    return true;
  }

  @Override public Map<Integer, Long> export() {
    Map<Integer, Long> changed = new TreeMap<>(values);
    changed.entrySet().removeIf(e -> e.getValue() == register(e.getKey()).reset);
    return changed;
  }

  private Register register(int msr) {
    Register r = registers.get(msr);
    if (r == null) {
      throw new IllegalArgumentException("MSR 0x%x does not exist: ask readable() first".formatted(msr));
    }
    return r;
  }
}
