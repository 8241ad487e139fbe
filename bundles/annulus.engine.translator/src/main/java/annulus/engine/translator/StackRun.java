package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.util.List;

/**
 * PUSH after PUSH, or POP after POP, of general registers in 64-bit code, as functions begin and end with: one call for all where accesses
 * are calls.
 *
 * @param pushes or pops
 * @param registers their numbers, four bits each, the first lowest
 * @param count two or more
 */
record StackRun(boolean pushes, long registers, int count) {
  private static final int MOST = 8;

  /** What begins with instruction {@code k}, or one of fewer than two. */
  static StackRun of(List<Instruction> all, int k) {
    boolean pushes = all.get(k).mnemonic == Mnemonic.PUSH;
    long registers = 0;
    int count = 0;
    while (k + count < all.size() && count < MOST && belongs(all.get(k + count), pushes)) {
      registers |= (long) all.get(k + count).reg0 << 4 * count;
      count++;
    }
    return new StackRun(pushes, registers, count);
  }

  private static boolean belongs(Instruction i, boolean pushes) {
    return i.mnemonic == (pushes ? Mnemonic.PUSH : Mnemonic.POP) && i.kind0 == Instruction.GPR && i.codeBits == 64 && i.operandSize == 8
        && i.reg0 != Cpu.RSP;
  }

  boolean worthwhile() {
    return count > 1;
  }

  /** Writes it; {@code number} is that of the first instruction, and the others' follow. */
  void write(Frame f, int number) {
    f.constant(registers);
    f.constant(count);
    f.cpu();
    f.constant(number);
    f.call(ACCESS_TYPE, pushes ? "pushAll" : "popAll", V, J, I, CPU_TYPE, I);
  }
}
