package annulus.arch;

/** Operating modes of an x86-64 processor, SDM 3A 2.2. */
public enum CpuMode {
  REAL("real"),
  VIRTUAL_8086("virtual-8086"),
  PROTECTED("protected"),
  COMPATIBILITY("compatibility"),
  LONG("64-bit");

  private final String label;

  CpuMode(String label) {
    this.label = label;
  }

  /** The mode that these register values select. */
  public static CpuMode of(long cr0, long efer, long rflags, boolean codeSegmentLong) {
    if ((cr0 & Cr0.PE) == 0) {
      return REAL;
    }
    if ((efer & Efer.LMA) != 0) {
      return codeSegmentLong ? LONG : COMPATIBILITY;
    }
    return (rflags & Rflags.VM) != 0 ? VIRTUAL_8086 : PROTECTED;
  }

  @Override public String toString() {
    return label;
  }
}
