package annulus.memory.translation;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A memory-translation strategy at work for one virtual processor. It is only asked on a TLB miss and about invalidations;
 * hits are the engine's business. Called on the virtual processor's thread only.
 */
@ConsumerType
public interface Translation extends AutoCloseable {
  /** Result of {@link #translate}: the translation is in the {@link Walk}. */
  int OK = 0;
  /** Result of {@link #translate}: the guest gets a page fault with {@link Walk#errorCode}. */
  int PAGE_FAULT = 1;

  /**
   * Translates one linear address by the rules of the guest's paging mode: rights, accessed and dirty bits, reserved bits.
   *
   * @param linear a canonical linear address
   * @param access {@link Access} bits
   * @param walk receives the translation or the error code
   * @return {@link #OK} or {@link #PAGE_FAULT}
   */
  int translate(PagingState state, long linear, int access, Walk walk);

  /**
   * The 12-bit TLB context of accesses under this state: equal contexts may share entries. Asked for after each change of the state, which
   * is all that a translation hears of one of PKRU: that invalidates nothing (SDM 3A 4.6.2), so another value has another context, and may
   * have the same again when it comes back.
   *
   * @param access {@link Access#USER} and {@link Access#IMPLICIT} matter
   */
  int context(PagingState state, int access, SoftTlb tlb);

  /**
   * Loads the PDPTEs of PAE paging from the table CR3 points to (SDM 3A 4.4.1).
   *
   * @return false when a reserved bit is set: the guest gets #GP and nothing has changed
   */
  boolean loadPdptes(PagingState state, long cr3, long[] pdptes);

  /** CR3 was loaded; {@code keep} as bit 63 of the source operand asks, with CR4.PCIDE. */
  void rootLoaded(PagingState state, boolean keep, SoftTlb tlb);

  /** A control bit that changes translations was written (CR0, CR4, EFER): drop what depends on it. */
  void modeChanged(PagingState state, SoftTlb tlb);

  /** INVLPG. */
  void invalidatePage(PagingState state, long linear, SoftTlb tlb);

  /** INVPCID, SDM 2A: type 0 one address, 1 one PCID, 2 everything with globals, 3 everything but globals. */
  void invalidatePcid(PagingState state, int type, int pcid, long linear, SoftTlb tlb);

  /** Drops everything derived, for instance after the memory map changed. */
  void flush(SoftTlb tlb);

  /** Figures since the start, by name: walks, references, faults, flushes. */
  java.util.Map<String, Long> counters();

  @Override void close();
}
