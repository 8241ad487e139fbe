package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.lang.classfile.Label;

/** Writes multiplications. */
final class MultiplicationWriter extends IntegerOperation {
  MultiplicationWriter(Frame f, FlagWriter flags, MemoryWriter memory) {
    super(f, flags, memory);
  }

  /** Writes MUL or IMUL; the arguments are those of {@link IntegerWriter#write}. */
  void write(Instruction i, long next, boolean needed) {
    begin(i, next, needed);
    if (i.kind1 == Instruction.NONE) {
      multiplyWide(i.mnemonic == Mnemonic.IMUL);
    } else {
      multiply();
    }
  }

  private void multiply() {
    int size = i.size0;
    boolean three = i.kind2 != Instruction.NONE;
    if (needed) {
      flags.words();
    }
    memory.operand(i, three ? 1 : 0, next, size);
    if (size == 4 && !needed) {
      b.l2i();
      if (three) {
        f.constant((int) i.immediate);
      } else {
        memory.operand(i, 1, next, size);
        b.l2i();
      }
      b.imul().i2l();
      memory.toRegister(GPR, i.reg0, size);
      return;
    }
    memory.signExtend(size);
    if (three) {
      f.constant(i.immediate);
    } else {
      memory.operand(i, 1, next, size);
    }
    memory.signExtend(size);
    if (needed) {
      b.lstore(T1).lstore(T0).lload(T0).lload(T1);
    }
    b.lmul();
    if (needed) {
      b.dup2().lstore(T2);
      if (size == 8) {
        b.lload(T0).lload(T1);
        f.call(type(Math.class), "multiplyHigh", J, J, J);
        b.lload(T2);
        f.constant(63);
        b.lshr();
      } else {
        b.lload(T2).lload(T2);
        memory.signExtend(size);
      }
      overflowUnlessEqual();
    }
    memory.toRegister(GPR, i.reg0, size);
  }

  /** CF and OF from the comparison of the two words on the stack. */
  private void overflowUnlessEqual() {
    Label equal = b.newLabel();
    b.lcmp().dup().ifeq(equal).pop();
    f.constant(1);
    b.labelBinding(equal);
    b.lload(CARRIES);
    f.call(FORM_TYPE, "afterMultiplication", J, Z, J);
    b.lstore(CARRIES);
    flags.changed();
  }

  /** RDX:RAX or EDX:EAX = accumulator * operand. */
  private void multiplyWide(boolean signed) {
    int size = i.size0;
    if (needed) {
      flags.words();
    }
    memory.operand(i, 0, next, size);
    if (signed) {
      memory.signExtend(size);
    }
    b.lstore(T1);
    memory.register(GPR, Cpu.RAX, size);
    if (signed) {
      memory.signExtend(size);
    }
    b.lstore(T0);
    b.lload(T0).lload(T1).lmul().lstore(T2);
    if (size == 8) {
      b.lload(T0).lload(T1);
      f.call(type(Math.class), signed ? "multiplyHigh" : "unsignedMultiplyHigh", J, J, J);
    } else {
      b.lload(T2);
      f.constant(32);
      if (signed) {
        b.lshr();
      } else {
        b.lushr();
      }
    }
    b.lstore(T3);
    b.lload(T2);
    memory.toRegister(GPR, Cpu.RAX, size);
    b.lload(T3);
    memory.toRegister(GPR, Cpu.RDX, size);
    if (needed) {
      b.lload(T3);
      if (!signed) {
        f.constant(0L);
      } else {
        b.lload(T2);
        memory.signExtend(size);
        f.constant(63);
        b.lshr();
      }
      overflowUnlessEqual();
    }
  }
}
