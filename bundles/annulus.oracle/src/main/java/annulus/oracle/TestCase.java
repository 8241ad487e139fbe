package annulus.oracle;

/**
 * One case: an instruction and the state it meets, small enough to be kept by the ten thousand. The state is that of a seed
 * ({@link State}) but for the registers in {@code overrides}.
 *
 * @param bits of the code: 16, 32 or 64
 * @param seed of the state
 * @param code the instruction's bytes
 * @param codeOffset where it stands in the page of code
 * @param overlay what the memory at {@code overlayOffset} holds, see {@link Overlay}
 * @param overlayOffset within the two pages of data
 * @param overridden bit n: register n has the value {@code overrides[n]}
 */
record TestCase(int bits, long seed, byte[] code, int codeOffset, Overlay overlay, int overlayOffset, int overridden, long[] overrides) {}
