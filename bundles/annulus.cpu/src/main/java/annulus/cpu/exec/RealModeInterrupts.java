package annulus.cpu.exec;

import annulus.arch.Cr4;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;

/** Interrupts through the vector table of real mode, and their redirection to virtual-8086 handlers (SDM 3A 20.1.4, 20.3.3.4). */
final class RealModeInterrupts {
  private RealModeInterrupts() {}

  static void enter(Cpu c, int vector, int ext) {
    if (vector * 4 + 3 > c.idtLimit) {
      throw c.fault(Vector.GP, vector * 8 + 2 | ext);
    }
    long pointer = c.memory.systemLoad(c.idtBase + vector * 4L, 4);
    push(c, Flags.rflags(c), pointer, ext);
    Interrupts.clearFlags(c, Rflags.TF | Rflags.IF | Rflags.RF | Rflags.AC);
    c.modeChanged();
  }

  /**
   * INT n of virtual-8086 mode to its own handler, with CR4.VME: below IOPL 3 the program sees and loses its virtual interrupt
   * flag instead of the real one.
   */
  static void enterVirtual8086(Cpu c, int vector) {
    long pointer = c.memory.load32(vector * 4L) & 0xFFFF_FFFFL;
    long flags = Flags.rflags(c);
    if (virtualInterruptFlag(c)) {
      flags = flags & ~(long) Rflags.IF | Rflags.IOPL | ((flags & Rflags.VIF) != 0 ? Rflags.IF : 0);
      push(c, flags, pointer, 0);
      Interrupts.clearFlags(c, Rflags.TF | Rflags.VIF);
    } else {
      push(c, flags, pointer, 0);
      Interrupts.clearFlags(c, Rflags.TF | Rflags.IF);
    }
    c.endBlock = true;
  }

  private static void push(Cpu c, long flags, long pointer, int ext) {
    StackFrame frame = StackFrame.current(c, 6, 2, ext);
    frame.push(2, flags);
    frame.push(2, c.seg[Seg.CS].selector);
    frame.push(2, c.rip);
    frame.commit();
    c.seg[Seg.CS].setReal((int) (pointer >>> 16));
    c.rip = pointer & 0xFFFF;
  }

  /** Whether virtual-8086 mode extensions virtualise the interrupt flag now. */
  static boolean virtualInterruptFlag(Cpu c) {
    return (c.paging.cr4 & Cr4.VME) != 0 && c.iopl() < 3;
  }
}
