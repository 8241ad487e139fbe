package annulus.oracle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The machine code of {@code stub.asm} and the offsets within its context. */
final class Stub {
  static final int GPR = 0;
  static final int FRAME = 0x80;
  static final int SELECTORS = 0xB0;
  static final int FLAT = 0xBC;
  static final int BASES = 0xC0;
  static final int GREGS = 0x100;
  static final int SEGMENTS = 0x1C0;
  static final int CPUID = 0x1D0;
  static final int CHAIN = 0x200;
  static final int FX_IN = 0x400;
  static final int FX_OUT = 0x600;

  private Stub() {}

  /** The code, which begins with the offsets of its four entries. */
  static Bytes code() {
    try (InputStream in = Stub.class.getResourceAsStream("stub.bin")) {
      if (in == null) {
        throw new IllegalStateException("stub.bin is missing beside " + Stub.class.getName());
      }
      return new Bytes(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("stub.bin", e);
    }
  }
}
