package annulus.arch;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything a virtual processor is, between two instructions (or two iterations of a repeated string instruction). The one
 * exchange format of loaders, engines, snapshots, swaps and migration. A group that was not asked for is null.
 *
 * @param general general registers; see {@link StateGroup#GENERAL}
 */
public record VcpuState(
    @Nullable General general,
    @Nullable Segments segments,
    @Nullable Control control,
    @Nullable Debug debug,
    @Nullable Extended extended,
    @Nullable Msrs msrs,
    @Nullable Events events) {

  /** Identifies this shape of the state; a snapshot with another one is refused. */
  public static final String SCHEMA = "annulus.vcpu/1";

  /** The groups that are present, as a mask of {@link StateGroup#bit()}. */
  public int groups() {
    return bit(general, StateGroup.GENERAL) | bit(segments, StateGroup.SEGMENTS) | bit(control, StateGroup.CONTROL)
        | bit(debug, StateGroup.DEBUG) | bit(extended, StateGroup.EXTENDED) | bit(msrs, StateGroup.MSRS)
        | bit(events, StateGroup.EVENTS);
  }

  private static int bit(@Nullable Object part, StateGroup group) {
    return part == null ? 0 : group.bit();
  }

  /** General registers in encoding order (RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8-R15); flags materialised. */
  public record General(List<Long> registers, long rip, long rflags) {
    public General {
      registers = List.copyOf(registers);
      if (registers.size() != 16) {
        throw new IllegalArgumentException(registers.size() + " general registers where 16 are needed");
      }
    }
  }

  /** Descriptor-table register: GDTR or IDTR. */
  public record Table(long base, int limit) {}

  /** Segment registers indexed by {@link Seg}, all eight, and the descriptor tables. */
  public record Segments(List<SegmentState> registers, Table gdtr, Table idtr) {
    public Segments {
      registers = List.copyOf(registers);
      if (registers.size() != 8) {
        throw new IllegalArgumentException(registers.size() + " segment registers where 8 are needed");
      }
    }
  }

  /** Control registers. CR8 is the task priority, 0-15; {@code pkru} as RDPKRU reads it. */
  public record Control(long cr0, long cr2, long cr3, long cr4, long cr8, long xcr0, long efer, int pkru) {}

  /** Debug registers; DR4 and DR5 are aliases and not stored. */
  public record Debug(long dr0, long dr1, long dr2, long dr3, long dr6, long dr7) {}

  /** The XSAVE area in standard format (SDM 1 13.4): legacy region 512 bytes, header 64, AVX state 256 where enabled. */
  public record Extended(byte[] xsave) {
    public static final int LEGACY = 512;
    public static final int HEADER = 64;
    public static final int AVX_OFFSET = 576;
    public static final int SIZE = 832;

    public Extended {
      if (xsave.length != SIZE) {
        throw new IllegalArgumentException(xsave.length + " bytes of extended state where " + SIZE + " are needed");
      }
      xsave = xsave.clone();
    }

    @Override public byte[] xsave() {
      return xsave.clone();
    }

    @Override public boolean equals(@Nullable Object o) {
      return o instanceof Extended e && Arrays.equals(xsave, e.xsave);
    }

    @Override public int hashCode() {
      return Arrays.hashCode(xsave);
    }
  }

  /** Model-specific registers by number, in unsigned order of their numbers. The local APIC keeps its own. */
  public record Msrs(Map<Integer, Long> values) {
    public Msrs {
      TreeMap<Integer, Long> sorted = new TreeMap<>(Integer::compareUnsigned);
      sorted.putAll(values);
      values = java.util.Collections.unmodifiableSortedMap(sorted);
    }

    /** The value of {@code msr}, or {@code otherwise} where the state does not name it. */
    public long get(int msr, long otherwise) {
      return Objects.requireNonNull(values.getOrDefault(msr, otherwise));
    }
  }

  /** What the processor is doing between instructions, SDM 3C 24.4.2. */
  public enum Activity { ACTIVE, HALTED, SHUTDOWN, WAIT_FOR_SIPI }

  /**
   * Event state.
   *
   * @param activity activity state
   * @param stiShadow interrupts blocked for one instruction after STI
   * @param movSsShadow interrupts and debug traps blocked for one instruction after MOV SS or POP SS
   * @param nmiBlocked an NMI handler has not yet returned
   * @param nmiPending an NMI waits for delivery
   * @param pendingDebug DR6 bits of debug exceptions that wait for the next boundary (SDM 3C 24.4.2)
   * @param sipiVector vector of a start-up IPI that has arrived, or -1
   */
  public record Events(
      Activity activity, boolean stiShadow, boolean movSsShadow, boolean nmiBlocked, boolean nmiPending, long pendingDebug,
      int sipiVector) {
    /** A processor that runs with nothing pending. */
    public static final Events RUNNING = new Events(Activity.ACTIVE, false, false, false, false, 0, -1);
  }
}
