package annulus.cpu.exec;

import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.Segment;
import annulus.cpu.Stack;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;

/** IRET in every form, SDM 2A IRET: real and virtual-8086 mode, same and outer level, nested task, long mode. */
public final class InterruptReturn implements Family {
  /** Flags that IRET loads at any privilege. */
  private static final int ALWAYS = Rflags.STATUS | Rflags.TF | Rflags.DF | Rflags.NT;
  /** Those of the upper half, for 32- and 64-bit operands. */
  private static final int WIDE = Rflags.RF | Rflags.AC | Rflags.ID;

  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.IRET, InterruptReturn::execute);
  }

  private static void execute(Cpu c, Instruction i) {
    // IRET ends NMI blocking even when it faults (SDM 3A 6.7.1).
    c.nmiBlocked = false;
    int size = i.operandSize;
    if (!c.protectedMode()) {
      realMode(c, size, Rflags.IF | Rflags.IOPL);
    } else if (c.virtual8086()) {
      virtual8086(c, size);
    } else if ((c.systemFlags & Rflags.NT) != 0) {
      nestedTask(c);
    } else {
      protectedMode(c, size);
    }
  }

  private static void realMode(Cpu c, int size, int privileged) {
    long offset = Stack.peek(c, 0, size);
    int selector = (int) Stack.peek(c, size, size) & 0xFFFF;
    long flags = Stack.peek(c, 2L * size, size);
    Segment cs = c.seg[Seg.CS];
    if (offset > cs.limit) {
      throw c.gp();
    }
    cs.setReal(selector);
    c.rip = offset;
    Stack.adjust(c, 3L * size);
    loadFlags(c, flags, ALWAYS | privileged | (size == 2 ? 0 : WIDE));
    c.modeChanged();
  }

  private static void virtual8086(Cpu c, int size) {
    if (c.iopl() == 3) {
      realMode(c, size, Rflags.IF);
      return;
    }
    if (!RealModeInterrupts.virtualInterruptFlag(c) || size != 2) {
      throw c.gp();
    }
    // With CR4.VME the popped IF is the virtual one (SDM 3A 20.3.3.5).
    long flags = Stack.peek(c, 2L * size, size);
    boolean enable = (flags & Rflags.IF) != 0;
    if (enable && (c.systemFlags & Rflags.VIP) != 0 || (flags & Rflags.TF) != 0) {
      throw c.gp();
    }
    realMode(c, size, 0);
    c.systemFlags = c.systemFlags & ~Rflags.VIF | (enable ? Rflags.VIF : 0);
  }

  private static void nestedTask(Cpu c) {
    if (c.longMode()) {
      throw c.gp();
    }
    int link = (int) c.memory.systemLoad(c.seg[Seg.TR].base, 2);
    TaskSwitch.byInstruction(c, link, TaskSwitch.RETURN);
  }

  private static void protectedMode(Cpu c, int size) {
    long offset = Stack.peek(c, 0, size);
    int selector = (int) Stack.peek(c, size, size) & 0xFFFF;
    long flags = Stack.peek(c, 2L * size, size);
    if (size == 4 && (flags & Rflags.VM) != 0 && c.cpl == 0 && !c.longMode()) {
      toVirtual8086(c, offset, selector, flags);
      return;
    }
    long d = FarReturns.checkReturn(c, selector);
    Descriptors.checkTarget(c, d, offset, 0);
    int allowed = allowed(c, size);
    boolean outer = (selector & 3) > c.cpl;
    if (!outer && c.codeBits != 64) {
      d = Descriptors.access(c, selector, d);
      Stack.adjust(c, 3L * size);
      loadFlags(c, flags, allowed);
      Descriptors.enterCode(c, selector, d, c.cpl, offset);
      return;
    }
    long sp = Stack.peek(c, 3L * size, size);
    int ss = (int) Stack.peek(c, 4L * size, size) & 0xFFFF;
    long stack = FarReturns.checkOuterStack(c, ss, selector & 3, d);
    // Setting accessed bits can fault: before anything changes.
    stack = stack == 0 ? 0 : Descriptors.access(c, ss, stack);
    d = Descriptors.access(c, selector, d);
    loadFlags(c, flags, allowed);
    FarReturns.outward(c, selector, d, offset, ss, stack, sp);
    if (outer) {
      SegmentLoads.dropInnerSegments(c);
    }
  }

  /** The flags an IRET at the current privilege may change. */
  private static int allowed(Cpu c, int size) {
    int allowed = ALWAYS;
    if (size > 2) {
      allowed |= WIDE;
    }
    if (c.cpl <= c.iopl()) {
      allowed |= Rflags.IF;
    }
    if (c.cpl == 0) {
      allowed |= Rflags.IOPL | (size > 2 ? Rflags.VIF | Rflags.VIP : 0);
    }
    return allowed;
  }

  private static void toVirtual8086(Cpu c, long offset, int selector, long flags) {
    long sp = Stack.peek(c, 12, 4);
    int[] order = {Seg.SS, Seg.ES, Seg.DS, Seg.FS, Seg.GS};
    int[] selectors = new int[order.length];
    for (int n = 0; n < order.length; n++) {
      selectors[n] = (int) Stack.peek(c, 16 + 4L * n, 4) & 0xFFFF;
    }
    if (offset > 0xFFFF) {
      throw c.fault(Vector.GP, 0);
    }
    for (int n = 0; n < order.length; n++) {
      c.seg[order[n]].set(selectors[n], (long) selectors[n] << 4, 0xFFFF, 0xF3);
    }
    c.seg[Seg.CS].set(selector, (long) selector << 4, 0xFFFF, 0xF3);
    c.gpr[Cpu.RSP] = sp;
    c.rip = offset;
    c.cpl = 3;
    loadFlags(c, flags, ALWAYS | WIDE | Rflags.IF | Rflags.IOPL | Rflags.VM | Rflags.VIF | Rflags.VIP);
    c.modeChanged();
  }

  /** Loads the flags of {@code mask}; the caller derives the mode afterwards. */
  private static void loadFlags(Cpu c, long flags, int mask) {
    Flags.setStatus(c, (int) flags);
    int system = mask & ~Rflags.STATUS;
    c.systemFlags = c.systemFlags & ~system | (int) flags & system;
    c.paging.alignmentCheck = (c.systemFlags & Rflags.AC) != 0;
  }
}
