package annulus.cpu.exec;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.F80;

/**
 * FNSTENV, FLDENV, FNSAVE, FRSTOR in their four formats (SDM 1 8.1.10, figures 8-9 to 8-12). Words in order, each 2 or 4 bytes:
 *
 * <pre>
 *           protected                      real and virtual-8086
 * 0 1 2     control, status, tags          the same
 * 3         IP offset                      IP 15-0
 * 4         CS selector (opcode 26-16)     opcode 10-0, IP 19-16 at 15-12 (31-16 at 27-12)
 * 5         operand offset                 operand 15-0
 * 6         operand selector               operand 19-16 at 15-12 (31-16 at 27-12)
 * </pre>
 *
 * Real mode keeps linear addresses. The 32-bit form fills unused upper halves with ones. The register image follows, ST0 first.
 */
final class X87Environment implements Family {
  private static final int WORDS = 7;

  @Override public void define(Definitions d) {
    d.define(Mnemonic.FNSTENV, X87Environment::store);
    d.define(Mnemonic.FLDENV, X87Environment::load);
    d.define(Mnemonic.FNSAVE, X87Environment::save);
    d.define(Mnemonic.FRSTOR, X87Environment::restore);
  }

  private static void store(Cpu c, Instruction i) {
    X87.available(c);
    int width = i.operandSize == 2 ? 2 : 4;
    long linear = Addressing.linear(c, i, WORDS * width, true);
    c.memory.checkWrite(linear, WORDS * width);
    storeEnvironment(c, linear, width);
    c.fpu.control |= 0x3F;
    X87.summarise(c.fpu);
  }

  private static void load(Cpu c, Instruction i) {
    if (X87.ready(c, i)) {
      int width = i.operandSize == 2 ? 2 : 4;
      long linear = Addressing.linear(c, i, WORDS * width, false);
      c.memory.checkRead(linear, WORDS * width);
      loadEnvironment(c, linear, width);
    }
  }

  private static void save(Cpu c, Instruction i) {
    X87.available(c);
    int width = i.operandSize == 2 ? 2 : 4;
    int size = WORDS * width + 80;
    long linear = Addressing.linear(c, i, size, true);
    c.memory.checkWrite(linear, size);
    storeEnvironment(c, linear, width);
    Fpu f = c.fpu;
    for (int st = 0; st < 8; st++) {
      long at = linear + WORDS * width + 10L * st;
      int r = f.physical(st);
      c.memory.store64(at & mask(c), f.significand[r]);
      c.memory.store16(at + 8 & mask(c), f.signExponent[r]);
    }
    f.initialise();
  }

  private static void restore(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    int width = i.operandSize == 2 ? 2 : 4;
    int size = WORDS * width + 80;
    long linear = Addressing.linear(c, i, size, false);
    c.memory.checkRead(linear, size);
    loadEnvironment(c, linear, width);
    Fpu f = c.fpu;
    for (int st = 0; st < 8; st++) {
      long at = linear + WORDS * width + 10L * st;
      int r = f.physical(st);
      f.significand[r] = c.memory.load64(at & mask(c));
      f.signExponent[r] = c.memory.load16(at + 8 & mask(c));
    }
  }

  private static void storeEnvironment(Cpu c, long linear, int width) {
    Fpu f = c.fpu;
    long reserved = 0xFFFF_0000L;
    put(c, linear, 0, width, f.control | reserved);
    put(c, linear, 1, width, f.statusWord() | reserved);
    put(c, linear, 2, width, tags(f) | reserved);
    if (c.protectedMode() && !c.virtual8086()) {
      put(c, linear, 3, width, f.instructionPointer);
      put(c, linear, 4, width, f.instructionSelector | (long) f.opcode << 16);
      put(c, linear, 5, width, f.dataPointer);
      put(c, linear, 6, width, f.dataSelector | reserved);
    } else {
      long ip = f.instructionPointer + ((long) f.instructionSelector << 4);
      long data = f.dataPointer + ((long) f.dataSelector << 4);
      put(c, linear, 3, width, ip & 0xFFFF | reserved);
      put(c, linear, 4, width, f.opcode & 0x7FF | ip >>> 16 << 12 & 0xFFF_F000L);
      put(c, linear, 5, width, data & 0xFFFF | reserved);
      put(c, linear, 6, width, data >>> 16 << 12 & 0xFFF_F000L);
    }
  }

  private static void loadEnvironment(Cpu c, long linear, int width) {
    Fpu f = c.fpu;
    int control = (int) get(c, linear, 0, width);
    f.setStatusWord((int) get(c, linear, 1, width));
    int tags = (int) get(c, linear, 2, width);
    f.valid = 0;
    for (int r = 0; r < 8; r++) {
      f.valid |= (tags >>> 2 * r & 3) != 3 ? 1 << r : 0;
    }
    long ip = get(c, linear, 3, width);
    long code = get(c, linear, 4, width);
    long data = get(c, linear, 5, width);
    long selector = get(c, linear, 6, width);
    if (c.protectedMode() && !c.virtual8086()) {
      f.instructionPointer = ip;
      f.instructionSelector = (int) code & 0xFFFF;
      f.opcode = width == 4 ? (int) (code >>> 16) & 0x7FF : 0;
      f.dataPointer = data;
      f.dataSelector = (int) selector & 0xFFFF;
    } else {
      f.instructionPointer = ip & 0xFFFF | code >>> 12 << 16 & 0xFFFF_0000L;
      f.instructionSelector = 0;
      f.opcode = (int) code & 0x7FF;
      f.dataPointer = data & 0xFFFF | selector >>> 12 << 16 & 0xFFFF_0000L;
      f.dataSelector = 0;
    }
    X87.setControl(f, control);
  }

  /** The full tag word: 0 valid, 1 zero, 2 special, 3 empty, two bits for each physical register (SDM 1 8.1.7). */
  static int tags(Fpu f) {
    int tags = 0;
    for (int r = 0; r < 8; r++) {
      int exponent = f.signExponent[r] & F80.EXPONENT;
      long s = f.significand[r];
      int tag;
      if ((f.valid >>> r & 1) == 0) {
        tag = 3;
      } else if (exponent == 0 && s == 0) {
        tag = 1;
      } else {
        tag = exponent == 0 || exponent == F80.EXPONENT || s >= 0 ? 2 : 0;
      }
      tags |= tag << 2 * r;
    }
    return tags;
  }

  private static void put(Cpu c, long linear, int n, int width, long value) {
    c.memory.store(linear + (long) n * width & mask(c), width, value);
  }

  private static long get(Cpu c, long linear, int n, int width) {
    return c.memory.load(linear + (long) n * width & mask(c), width);
  }

  private static long mask(Cpu c) {
    return X87LoadStore.addressMask(c);
  }
}
