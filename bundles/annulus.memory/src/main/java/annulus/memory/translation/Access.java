package annulus.memory.translation;

/** Kinds of access to memory, as a mask. */
public final class Access {
  public static final int READ = 1;
  public static final int WRITE = 2;
  public static final int EXECUTE = 4;
  /** Made at CPL 3. */
  public static final int USER = 8;
  /** A supervisor access that the processor makes by itself, to GDT, LDT, IDT or TSS: SMAP applies whatever EFLAGS.AC is. */
  public static final int IMPLICIT = 16;
  /** A debugger's look: whatever the rights, and without a trace in accessed and dirty flags. */
  public static final int PROBE = 32;

  private Access() {}
}
