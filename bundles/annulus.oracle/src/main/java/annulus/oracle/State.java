package annulus.oracle;

import annulus.arch.Rflags;

/**
 * The state an instruction meets, computed from a seed; the stack pointer and often the frame pointer point into the data. Part of
 * the format of recorded cases: a change here makes them stale, see {@link Recording}.
 */
final class State {
  private static final int RCX = 1;
  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final long MEMORY_SEED = 0x0DDB_1A5E_5EED_0001L;
  /** What the pages of data hold before a case: operands of all kinds, 16 bytes each. */
  private static final Bytes MEMORY = memory(Layout.DATA_SIZE);

  final long[] gpr = new long[16];
  long rip;
  long flags;
  /** FXSAVE image in the 64-bit format; the last-instruction pointers count only with FSW.ES set. */
  final Bytes fx = new Bytes(512);
  final Bytes data = new Bytes(Layout.DATA_SIZE);

  private static Bytes memory(int size) {
    Random64 r = new Random64(MEMORY_SEED);
    Bytes b = new Bytes(size);
    for (int at = 0; at < size; at += 16) {
      Values.vector(r, b, at);
    }
    return b;
  }

  /** Contents of the page that is only readable. */
  static byte[] readOnly() {
    Bytes b = memory(Layout.DATA_SIZE + Layout.PAGE);
    byte[] page = new byte[Layout.PAGE];
    System.arraycopy(b.array(), Layout.DATA_SIZE, page, 0, page.length);
    return page;
  }

  /** Becomes the state of {@code seed} for code of {@code bits} bits, without memory. */
  void generate(int bits, long base, long seed) {
    Random64 r = new Random64(seed);
    for (int n = 0; n < 16; n++) {
      gpr[n] = Values.integer(r);
    }
    if (r.chance(40)) {
      gpr[RCX] = gpr[RCX] & ~0xFFL | r.below(r.chance(50) ? 8 : 70);
    }
    long stack = Layout.DATA + 0x200 + 8L * r.below(0x340) + (r.chance(10) ? r.below(8) : 0);
    long frame = Layout.DATA + 0x200 + 8L * r.below(0x340);
    if (bits == 16) {
      // IRETQ to a 16-bit stack segment leaves the rest of the pointer as it was (SDM 2A IRET): within the oracle's context.
      gpr[RSP] = base & 0xFFFF_0000L | stack - Layout.DATA_BASE;
      gpr[RBP] = r.chance(60) ? gpr[RBP] & ~0xFFFFL | frame - Layout.DATA_BASE : gpr[RBP];
    } else {
      gpr[RSP] = base + stack;
      gpr[RBP] = r.chance(60) ? base + frame : gpr[RBP];
    }
    if (bits != 64) {
      for (int n = 0; n < 8; n++) {
        gpr[n] &= 0xFFFF_FFFFL;
      }
      for (int n = 8; n < 16; n++) {
        gpr[n] = 0;
      }
    }
    long status = r.next() & Rflags.STATUS;
    flags = status | Rflags.FIXED | Rflags.IF | Rflags.TF | (r.chance(25) ? Rflags.DF : 0) | (r.chance(10) ? Rflags.ID : 0);
    extended(r, fx);
  }

  /** Takes the whole state of a case. */
  void take(TestCase c, long base) {
    generate(c.bits(), base, c.seed());
    for (int n = 0; n < 16; n++) {
      if ((c.overridden() >>> n & 1) != 0) {
        gpr[n] = c.overrides()[n];
      }
    }
    rip = (c.bits() == 16 ? Layout.CODE - Layout.CODE_BASE : base + Layout.CODE) + c.codeOffset();
    place(c.overlay(), c.overlayOffset(), c.seed());
  }

  /** Fills the memory. */
  void place(Overlay overlay, int offset, long seed) {
    System.arraycopy(MEMORY.array(), 0, data.array(), 0, data.array().length);
    overlay.write(new Random64(~seed), data, offset);
  }

  /** Eight registers of which three in four are valid. */
  private static int mostly(Random64 r) {
    int some = r.below(256);
    return some | r.below(256);
  }

  /** An image as FXSAVE would leave it. */
  static void extended(Random64 r, Bytes fx) {
    int control = r.chance(75) ? 0x37F : 0x340 | r.below(64);
    control = r.chance(50) ? control : control & ~0xF00 | r.below(16) << 8;
    int status = r.next() < 0 ? 0 : (int) r.next() & 0x477F & (r.chance(80) ? ~(~control & 0x3F) : -1);
    status |= (status & ~control & 0x3F) != 0 ? 0x8080 : 0;
    fx.putShort(0, control);
    fx.putShort(2, status | r.below(8) << 11);
    fx.putShort(4, switch (r.below(4)) {
      case 0 -> 0xFF;
      case 1 -> 0;
      case 2 -> r.below(256);
      default -> mostly(r);
    });
    fx.putShort(6, r.below(0x800));
    fx.putLong(8, r.next() & 0x7FFF_FFFF_FFFFL);
    fx.putLong(16, r.next() & 0x7FFF_FFFF_FFFFL);
    int mxcsr = r.chance(75) ? 0x1F80 : r.below(64) << 7;
    mxcsr |= r.chance(50) ? 0 : r.below(4) << 13 | r.below(64) | (r.chance(25) ? 0x40 : 0) | (r.chance(25) ? 0x8000 : 0);
    fx.putInt(24, mxcsr);
    fx.putInt(28, 0);
    for (int n = 0; n < 8; n++) {
      int se = Values.signExponent(r);
      fx.putLong(32 + 16 * n, Values.significand(r, se));
      fx.putLong(40 + 16 * n, se);
    }
    for (int n = 0; n < 16; n++) {
      Values.vector(r, fx, 160 + 16 * n);
    }
  }
}
