package annulus.engine.translator;

import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.LinearMemory;
import annulus.cpu.block.LeaveRegion;
import annulus.cpu.decode.Instruction;
import annulus.cpu.exec.X87Quick;
import annulus.cpu.fp.F80;
import annulus.memory.Ram;
import annulus.memory.translation.SoftTlb;

/**
 * x87 instructions of generated code, one call each: HotSpot inlines nothing into a method of more than 8,000 bytecodes, and such
 * code has many instructions in a block. Each does the common case by {@link X87Quick} and the rest by the general meaning, whose
 * operands have already been read. A pending exception leaves the region, as does a store or a comparison that is not common: the
 * instruction has not begun and runs outside.
 *
 * <p>{@code next} is the address of the next instruction, {@code offset} that of the memory operand.
 */
final class X87Calls {
  private X87Calls() {}

  static void available(Cpu c) {
    X87Quick.available(c);
    ready(c);
  }

  static void ready(Cpu c) {
    if (X87Quick.pending(c.fpu)) {
      throw LeaveRegion.INSTANCE;
    }
  }

  private static void end(boolean quick, Cpu c, Instruction i, long next) {
    if (quick) {
      X87Quick.done(c, i, next);
    } else {
      ready(c);
      X87Quick.generally(c, i, next);
    }
  }

  private static void endPop(boolean quick, Cpu c, Instruction i, long next) {
    if (quick) {
      X87Quick.done(c, i, next);
      X87Quick.pop(c.fpu);
    } else {
      ready(c);
      X87Quick.generally(c, i, next);
    }
  }

  private static void endMemory(boolean quick, Cpu c, Instruction i, long next, long offset, long raw) {
    if (quick) {
      X87Quick.done(c, i, next, offset);
    } else {
      ready(c);
      X87Quick.arithmetic(c, i, next, offset, raw);
    }
  }

  /** A loaded operand as a 64-bit number. */
  private static long operand(Instruction i, long raw) {
    return i.size0 == 8 ? raw : X87Quick.single(raw);
  }

  private static long integer(Instruction i, long raw) {
    return X87Quick.integer(i.size0 == 2 ? (short) raw : (int) raw);
  }

  static void add(Cpu c, Instruction i, long next) {
    end(X87Quick.add(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void addPop(Cpu c, Instruction i, long next) {
    endPop(X87Quick.add(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void addReal(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.add(c.fpu, operand(i, raw)), c, i, next, offset, raw);
  }

  static void addInteger(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.add(c.fpu, integer(i, raw)), c, i, next, offset, raw);
  }

  static void sub(Cpu c, Instruction i, long next) {
    end(X87Quick.sub(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void subPop(Cpu c, Instruction i, long next) {
    endPop(X87Quick.sub(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void subReal(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.sub(c.fpu, operand(i, raw)), c, i, next, offset, raw);
  }

  static void subInteger(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.sub(c.fpu, integer(i, raw)), c, i, next, offset, raw);
  }

  static void subr(Cpu c, Instruction i, long next) {
    end(X87Quick.subr(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void subrPop(Cpu c, Instruction i, long next) {
    endPop(X87Quick.subr(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void subrReal(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.subr(c.fpu, operand(i, raw)), c, i, next, offset, raw);
  }

  static void subrInteger(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.subr(c.fpu, integer(i, raw)), c, i, next, offset, raw);
  }

  static void mul(Cpu c, Instruction i, long next) {
    end(X87Quick.mul(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void mulPop(Cpu c, Instruction i, long next) {
    endPop(X87Quick.mul(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void mulReal(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.mul(c.fpu, operand(i, raw)), c, i, next, offset, raw);
  }

  static void mulInteger(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.mul(c.fpu, integer(i, raw)), c, i, next, offset, raw);
  }

  static void div(Cpu c, Instruction i, long next) {
    end(X87Quick.div(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void divPop(Cpu c, Instruction i, long next) {
    endPop(X87Quick.div(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void divReal(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.div(c.fpu, operand(i, raw)), c, i, next, offset, raw);
  }

  static void divInteger(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.div(c.fpu, integer(i, raw)), c, i, next, offset, raw);
  }

  static void divr(Cpu c, Instruction i, long next) {
    end(X87Quick.divr(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void divrPop(Cpu c, Instruction i, long next) {
    endPop(X87Quick.divr(c.fpu, i.reg0, i.reg1), c, i, next);
  }

  static void divrReal(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.divr(c.fpu, operand(i, raw)), c, i, next, offset, raw);
  }

  static void divrInteger(long offset, long raw, Cpu c, Instruction i, long next) {
    endMemory(X87Quick.divr(c.fpu, integer(i, raw)), c, i, next, offset, raw);
  }

  static void sqrt(Cpu c, Instruction i, long next) {
    end(X87Quick.sqrt(c.fpu), c, i, next);
  }

  static void exchange(Cpu c, Instruction i, long next) {
    end(X87Quick.exchange(c.fpu, i.reg1), c, i, next);
  }

  static void changeSign(Cpu c, Instruction i, long next) {
    end(X87Quick.sign(c.fpu, -1, F80.SIGN), c, i, next);
  }

  static void absolute(Cpu c, Instruction i, long next) {
    end(X87Quick.sign(c.fpu, ~F80.SIGN, 0), c, i, next);
  }

  static void one(Cpu c, Instruction i, long next) {
    end(X87Quick.load(c.fpu, Long.MIN_VALUE, 0x3FFF), c, i, next);
  }

  static void zero(Cpu c, Instruction i, long next) {
    end(X87Quick.load(c.fpu, 0, 0), c, i, next);
  }

  static void copy(Cpu c, Instruction i, long next) {
    end(X87Quick.copy(c.fpu, i.reg0), c, i, next);
  }

  static void store(Cpu c, Instruction i, long next) {
    end(X87Quick.store(c.fpu, i.reg0), c, i, next);
  }

  static void storePop(Cpu c, Instruction i, long next) {
    endPop(X87Quick.store(c.fpu, i.reg0), c, i, next);
  }

  static void load(long offset, long raw, Cpu c, Instruction i, long next) {
    if (X87Quick.load(c.fpu, operand(i, raw))) {
      X87Quick.done(c, i, next, offset);
    } else {
      ready(c);
      X87Quick.load(c, i, next, offset, raw, 0);
    }
  }

  static void load80(long offset, long significand, long signExponent, Cpu c, Instruction i, long next) {
    int se = (int) signExponent & 0xFFFF;
    if (X87Quick.load(c.fpu, significand, se)) {
      X87Quick.done(c, i, next, offset);
    } else {
      ready(c);
      X87Quick.load(c, i, next, offset, significand, se);
    }
  }

  /** {@code v}: sign-extended. */
  static void loadInteger(long offset, long v, Cpu c, Instruction i, long next) {
    if (X87Quick.loadInteger(c.fpu, v)) {
      X87Quick.done(c, i, next, offset);
    } else {
      ready(c);
      X87Quick.loadInteger(c, i, next, offset, v);
    }
  }

  // ---- stores: the value, the store, the rest ------------------------------------------------------------------------------------

  static long asSingle(Cpu c) {
    return value(X87Quick.asSingle(c.fpu));
  }

  static long asDouble(Cpu c) {
    return value(X87Quick.asDouble(c.fpu));
  }

  private static long value(long v) {
    if (v == X87Quick.NONE) {
      throw LeaveRegion.INSTANCE;
    }
    return v;
  }

  static void stored(long offset, Cpu c, Instruction i, long next) {
    X87Quick.stored(c.fpu);
    X87Quick.done(c, i, next, offset);
  }

  static void storedPop(long offset, Cpu c, Instruction i, long next) {
    stored(offset, c, i, next);
    X87Quick.pop(c.fpu);
  }

  /** FSTP of ten bytes; {@code mask} cuts the address of its upper part off. */
  static void store80(long offset, long context, long[] tlb, LinearMemory m, long mask, Cpu c, Instruction i, long next) {
    Fpu f = c.fpu;
    if (!X87Quick.storable(f)) {
      throw LeaveRegion.INSTANCE;
    }
    long significand = X87Quick.significand(f);
    int se = X87Quick.signExponent(f);
    int n = SoftTlb.index(offset);
    if (tlb[n + SoftTlb.WRITE] == (offset + 9 & -4096 | context)) {
      long host = Ram.offset(offset + tlb[n + SoftTlb.ADDEND]);
      LinearMemory.write(host, 8, significand);
      LinearMemory.write(host + 8, 2, se);
    } else {
      m.checkWrite(offset, 10);
      if (m.changesCode(offset, 10)) {
        throw LeaveRegion.INSTANCE;
      }
      m.store64(offset, significand);
      m.store16(offset + 8 & mask, se);
    }
    X87Quick.storedExactly(f);
    X87Quick.done(c, i, next, offset);
    X87Quick.pop(f);
  }

  // ---- comparison ----------------------------------------------------------------------------------------------------------------

  static int compare(Cpu c, Instruction i, long next) {
    int order = X87Quick.compare(c, i.reg1);
    if (order == X87Quick.NO_ORDER) {
      throw LeaveRegion.INSTANCE;
    }
    X87Quick.done(c, i, next);
    return order;
  }

  static int comparePop(Cpu c, Instruction i, long next) {
    int order = compare(c, i, next);
    X87Quick.pop(c.fpu);
    return order;
  }
}
