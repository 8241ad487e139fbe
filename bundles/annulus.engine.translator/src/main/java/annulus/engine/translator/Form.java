package annulus.engine.translator;

import annulus.cpu.block.Region;

/** How a region is written, and so which of HotSpot's compilers is to compile it: the name of its class tells. */
enum Form {
  /** Dense, for C1: registers stay with the processor, accesses to memory are calls. */
  WARM,
  /** For C2: registers stay with the processor, accesses are probes of the TLB in place. */
  HOT,
  /**
   * For C2, where control stays long at each entry: registers are in locals, and what is out of the common leaves the region. As a call
   * spares no register, C2 would keep in memory what is needed on both sides of one, however seldom it is made: there are none.
   */
  LOCALS,
  /** The same with a probe for each access: where accesses that could share one lie on both sides of a border of pages. */
  APART;

  private static final Form[] ALL = values();

  /** Whether registers are in locals from the entry to the exit, and the region is left before what it cannot do in place. */
  boolean locals() {
    return this == LOCALS || this == APART;
  }

  /** Whether accesses share probes. */
  boolean sharesProbes() {
    return this == HOT || this == LOCALS;
  }

  /** Number for {@link annulus.cpu.block.BlockEngine#tier}. */
  int tier() {
    return ordinal() + 1;
  }

  /** That of {@code region}. */
  static Form of(Region region) {
    return ALL[region.tier - 1];
  }

  /** Whether accesses are calls; what they need to know of budget and TLB context is with the processor then, else in locals. */
  boolean calls() {
    return this == WARM;
  }

  /** What the names of classes begin with; the start script's options for HotSpot name them. */
  String prefix() {
    return this == WARM ? "Warm" : "Hot";
  }
}
