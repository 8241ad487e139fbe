package annulus.cpu.exec;

import annulus.arch.Cr0;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Fpu;
import annulus.cpu.decode.Instruction;
import annulus.cpu.fp.F80;
import annulus.cpu.fp.FpContext;

/**
 * What x87 instructions have in common: whether they may run, the register stack and its faults, and exceptions.
 *
 * <pre>
 * control  12 X   11-10 RC   9-8 PC   5 PM 4 UM 3 OM 2 ZM 1 DM 0 IM
 * status   15 B   14 C3   13-11 TOP   10 C2 9 C1 8 C0   7 ES   6 SF   5 PE 4 UE 3 OE 2 ZE 1 DE 0 IE      SDM 1 8.1.3, 8.1.5
 * </pre>
 *
 * <p>An unmasked exception sets ES and leaves operands as they were (invalid operation, zero divide, denormal operand; overflow
 * and underflow of stores) or writes the result (the others); the next waiting instruction reports it (SDM 1 8.6, 8.7): with
 * CR0.NE as #MF, without it through {@link Fpu#errorLine}, repeating itself until an interrupt is taken or IGNNE# is asserted.
 */
final class X87 {
  static final int C0 = 0x100;
  static final int C1 = 0x200;
  static final int C2 = 0x400;
  static final int C3 = 0x4000;
  static final int CONDITIONS = C0 | C1 | C2 | C3;
  static final int SF = 0x40;
  static final int ES = 0x80;
  static final int BUSY = 0x8000;
  private static final int BEFORE_COMPUTATION = FpContext.IE | FpContext.ZE | FpContext.DE;
  private static final int UNDERFLOWS = FpContext.OE | FpContext.UE;
  private static final int[] PRECISION = {24, 64, 53, 64};

  private X87() {}

  /**
   * Begins a waiting instruction: #NM, then the exception that is pending. The instruction's memory accesses come next.
   *
   * @return false when the instruction must not go on and is to be repeated
   */
  static boolean ready(Cpu c, Instruction i) {
    available(c);
    return (c.fpu.status & ES) == 0 || report(c, i);
  }

  /** Raises #NM where the unit is emulated or belongs to another task (SDM 3A 2.5). */
  static void available(Cpu c) {
    if ((c.paging.cr0 & (Cr0.EM | Cr0.TS)) != 0) {
      throw c.fault(Vector.NM);
    }
  }

  static boolean report(Cpu c, Instruction i) {
    if ((c.paging.cr0 & Cr0.NE) != 0) {
      throw c.fault(Vector.MF);
    }
    if (c.fpu.errorLine.assertError()) {
      return true;
    }
    c.rip = c.rip - i.length & c.ipMask;
    c.endBlock = true;
    return false;
  }

  /** Begins arithmetic, once nothing can fault any more: last-instruction pointer, modes, no flags. */
  static FpContext begin(Cpu c, Instruction i) {
    Fpu f = c.fpu;
    f.opcode = (int) i.immediate;
    f.instructionPointer = c.rip - i.length & c.ipMask;
    f.instructionSelector = c.seg[Seg.CS].selector;
    return modes(f);
  }

  /** The same for an instruction with a memory operand, whose address becomes the data pointer. */
  static FpContext beginMemory(Cpu c, Instruction i) {
    c.fpu.dataPointer = Addressing.offset(c, i);
    c.fpu.dataSelector = c.seg[i.segment].selector;
    return begin(c, i);
  }

  static FpContext modes(Fpu f) {
    FpContext x = f.context;
    int control = f.control;
    x.rounding = control >>> 10 & 3;
    x.masks = control & 0x3F;
    x.precision = PRECISION[control >>> 8 & 3];
    x.flags = 0;
    x.roundedUp = false;
    return x;
  }

  // ---- the stack ---------------------------------------------------------------------------------------------------------------

  static boolean empty(Fpu f, int st) {
    return (f.valid >>> (f.top + st & 7) & 1) == 0;
  }

  static void write(Fpu f, int st, int se, long significand) {
    int r = f.top + st & 7;
    f.signExponent[r] = se;
    f.significand[r] = significand;
    f.valid |= 1 << r;
  }

  static void pop(Fpu f) {
    f.valid &= ~(1 << f.top);
    f.top = f.top + 1 & 7;
  }

  /** Pushes without looking: the caller has checked {@link #full}. */
  static void push(Fpu f, int se, long significand) {
    f.top = f.top - 1 & 7;
    write(f, 0, se, significand);
  }

  static boolean full(Fpu f) {
    return !empty(f, 7);
  }

  /** Stack overflow: with IE masked pushes the indefinite (SDM 1 8.5.1.1). */
  static void overflow(Fpu f) {
    if (stackFault(f, C1)) {
      push(f, F80.DEFAULT_NAN_SE, F80.DEFAULT_NAN);
    }
  }

  /** Stack underflow: returns whether IE is masked, so that the indefinite is the result. */
  static boolean underflow(Fpu f) {
    return stackFault(f, 0);
  }

  private static boolean stackFault(Fpu f, int c1) {
    f.status = f.status & ~C1 | FpContext.IE | SF | c1;
    boolean masked = (f.control & FpContext.IE) != 0;
    if (!masked) {
      f.status |= ES | BUSY;
    }
    return masked;
  }

  // ---- exceptions --------------------------------------------------------------------------------------------------------------

  /**
   * Reports the exceptions of an operation whose result goes to a register.
   *
   * @return whether the result may be written (and the stack popped or pushed)
   */
  static boolean commit(Fpu f) {
    FpContext x = f.context;
    int flags = x.flags;
    if (flags == 0) {
      f.status &= ~C1;
      return true;
    }
    int raised = flags & ~f.control;
    if ((raised & BEFORE_COMPUTATION) != 0) {
      // Nothing was computed: no flags of a result.
      f.status = f.status & ~C1 | flags & BEFORE_COMPUTATION | ES | BUSY;
      return false;
    }
    f.status = f.status & ~C1 | flags | (x.roundedUp ? C1 : 0) | (raised != 0 ? ES | BUSY : 0);
    return true;
  }

  /** Whether exceptions seen so far forbid a store to memory (SDM 1 8.5.4, 8.5.5). */
  static boolean forbidStore(Fpu f) {
    return (f.context.flags & ~f.control & ~FpContext.PE) != 0;
  }

  /** Reports the exceptions of a store to memory, after it. An unmasked overflow or underflow hides the inexact result. */
  static void commitStore(Fpu f) {
    FpContext x = f.context;
    if ((x.flags & ~f.control & UNDERFLOWS) != 0) {
      x.flags &= ~FpContext.PE;
      x.roundedUp = false;
    }
    commit(f);
  }

  /** C3, C2 and C0 of a comparison. */
  static void conditions(Fpu f, int order) {
    f.status = f.status & ~(C0 | C2 | C3) | switch (order) {
      case FpContext.GREATER -> 0;
      case FpContext.LESS -> C0;
      case FpContext.EQUAL -> C3;
      default -> C0 | C2 | C3;
    };
  }

  /** Derives ES and B after a change of flags or masks. */
  static void summarise(Fpu f) {
    boolean pending = (f.status & ~f.control & 0x3F) != 0;
    f.status = pending ? f.status | ES | BUSY : f.status & ~(ES | BUSY);
  }

  /** Writes the control word; reserved bits read as 0, bit 6 as 1 (SDM 1 8.1.5). */
  static void setControl(Fpu f, int word) {
    f.control = word & 0x1F3F | 0x40;
    summarise(f);
  }
}
