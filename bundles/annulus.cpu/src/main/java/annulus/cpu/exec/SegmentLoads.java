package annulus.cpu.exec;

import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.Vector;
import annulus.cpu.Addressing;
import annulus.cpu.Cpu;
import annulus.cpu.Operands;
import annulus.cpu.Segment;
import annulus.cpu.Stack;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.vendor.VendorTrait;

/** Loads of data and stack segment registers: MOV and POP to a segment register, LDS, LES, LFS, LGS, LSS (SDM 3A 5.6, 5.7). */
public final class SegmentLoads implements Family {
  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.LES, (c, i) -> loadPointer(c, i, Seg.ES));
    definitions.define(Mnemonic.LDS, (c, i) -> loadPointer(c, i, Seg.DS));
    definitions.define(Mnemonic.LSS, (c, i) -> loadPointer(c, i, Seg.SS));
    definitions.define(Mnemonic.LFS, (c, i) -> loadPointer(c, i, Seg.FS));
    definitions.define(Mnemonic.LGS, (c, i) -> loadPointer(c, i, Seg.GS));
  }

  /** MOV to or from a segment register. */
  public static void move(Cpu c, Instruction i) {
    if (i.kind0 != Instruction.SEGMENT) {
      Operands.write(c, i, 0, c.seg[i.reg1].selector);
      return;
    }
    if (i.reg0 == Seg.CS) {
      throw c.ud();
    }
    load(c, i.reg0, (int) Operands.read(c, i, 1) & 0xFFFF);
    if (i.reg0 == Seg.SS) {
      shadow(c);
    }
  }

  /** POP to a segment register. */
  public static void pop(Cpu c, Instruction i) {
    int selector = (int) Stack.peek(c, 0, i.operandSize) & 0xFFFF;
    long mask = c.stackMask;
    load(c, i.reg0, selector);
    c.gpr[Cpu.RSP] = popped(c.gpr[Cpu.RSP], i.operandSize, mask);
    if (i.reg0 == Seg.SS) {
      shadow(c);
    }
  }

  /** The stack pointer moves by the width of the stack it was popped from, also when SS was what was popped. */
  private static long popped(long sp, int size, long mask) {
    return mask == 0xFFFF ? sp & ~0xFFFFL | sp + size & 0xFFFF : sp + size & mask;
  }

  /** SDM 3A 6.8.3: interrupts and debug traps wait for one instruction, which is to load the stack pointer. */
  private static void shadow(Cpu c) {
    c.movSsShadow = true;
    c.endBlock = true;
  }

  private static void loadPointer(Cpu c, Instruction i, int s) {
    long linear = Addressing.linear(c, i, i.operandSize + 2, false);
    long offset = c.memory.load(linear, i.operandSize);
    int selector = c.memory.load16(linear + i.operandSize);
    load(c, s, selector);
    Operands.write(c, i, 0, offset);
  }

  /** Loads segment register {@code s} (not CS) with a selector by the rules of the current mode. */
  public static void load(Cpu c, int s, int selector) {
    if (!c.protectedMode() || c.virtual8086()) {
      c.seg[s].setReal(selector);
    } else if (s == Seg.SS) {
      loadStack(c, selector);
    } else {
      loadData(c, s, selector, Vector.GP, 0);
    }
  }

  private static void loadStack(Cpu c, int selector) {
    Segment ss = c.seg[Seg.SS];
    if (Descriptors.isNull(selector)) {
      if (c.codeBits != 64 || c.cpl == 3 || (selector & 3) != c.cpl) {
        throw c.gp();
      }
      StackFrame.setNull(ss, c.cpl);
      return;
    }
    long d = checkStack(c, selector, c.cpl, Vector.GP, 0);
    setStack(c, selector, d);
    if (c.codeBits != 64 && ss.big() != (c.stackMask == 0xFFFF_FFFFL)) {
      c.modeChanged();
    }
  }

  /**
   * Checks a stack segment for privilege {@code cpl}: data that may be written, RPL and DPL equal to it, present.
   *
   * @param vector the fault of a wrong segment: #GP, or #TS where the selector came from a TSS
   */
  static long checkStack(Cpu c, int selector, int cpl, int vector, int ext) {
    long d = Descriptors.read(c, selector, vector, ext);
    if ((selector & 3) != cpl || !Descriptors.isWritableData(d) || Descriptors.dpl(d) != cpl) {
      throw c.fault(vector, Descriptors.error(selector, ext));
    }
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.SS, Descriptors.error(selector, ext));
    }
    return d;
  }

  static void setStack(Cpu c, int selector, long d) {
    Descriptors.set(c.seg[Seg.SS], selector, Descriptors.access(c, selector, d));
  }

  /** Loads DS, ES, FS or GS. {@code vector} is the fault of a wrong segment: #GP, or #TS in a task switch. */
  static void loadData(Cpu c, int s, int selector, int vector, int ext) {
    if (Descriptors.isNull(selector)) {
      clear(c, s, selector);
      return;
    }
    long d = Descriptors.read(c, selector, vector, ext);
    boolean guarded = !Descriptors.isCode(d) || !Descriptors.isConforming(d);
    int dpl = Descriptors.dpl(d);
    if (!Descriptors.isReadable(d) || guarded && ((selector & 3) > dpl || c.cpl > dpl)) {
      throw c.fault(vector, Descriptors.error(selector, ext));
    }
    if (!Descriptors.present(d)) {
      throw c.fault(Vector.NP, Descriptors.error(selector, ext));
    }
    Descriptors.set(c.seg[s], selector, Descriptors.access(c, selector, d));
  }

  /** Makes a data segment register null. */
  static void clear(Cpu c, int s, int selector) {
    Segment segment = c.seg[s];
    if (s >= Seg.FS && c.is(VendorTrait.NULL_SELECTOR_KEEPS_BASE)) {
      segment.selector = selector;
      segment.attributes = SegmentState.UNUSABLE;
    } else {
      segment.set(selector, 0, 0, SegmentState.UNUSABLE);
    }
  }

  /** On a return to an outer level: data segments that the new level may not use become null (SDM 2A RET, IRET). */
  static void dropInnerSegments(Cpu c) {
    for (int s : DATA) {
      Segment segment = c.seg[s];
      boolean conformingCode = (segment.attributes & 0x1C) == 0x1C;
      if (segment.usable() && segment.dpl() < c.cpl && !conformingCode) {
        clear(c, s, 0);
      }
    }
  }

  static final int[] DATA = {Seg.ES, Seg.DS, Seg.FS, Seg.GS};
}
