package annulus.engine.translator;

import static annulus.engine.translator.Frame.*;

import annulus.arch.Seg;
import annulus.cpu.Cpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.lang.classfile.Label;

/** Writes integer instructions that do not branch. What it declines runs by its general meaning. */
final class IntegerWriter extends IntegerOperation {
  private final ShiftWriter shifts;
  private final MultiplicationWriter multiplications;

  IntegerWriter(Frame f, FlagWriter flags, MemoryWriter memory) {
    super(f, flags, memory);
    shifts = new ShiftWriter(f, flags, memory);
    multiplications = new MultiplicationWriter(f, flags, memory);
  }

  /** Whether {@link #write} knows {@code i}. */
  static boolean knows(Instruction i) {
    if (i.lock || !MemoryWriter.addressable(i)) {
      return false;
    }
    boolean wide = i.operandSize == (i.codeBits == 64 ? 8 : 4);
    return switch (i.mnemonic) {
      case NOP, ENDBR32, ENDBR64, PREFETCHNTA, PREFETCHT0, PREFETCHT1, PREFETCHT2, PREFETCHW, PREFETCH, LEA, CBW, CWD, LFENCE,
          SFENCE, MFENCE -> true;
      case MOV, MOVZX, MOVSX, MOVSXD, MOVNTI, ADD, ADC, SUB, SBB, CMP, AND, OR, XOR, TEST, INC, DEC, NEG, NOT, CMOVCC, SETCC ->
          integer(i.kind0) && (i.kind1 == Instruction.NONE || integer(i.kind1));
      case XCHG, BSWAP -> register(i.kind0) && (i.kind1 == Instruction.NONE || register(i.kind1)) && i.size0 != 2;
      case SHL, SHR, SAR, ROL, ROR -> integer(i.kind0) && integer(i.kind1);
      case IMUL -> i.kind1 != Instruction.NONE || i.size0 >= 4;
      case MUL -> i.size0 >= 4;
      case BT, BTS, BTR, BTC -> i.kind0 == GPR;
      case PUSH -> wide && (i.kind0 == GPR || i.kind0 == IMMEDIATE || i.kind0 == MEMORY);
      case POP -> wide && i.kind0 == GPR;
      case LEAVE -> wide;
      default -> false;
    };
  }

  /** Whether its memory operand lies in the stack segment. */
  static boolean stack(Instruction i) {
    return switch (i.mnemonic) {
      case PUSH, POP, LEAVE -> !pushesMemory(i) || i.segment == Seg.SS;
      default -> i.hasMemory() && i.segment == Seg.SS;
    };
  }

  /** Whether it accesses the stack after another operand: it has two numbers in its region, one for the faults of each. */
  static boolean pushesMemory(Instruction i) {
    return i.mnemonic == Mnemonic.PUSH && i.kind0 == MEMORY;
  }

  private static boolean integer(int kind) {
    return kind == GPR || kind == HIGH || kind == MEMORY || kind == IMMEDIATE;
  }

  private static boolean register(int kind) {
    return kind == GPR || kind == HIGH;
  }

  /**
   * Writes {@code i}.
   *
   * @param next distance of the next instruction from the entry
   * @param needed whether anybody can see its flags
   */
  void write(Instruction i, long next, boolean needed) {
    begin(i, next, needed);
    switch (i.mnemonic) {
      case MOV, MOVZX, MOVNTI -> move(false);
      case MOVSX, MOVSXD -> move(true);
      case LEA -> {
        memory.address(i, next);
        memory.toRegister(GPR, i.reg0, i.size0);
      }
      case ADD -> add(false);
      case ADC -> add(true);
      case SUB, CMP -> subtract(false);
      case SBB -> subtract(true);
      case AND, OR, XOR, TEST -> logic();
      case INC, DEC -> step();
      case NEG -> negate();
      case NOT -> {
        first();
        f.constant(-1L);
        b.lxor();
        result();
      }
      case SHL, SHR, SAR, ROL, ROR -> shifts.write(i, next, needed);
      case IMUL, MUL -> multiplications.write(i, next, needed);
      case CMOVCC -> moveIf();
      case SETCC -> setIf();
      case BT, BTS, BTR, BTC -> bitTest();
      case BSWAP -> {
        f.get(i.reg0);
        f.call(type(Long.class), "reverseBytes", J, J);
        if (i.size0 == 4) {
          f.constant(32);
          b.lushr();
        }
        memory.toRegister(GPR, i.reg0, i.size0);
      }
      case XCHG -> {
        memory.operand(i, 0, next, i.size0);
        b.lstore(T0);
        memory.operand(i, 1, next, i.size0);
        memory.toRegister(i.kind0, i.reg0, i.size0);
        b.lload(T0);
        memory.toRegister(i.kind1, i.reg1, i.size0);
      }
      case CBW -> {
        f.get(Cpu.RAX);
        memory.signExtend(i.operandSize / 2);
        memory.toRegister(GPR, Cpu.RAX, i.operandSize);
      }
      case CWD -> {
        f.get(Cpu.RAX);
        memory.signExtend(i.operandSize);
        f.constant(63);
        b.lshr();
        memory.toRegister(GPR, Cpu.RDX, i.operandSize);
      }
      case PUSH -> push();
      case POP -> pop();
      case LEAVE -> leave();
      default -> { }
    }
  }

  // ---- moves ------------------------------------------------------------------------------------------------------------------

  private void move(boolean signed) {
    if (inMemory()) {
      memory.address(i, next);
      memory.operand(i, 1, next, i.size0);
      memory.store(i.size0);
      return;
    }
    if (i.kind1 == IMMEDIATE) {
      f.constant(i.size0 == 8 ? i.immediate : i.immediate & MemoryWriter.mask(i.size0));
    } else {
      memory.operand(i, 1, next, i.size1);
    }
    if (signed) {
      memory.signExtend(i.size1);
    }
    memory.toRegister(i.kind0, i.reg0, i.size0);
  }

  // ---- arithmetic -------------------------------------------------------------------------------------------------------------

  private void add(boolean carry) {
    int size = i.size0;
    if (carry) {
      flags.carry();
      b.lstore(T0);
    }
    first();
    memory.operand(i, 1, next, size);
    if (needed) {
      b.lstore(FLAG_B).lstore(FLAG_A).lload(FLAG_A).lload(FLAG_B);
    }
    b.ladd();
    if (carry) {
      b.lload(T0).ladd();
    }
    if (needed) {
      keep(carry ? FlagForm.ADC : FlagForm.ADD);
    }
    result();
  }

  private void subtract(boolean borrow) {
    int size = i.size0;
    boolean compare = i.mnemonic == Mnemonic.CMP;
    if (borrow) {
      flags.carry();
      b.lstore(T0);
    }
    if (compare) {
      memory.operand(i, 0, next, size);
    } else {
      first();
    }
    memory.operand(i, 1, next, size);
    if (needed) {
      b.lstore(FLAG_B).lstore(FLAG_A).lload(FLAG_A).lload(FLAG_B);
    }
    b.lsub();
    if (borrow) {
      b.lload(T0).lsub();
    }
    if (compare) {
      if (needed) {
        memory.signExtend(size);
        b.lstore(RESULT);
        flags.set(FlagForm.SUB, size);
      } else {
        b.pop2();
      }
      return;
    }
    if (needed) {
      keep(borrow ? FlagForm.SBB : FlagForm.SUB);
    }
    result();
  }

  private void negate() {
    first();
    if (needed) {
      b.lstore(FLAG_B);
      f.constant(0L);
      b.lstore(FLAG_A).lload(FLAG_B);
    }
    b.lneg();
    if (needed) {
      keep(FlagForm.SUB);
    }
    result();
  }

  private void logic() {
    int size = i.size0;
    boolean test = i.mnemonic == Mnemonic.TEST;
    if (test) {
      memory.operand(i, 0, next, size);
    } else {
      first();
    }
    boolean same = i.kind0 == GPR && i.kind1 == GPR && i.reg0 == i.reg1;
    if (!same || i.mnemonic == Mnemonic.XOR) {
      memory.operand(i, 1, next, size);
      switch (i.mnemonic) {
        case OR -> b.lor();
        case XOR -> b.lxor();
        default -> b.land();
      }
    }
    if (needed) {
      keep(FlagForm.LOGIC);
    }
    if (test) {
      b.pop2();
    } else {
      result();
    }
  }

  private void step() {
    boolean up = i.mnemonic == Mnemonic.INC;
    first();
    f.constant(1L);
    if (up) {
      b.ladd();
    } else {
      b.lsub();
    }
    if (needed) {
      flags.carryWord();
      b.lstore(CARRIES);
      keep(up ? FlagForm.INC : FlagForm.DEC);
    }
    result();
  }

  // ---- bits and conditions ----------------------------------------------------------------------------------------------------

  private void bitTest() {
    int size = i.size0;
    if (needed) {
      flags.words();
    }
    memory.operand(i, 1, next, size);
    f.constant(8L * size - 1);
    b.land().lstore(T4);
    memory.register(GPR, i.reg0, size);
    b.lstore(T0);
    if (i.mnemonic != Mnemonic.BT) {
      b.lload(T0);
      f.constant(1L);
      b.lload(T4).l2i().lshl();
      switch (i.mnemonic) {
        case BTS -> b.lor();
        case BTR -> {
          f.constant(-1L);
          b.lxor().land();
        }
        default -> b.lxor();
      }
      memory.toRegister(GPR, i.reg0, size);
    }
    if (needed) {
      b.lload(CARRIES).lload(T0).lload(T4).l2i().lushr();
      f.constant(1L);
      b.land();
      f.call(FORM_TYPE, "withCarry", J, J, J);
      b.lstore(CARRIES);
      flags.changed();
    }
  }

  private void moveIf() {
    int size = i.size0;
    Label not = b.newLabel();
    memory.operand(i, 1, next, size);
    b.lstore(T0);
    f.touch(i.reg0);
    if (flags.conditions.word(i.condition)) {
      f.constant(63);
      b.lshr();
      memory.register(GPR, i.reg0, size);
      b.lload(T0).lxor().land();
      memory.register(GPR, i.reg0, size);
      b.lxor();
      memory.toRegister(GPR, i.reg0, size);
      return;
    }
    flags.conditions.branch(i.condition ^ 1, not);
    b.lload(T0);
    memory.toRegister(GPR, i.reg0, size);
    if (size == 4) {
      Label end = b.newLabel();
      b.goto_(end);
      b.labelBinding(not);
      memory.register(GPR, i.reg0, 4);
      f.set(i.reg0);
      b.labelBinding(end);
    } else {
      b.labelBinding(not);
    }
  }

  private void setIf() {
    if (flags.conditions.word(i.condition)) {
      f.constant(63);
      b.lushr().lstore(T0);
    } else {
      Label not = b.newLabel();
      f.constant(0L);
      b.lstore(T0);
      flags.conditions.branch(i.condition ^ 1, not);
      f.constant(1L);
      b.lstore(T0);
      b.labelBinding(not);
    }
    if (inMemory()) {
      memory.address(i, next);
      b.lload(T0);
      memory.store(1);
    } else {
      b.lload(T0);
      memory.toRegister(i.kind0, i.reg0, 1);
    }
  }

  // ---- stack ------------------------------------------------------------------------------------------------------------------

  private void push() {
    int size = i.operandSize;
    boolean loads = pushesMemory(i);
    if (loads) {
      memory.operand(i, 0, next, size);
      b.lstore(T0);
      f.nextAccess();
    }
    memory.push(size, () -> {
      if (loads) {
        b.lload(T0);
      } else {
        memory.operand(i, 0, next, size);
      }
    });
  }

  /** POP RSP keeps what was popped. */
  private void pop() {
    int size = i.operandSize;
    if (memory.callsForStack(size)) {
      memory.pop();
      f.set(i.reg0);
      return;
    }
    memory.top(Cpu.RSP, size);
    memory.release(size);
    f.set(i.reg0);
  }

  private void leave() {
    int size = i.operandSize;
    memory.top(Cpu.RBP, size);
    f.set(Cpu.RBP);
    memory.release(size);
  }
}
