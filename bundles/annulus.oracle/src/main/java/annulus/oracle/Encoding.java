package annulus.oracle;

/** Writes random bytes of one form, and remembers where the displacement is. */
final class Encoding {
  private static final int MAX = 15;
  private static final int[] PREFIXES = {0x66, 0x67, 0x66, 0x67, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x64, 0x65, 0xF2, 0xF3, 0xF0};
  /** Bytes beyond an instruction's longest, so that there are always enough to decode. */
  final byte[] code = new byte[32];
  private int length;
  /** Where the displacement or absolute address stands, and its bytes: 0 without one. */
  int displacementAt;
  int displacementSize;
  private boolean narrowAddress;

  /** Writes an instruction of form {@code f}; what follows are immediates of the form's own choice. */
  void write(Random64 r, OpcodeLine f, int bits) {
    length = 0;
    displacementSize = 0;
    narrowAddress = false;
    prefixes(r, f);
    if (f.isVex()) {
      vex(r, f, bits);
    } else {
      if (f.prefix() != 0) {
        put(f.prefix());
      }
      if (bits == 64 && (r.chance(45) || f.wide() == 1)) {
        put(0x40 | (f.wide() == 1 || f.wide() != 0 && r.chance(50) ? 8 : 0) | r.below(8));
      }
      if (f.map() > 0) {
        put(0x0F);
      }
      if (f.map() > 1) {
        put(f.map() == 2 ? 0x38 : 0x3A);
      }
    }
    put(f.opcode() + r.below(f.spread()));
    if (f.modRm() != OpcodeLine.NO_MODRM) {
      modRm(r, f, bits);
    }
    if (f.absolute()) {
      displacement(bits == 64 ? narrowAddress ? 4 : 8 : (bits == 32) != narrowAddress ? 4 : 2);
    }
    immediates(r);
  }

  private void put(int octet) {
    code[length++] = (byte) octet;
  }

  private void prefixes(Random64 r, OpcodeLine f) {
    while (r.chance(f.isVex() || f.plain() ? 12 : 28) && length < 4) {
      int prefix = PREFIXES[r.below(PREFIXES.length)];
      if ((f.isVex() || f.plain()) && (prefix == 0x66 || prefix >= 0xF0) && r.chance(95)) {
        continue;
      }
      narrowAddress |= prefix == 0x67;
      put(prefix);
    }
  }

  private void vex(Random64 r, OpcodeLine f, int bits) {
    int pp = f.prefix() == 0 ? 0 : f.prefix() == 0x66 ? 1 : f.prefix() == 0xF3 ? 2 : 3;
    int l = f.vectorLength() < 0 ? r.below(2) : f.vectorLength();
    int w = f.wide() < 0 ? r.below(2) : f.wide();
    int last = r.below(16) << 3 | l << 2 | pp;
    // Outside 64-bit mode the two top bits must be ones: else it is LES or LDS.
    int extensions = bits == 64 ? r.below(8) << 5 : 0xC0 | r.below(2) << 5;
    if (f.map() == 1 && w == 0 && r.chance(50)) {
      put(0xC5);
      put((bits == 64 ? r.below(2) << 7 : 0x80) | (bits == 64 ? last : last | 0x40));
    } else {
      put(0xC4);
      put(extensions | f.map());
      put(w << 7 | last);
    }
  }

  private void modRm(Random64 r, OpcodeLine f, int bits) {
    int mask = f.modRm() >>> 8 & 0xFF;
    int octet = r.below(256) & ~mask | f.modRm() & 0xFF & mask;
    if (f.modRm() >= OpcodeLine.MEMORY_ONLY && octet >= 0xC0) {
      octet -= 0x40 + (r.below(3) << 6);
    } else if ((mask & 0xC0) == 0 && r.chance(30)) {
      octet |= 0xC0;
    }
    put(octet);
    int mod = octet >>> 6;
    int rm = octet & 7;
    if (mod == 3) {
      return;
    }
    boolean sixteen = bits != 64 && (bits == 16) != narrowAddress;
    if (sixteen) {
      displacement(mod == 2 || mod == 0 && rm == 6 ? 2 : mod);
    } else {
      if (rm == 4) {
        int sib = r.below(256);
        put(sib);
        rm = sib & 7;
      }
      displacement(mod == 2 || mod == 0 && rm == 5 ? 4 : mod);
    }
    Bytes b = new Bytes(code);
    long value = r.chance(60) ? r.below(256) - 128 : r.next();
    for (int n = 0; n < displacementSize; n++) {
      b.putByte(displacementAt + n, (int) (value >>> 8 * n));
    }
  }

  private void displacement(int size) {
    displacementAt = length;
    displacementSize = size;
    length += size;
  }

  private void immediates(Random64 r) {
    long value = Values.integer(r);
    if (r.chance(30)) {
      value &= r.chance(50) ? 0x1F : 0x3F;
    }
    for (int n = 0; length + n < code.length; n++) {
      code[length + n] = (byte) (n < 8 ? value >>> 8 * n : r.next());
    }
  }

  /** Replaces the displacement; its size must hold the value. */
  void displace(long value) {
    for (int n = 0; n < displacementSize; n++) {
      code[displacementAt + n] = (byte) (value >>> 8 * n);
    }
  }

  /** The first bytes, at most what an instruction may have. */
  byte[] bytes(int length) {
    return java.util.Arrays.copyOf(code, Math.min(length, MAX));
  }
}
