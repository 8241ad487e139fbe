package annulus.arch;

/** Segment register numbers, in the order instructions encode them (SDM 2A table 2-8), then the two system segments. */
public final class Seg {
  public static final int ES = 0;
  public static final int CS = 1;
  public static final int SS = 2;
  public static final int DS = 3;
  public static final int FS = 4;
  public static final int GS = 5;
  public static final int LDTR = 6;
  public static final int TR = 7;

  private Seg() {}
}
