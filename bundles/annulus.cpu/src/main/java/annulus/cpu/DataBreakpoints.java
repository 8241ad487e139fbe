package annulus.cpu;

/** Data breakpoints in DR0-DR3, SDM 3B 17.2.4 and 17.2.5: a match is a trap after the instruction. */
public final class DataBreakpoints {
  private static final int WRITE = 1;
  private static final int IO = 2;
  private static final int READ_WRITE = 3;

  private DataBreakpoints() {}

  /** Records the breakpoints that an access to {@code size} bytes at {@code linear} hits. */
  public static void check(Cpu c, long linear, int size, boolean write) {
    match(c, linear, size, write ? WRITE : READ_WRITE, READ_WRITE);
  }

  /** Records the I/O breakpoints (CR4.DE) that an access to a port hits. */
  public static void checkPort(Cpu c, int port, int size) {
    if ((c.paging.cr4 & annulus.arch.Cr4.DE) != 0) {
      match(c, port, size, IO, IO);
    }
  }

  private static void match(Cpu c, long address, int size, int kind, int otherKind) {
    long dr7 = c.dr[7];
    for (int n = 0; n < 4; n++) {
      int control = (int) (dr7 >>> 16 + 4 * n) & 0xF;
      if ((control & 3) == kind || (control & 3) == otherKind) {
        int code = control >>> 2;
        long length = code == 2 ? 8 : code + 1;
        long start = c.dr[n] & -length;
        if (address < start + length && start < address + size) {
          // B0-B3 are set for every match; only enabled ones cause the trap.
          c.pendingDebug |= 1L << n;
          if ((dr7 >>> 2 * n & 3) != 0) {
            c.pendingDebug |= ENABLED;
          }
        }
      }
    }
  }

  /** In {@link Cpu#pendingDebug}: at least one matched breakpoint is enabled, so a trap is due. */
  public static final long ENABLED = 1L << 63;
}
