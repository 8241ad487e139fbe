package annulus.memory.translation;

/** What a translation found. Reused for every miss; one instance per virtual processor. */
public final class Walk {
  /** Guest-physical address of the byte asked for. */
  public long gpa;
  /** log2 of the size of the page that maps it: 12, 21, 22 or 30; 63 with paging off. */
  public int pageShift;
  /** Kinds of access ({@link Access#READ}, WRITE, EXECUTE) that may be cached for this context: the dirty bit is already set for WRITE. */
  public int rights;
  /** The page is global (CR4.PGE and G). */
  public boolean global;
  /** Page-fault error code, SDM 3A 4.7, after {@link Translation#PAGE_FAULT}. */
  public int errorCode;
}
