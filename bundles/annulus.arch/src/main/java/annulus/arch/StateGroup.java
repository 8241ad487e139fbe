package annulus.arch;

/** The parts of a {@link VcpuState} that can travel alone, so that an exit moves only what it needs. */
public enum StateGroup {
  /** General registers, RIP, RFLAGS. */
  GENERAL,
  /** Segment registers with hidden parts, GDTR, IDTR. */
  SEGMENTS,
  /** CR0, CR2, CR3, CR4, CR8, XCR0, EFER, PKRU. */
  CONTROL,
  /** DR0-DR3, DR6, DR7. */
  DEBUG,
  /** The XSAVE image: x87, SSE, AVX. */
  EXTENDED,
  /** Model-specific registers. */
  MSRS,
  /** Activity, interrupt shadow, NMI blocking, pending and injected events. */
  EVENTS;

  /** Every group. */
  public static final int ALL = (1 << values().length) - 1;

  /** This group's bit in a mask of groups. */
  public int bit() {
    return 1 << ordinal();
  }

  /** A mask of these groups. */
  public static int mask(StateGroup... groups) {
    int mask = 0;
    for (StateGroup g : groups) {
      mask |= g.bit();
    }
    return mask;
  }
}
