package annulus.engine.translator;

/**
 * When code goes from one tier to the next.
 *
 * @param heat executions after which a block is hot
 * @param first form of its region
 * @param growth instructions that a region runs before it is compiled anew, by C2 and larger; 0 for never
 * @param stay instructions run at an entry from which on registers are better off in locals
 * @param mostBytecode bytes of bytecode after which all regions are dropped
 */
record Tiers(int heat, Form first, long growth, long stay, long mostBytecode) { }
