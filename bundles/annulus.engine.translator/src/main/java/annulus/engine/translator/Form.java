package annulus.engine.translator;

/** How a region is written, and so which of HotSpot's compilers is to compile it: the name of its class tells. */
enum Form {
  /** Dense, for C1: registers stay with the processor, accesses to memory are calls. */
  WARM,
  /** For C2: registers stay with the processor, accesses are probes of the TLB in place. */
  HOT,
  /** For C2, where control stays long at each entry: registers and flags are in locals. */
  LOCALS;

  /** Whether registers are with the processor at each instruction that can fault, and flags are or get there by its slow path. */
  boolean resident() {
    return this != LOCALS;
  }

  /** Number for {@link annulus.cpu.block.BlockEngine#tier}. */
  int tier() {
    return ordinal() + 1;
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
