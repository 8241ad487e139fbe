package annulus.memory.translation;

/**
 * The registers that decide how a linear address is translated. One mutable instance per virtual processor, kept up to date by
 * whoever runs it; a translation reads it on every miss.
 */
public final class PagingState {
  public long cr0;
  public long cr3;
  public long cr4;
  public long efer;
  /** Protection-key rights, SDM 3A 4.6.2. */
  public int pkru;
  /** EFLAGS.AC: lifts SMAP for explicit supervisor accesses. */
  public boolean alignmentCheck;
  /** PDPTEs as loaded with CR3 in PAE mode (SDM 3A 4.4.1). */
  public final long[] pdpte = new long[4];
}
