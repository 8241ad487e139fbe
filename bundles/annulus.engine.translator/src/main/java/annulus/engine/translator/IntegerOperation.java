package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.decode.Instruction;
import java.lang.classfile.CodeBuilder;

/** What writers of integer instructions have in common: the instruction at hand, its first operand, and where its flags go. */
abstract class IntegerOperation {
  static final int GPR = Instruction.GPR;
  static final int HIGH = Instruction.HIGH_BYTE;
  static final int MEMORY = Instruction.MEMORY;
  static final int IMMEDIATE = Instruction.IMMEDIATE;

  final Frame f;
  final CodeBuilder b;
  final FlagWriter flags;
  final MemoryWriter memory;

  @SuppressWarnings("NullAway.Init") // set by begin
  Instruction i;
  /** Distance of the next instruction from the entry. */
  long next;
  /** Whether anybody can see its flags. */
  boolean needed;

  IntegerOperation(Frame f, FlagWriter flags, MemoryWriter memory) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
  }

  final void begin(Instruction i, long next, boolean needed) {
    this.i = i;
    this.next = next;
    this.needed = needed;
  }

  final boolean inMemory() {
    return i.kind0 == MEMORY;
  }

  /** Pushes the operand that {@link #result} will replace. */
  final void first() {
    if (inMemory()) {
      memory.address(i, next);
      memory.open(i.size0);
    } else {
      memory.register(i.kind0, i.reg0, i.size0);
    }
  }

  final void result() {
    if (inMemory()) {
      memory.put(i.size0);
    } else {
      memory.toRegister(i.kind0, i.reg0, i.size0);
    }
  }

  /** Leaves the value on the stack also as the flags' result. */
  final void keep(int form) {
    b.dup2();
    memory.signExtend(i.size0);
    b.lstore(RESULT);
    flags.set(form, i.size0);
  }
}
