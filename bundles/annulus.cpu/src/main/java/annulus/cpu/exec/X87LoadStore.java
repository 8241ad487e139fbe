package annulus.cpu.exec;

import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.cpu.fp.F32;
import annulus.cpu.fp.F64;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;

/** FLD, FST, FSTP and the integer transfers FILD, FIST, FISTP, FISTTP (SDM 2A). A store that traps leaves memory and stack alone. */
final class X87LoadStore implements Family {
  @Override public void define(Definitions d) {
    d.define(Mnemonic.FLD, X87LoadStore::load);
    d.define(Mnemonic.FILD, X87LoadStore::loadInteger);
    d.define(Mnemonic.FST, (c, i) -> store(c, i, false));
    d.define(Mnemonic.FSTP, (c, i) -> store(c, i, true));
    d.define(Mnemonic.FSTPNCE, X87LoadStore::storeUnchecked);
    d.define(Mnemonic.FIST, (c, i) -> storeInteger(c, i, false, false));
    d.define(Mnemonic.FISTP, (c, i) -> storeInteger(c, i, true, false));
    d.define(Mnemonic.FISTTP, (c, i) -> storeInteger(c, i, true, true));
  }

  private static void load(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    Fpu f = c.fpu;
    if (i.kind0 == Instruction.ST) {
      loadRegister(c, i, f);
      return;
    }
    int size = i.size0;
    long linear = Addressing.linear(c, i, size, false);
    long raw = c.memory.load(linear, Math.min(size, 8));
    int se = size == 10 ? c.memory.load16(linear + 8 & addressMask(c)) : 0;
    X87.beginMemory(c, i);
    loaded(f, size, raw, se);
  }

  /** FLD once its operand has been loaded and the pointers are written; {@code se}: the upper part of ten bytes. */
  static void loaded(Fpu f, int size, long raw, int se) {
    if (X87.full(f)) {
      X87.overflow(f);
      return;
    }
    FpContext x = f.context;
    long s = switch (size) {
      case 4 -> F32.toF80((int) raw, x);
      case 8 -> F64.toF80(raw, x);
      default -> F80.result(se, raw, x);
    };
    // A denormal is loaded even where it traps: only an invalid operation keeps the stack (silicon does so, the manual is silent).
    X87.commit(f);
    if ((x.raised() & FpContext.IE) == 0) {
      X87.push(f, x.signExponent, s);
    }
  }

  private static void loadRegister(Cpu c, Instruction i, Fpu f) {
    X87.begin(c, i);
    if (X87.empty(f, i.reg0)) {
      // The empty source counts, even where the stack is full as well.
      if (X87.underflow(f)) {
        X87.push(f, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
      }
    } else if (X87.full(f)) {
      X87.overflow(f);
    } else {
      int r = f.physical(i.reg0);
      f.status &= ~X87.C1;
      X87.push(f, f.signExponent[r], f.significand[r]);
    }
  }

  private static void loadInteger(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    long raw = c.memory.load(Addressing.linear(c, i, i.size0, false), i.size0);
    X87.beginMemory(c, i);
    loadedInteger(c.fpu, i.size0 == 2 ? (short) raw : i.size0 == 4 ? (int) raw : raw);
  }

  /** FILD once its operand has been loaded and the pointers are written. */
  static void loadedInteger(Fpu f, long v) {
    if (X87.full(f)) {
      X87.overflow(f);
      return;
    }
    FpContext x = f.context;
    long s = F80.fromInt64(v, x);
    f.status &= ~X87.C1;
    X87.push(f, x.signExponent, s);
  }

  private static void store(Cpu c, Instruction i, boolean pop) {
    if (!X87.ready(c, i)) {
      return;
    }
    Fpu f = c.fpu;
    if (i.kind0 == Instruction.ST) {
      storeRegister(c, i, f, pop);
      return;
    }
    FpContext x = X87.modes(f);
    int size = i.size0;
    long linear = writable(c, i, size);
    boolean empty = X87.empty(f, 0);
    int se = empty ? F80.DEFAULT_NAN_SE : f.signExponent[f.top];
    long s = empty ? F80.DEFAULT_NAN : f.significand[f.top];
    long value = switch (size) {
      case 4 -> F32.DEFAULT_NAN;
      case 8 -> F64.DEFAULT_NAN;
      default -> s;
    };
    if (!empty) {
      value = size == 4 ? F80.toF32(se, s, x) : size == 8 ? F80.toF64(se, s, x) : s;
    }
    if (!empty && !X87.forbidStore(f) || empty && (f.control & FpContext.IE) != 0) {
      if (size == 10) {
        c.memory.store64(linear, value);
        c.memory.store16(linear + 8 & addressMask(c), se);
      } else {
        c.memory.store(linear, size, value);
      }
    }
    finishStore(c, i, f, empty, pop);
  }

  /** Address of a store's operand. Its faults come before numeric exceptions, even ones that keep it from being written. */
  static long writable(Cpu c, Instruction i, int size) {
    long linear = Addressing.linear(c, i, size, true);
    c.memory.checkWrite(linear, size);
    return linear;
  }

  /** After the store: pointers, exceptions, pop. */
  static void finishStore(Cpu c, Instruction i, Fpu f, boolean empty, boolean pop) {
    int flags = f.context.flags;
    boolean up = f.context.roundedUp;
    FpContext x = X87.beginMemory(c, i);
    x.flags = flags;
    x.roundedUp = up;
    boolean stored;
    if (empty) {
      stored = X87.underflow(f);
    } else {
      stored = !X87.forbidStore(f);
      X87.commitStore(f);
    }
    if (stored && pop) {
      X87.pop(f);
    }
  }

  private static void storeRegister(Cpu c, Instruction i, Fpu f, boolean pop) {
    X87.begin(c, i);
    if (X87.empty(f, 0)) {
      if (!X87.underflow(f)) {
        return;
      }
      X87.write(f, i.reg0, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
    } else {
      f.status &= ~X87.C1;
      X87.write(f, i.reg0, f.signExponent[f.top], f.significand[f.top]);
    }
    if (pop) {
      X87.pop(f);
    }
  }

  /** D9 D8+i, undocumented: FSTP ST(i) that only pops when ST(0) is empty, without a stack fault (seen on AMD silicon). */
  private static void storeUnchecked(Cpu c, Instruction i) {
    if (!X87.ready(c, i)) {
      return;
    }
    Fpu f = c.fpu;
    if (!X87.empty(f, 0)) {
      storeRegister(c, i, f, true);
      return;
    }
    X87.begin(c, i);
    f.status &= ~X87.C1;
    X87.pop(f);
  }

  private static void storeInteger(Cpu c, Instruction i, boolean pop, boolean truncate) {
    if (!X87.ready(c, i)) {
      return;
    }
    Fpu f = c.fpu;
    FpContext x = X87.modes(f);
    int size = i.size0;
    long linear = writable(c, i, size);
    boolean empty = X87.empty(f, 0);
    long value = Long.MIN_VALUE >> 64 - 8 * size;
    if (!empty) {
      int se = f.signExponent[f.top];
      long s = f.significand[f.top];
      int rounding = truncate ? FpContext.ZERO : x.rounding;
      value = switch (size) {
        case 2 -> F80.toInt16(se, s, rounding, x);
        case 4 -> F80.toInt32(se, s, rounding, x);
        default -> F80.toInt64(se, s, rounding, x);
      };
    }
    if (!empty && !X87.forbidStore(f) || empty && (f.control & FpContext.IE) != 0) {
      c.memory.store(linear, size, value);
    }
    finishStore(c, i, f, empty, pop);
  }

  static long addressMask(Cpu c) {
    return c.codeBits == 64 ? -1L : 0xFFFF_FFFFL;
  }
}
