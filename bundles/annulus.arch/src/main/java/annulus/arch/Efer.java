package annulus.arch;

/** IA32_EFER bits, SDM 3A 2.2.1; SVME and FFXSR are AMD's, APM 2 3.1.7. */
public final class Efer {
  public static final long SCE = 1;
  public static final long LME = 1 << 8;
  public static final long LMA = 1 << 10;
  public static final long NXE = 1 << 11;
  public static final long SVME = 1 << 12;
  public static final long FFXSR = 1 << 14;
  /** Automatic IBRS (AMD). */
  public static final long AIBRSE = 1 << 21;

  private Efer() {}
}
