package annulus.oracle;

/** The widths of code that user programs of a 64-bit Linux can run. */
enum CodeMode {
  CODE_64(64), CODE_32(32), CODE_16(16);

  private final int bits;

  CodeMode(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }

  static CodeMode of(int bits) {
    return bits == 64 ? CODE_64 : bits == 32 ? CODE_32 : CODE_16;
  }
}
