package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.arch.Seg;
import annulus.cpu.decode.Instruction;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;

/**
 * Writes the frequent x87 instructions: operands are read here, as every access of a region is, the rest is one of {@link X87Calls}.
 * A store asks first, then stores, then changes the unit: a fault of the store finds nothing changed.
 */
final class X87Writer {
  private static final ClassDesc CALLS = type(X87Calls.class);
  private static final int ST = Instruction.ST;

  private final Frame f;
  private final CodeBuilder b;
  private final FlagWriter flags;
  private final MemoryWriter memory;
  /** The block has found the unit there, which only block ends change, and nothing pending, which its instructions may change. */
  private boolean available;

  X87Writer(Frame f, FlagWriter flags, MemoryWriter memory) {
    this.f = f;
    b = f.b;
    this.flags = flags;
    this.memory = memory;
  }

  /** Whether {@link #write} knows {@code i}. */
  static boolean knows(Instruction i) {
    return switch (i.mnemonic) {
      case FADD, FSUB, FSUBR, FMUL, FDIV, FDIVR -> i.kind0 == ST || reachable(i);
      case FIADD, FISUB, FISUBR, FIMUL, FIDIV, FIDIVR, FILD -> reachable(i);
      case FLD, FST, FSTP -> i.kind0 == ST || reachable(i);
      case FADDP, FSUBP, FSUBRP, FMULP, FDIVP, FDIVRP, FSQRT, FXCH, FCHS, FABS, FLD1, FLDZ, FCOMI, FCOMIP, FUCOMI, FUCOMIP -> true;
      default -> false;
    };
  }

  /** The data pointer is an offset: equal to the linear address where the base is 0. */
  private static boolean reachable(Instruction i) {
    return MemoryWriter.addressable(i) && i.segment < Seg.FS;
  }

  /** At the start of a block. */
  void join() {
    available = false;
  }

  /**
   * Writes {@code i}; {@code needed}: whether anybody can see its flags.
   *
   * @param next distance of the next instruction from the entry
   */
  void write(Instruction i, int next, boolean needed) {
    if (!available) {
      f.cpu();
      f.call(CALLS, "available", V, CPU_TYPE);
      available = true;
    } else if (i.hasMemory()) {
      // A pending exception comes before the operand's faults.
      f.cpu();
      f.call(CALLS, "ready", V, CPU_TYPE);
    }
    switch (i.mnemonic) {
      case FADD, FADDP, FIADD -> arithmetic(i, next, "add");
      case FSUB, FSUBP, FISUB -> arithmetic(i, next, "sub");
      case FSUBR, FSUBRP, FISUBR -> arithmetic(i, next, "subr");
      case FMUL, FMULP, FIMUL -> arithmetic(i, next, "mul");
      case FDIV, FDIVP, FIDIV -> arithmetic(i, next, "div");
      case FDIVR, FDIVRP, FIDIVR -> arithmetic(i, next, "divr");
      case FSQRT -> registers(i, next, "sqrt", V);
      case FXCH -> registers(i, next, "exchange", V);
      case FCHS -> registers(i, next, "changeSign", V);
      case FABS -> registers(i, next, "absolute", V);
      case FLD1 -> registers(i, next, "one", V);
      case FLDZ -> registers(i, next, "zero", V);
      case FLD, FILD -> load(i, next);
      case FST -> store(i, next, false);
      case FSTP -> store(i, next, true);
      case FCOMI, FUCOMI -> compare(i, next, "compare", needed);
      case FCOMIP, FUCOMIP -> compare(i, next, "comparePop", needed);
      default -> throw new IllegalArgumentException(i.mnemonic + " is not among the x87 instructions that are written");
    }
  }

  /** Whether {@code i} sets the status flags, all of them. */
  static boolean setsFlags(Instruction i) {
    return switch (i.mnemonic) {
      case FCOMI, FCOMIP, FUCOMI, FUCOMIP -> true;
      default -> false;
    };
  }

  /** Pushes what every call wants: processor, instruction, address of the next. */
  private void instruction(Instruction i, int next) {
    f.cpu();
    f.field("I" + f.constantOf(i), INSTRUCTION_TYPE);
    f.pointer(next);
  }

  private void registers(Instruction i, int next, String name, ClassDesc result) {
    instruction(i, next);
    f.call(CALLS, name, result, CPU_TYPE, INSTRUCTION_TYPE, J);
  }

  private void arithmetic(Instruction i, int next, String name) {
    if (i.hasMemory()) {
      operand(i, next);
      instruction(i, next);
      f.call(CALLS, name + (integer(i) ? "Integer" : "Real"), V, J, J, CPU_TYPE, INSTRUCTION_TYPE, J);
    } else {
      registers(i, next, i.mnemonic.name().endsWith("P") ? name + "Pop" : name, V);
    }
  }

  private static boolean integer(Instruction i) {
    return i.mnemonic.name().charAt(1) == 'I';
  }

  /** Pushes the operand's address and its value. */
  private void operand(Instruction i, int next) {
    memory.address(i, next);
    b.lstore(T2);
    b.lload(T2).lload(T2);
    memory.load(Math.min(i.size0, 8));
  }

  private void load(Instruction i, int next) {
    if (i.kind0 == ST) {
      registers(i, next, "copy", V);
      return;
    }
    operand(i, next);
    if (i.size0 == 10) {
      b.lload(T2);
      f.constant(8L);
      b.ladd();
      f.masked();
      memory.load(2);
      instruction(i, next);
      f.call(CALLS, "load80", V, J, J, J, CPU_TYPE, INSTRUCTION_TYPE, J);
      return;
    }
    if (integer(i)) {
      memory.signExtend(i.size0);
    }
    instruction(i, next);
    f.call(CALLS, integer(i) ? "loadInteger" : "load", V, J, J, CPU_TYPE, INSTRUCTION_TYPE, J);
  }

  private void store(Instruction i, int next, boolean pop) {
    if (i.kind0 == ST) {
      registers(i, next, pop ? "storePop" : "store", V);
      return;
    }
    if (i.size0 == 10) {
      memory.address(i, next);
      f.context();
      f.field("TLB", LONGS);
      f.field("MEMORY", MEMORY_TYPE);
      f.constant(f.mask);
      instruction(i, next);
      f.call(CALLS, "store80", V, J, J, LONGS, MEMORY_TYPE, J, CPU_TYPE, INSTRUCTION_TYPE, J);
      return;
    }
    memory.address(i, next);
    b.lstore(T2);
    b.lload(T2);
    f.cpu();
    f.call(CALLS, i.size0 == 8 ? "asDouble" : "asSingle", J, CPU_TYPE);
    memory.store(i.size0);
    b.lload(T2);
    instruction(i, next);
    f.call(CALLS, pop ? "storedPop" : "stored", V, J, CPU_TYPE, INSTRUCTION_TYPE, J);
  }

  private void compare(Instruction i, int next, String name, boolean needed) {
    registers(i, next, name, I);
    if (needed) {
      flags.compared();
    } else {
      b.pop();
    }
  }
}
