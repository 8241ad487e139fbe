package annulus.memory;

/** An access to guest-physical memory outside RAM and ROM. Carries the address; without a stack trace, as guests cause it. */
public final class MemoryFault extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final long gpa;

  public MemoryFault(long gpa) {
    super("no memory at guest-physical address 0x" + Long.toHexString(gpa), null, false, false);
    this.gpa = gpa;
  }

  /** The first guest-physical address without memory. */
  public long gpa() {
    return gpa;
  }
}
