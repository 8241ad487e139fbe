package annulus.cpu.exec;

import annulus.arch.Efer;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.cpu.Cpu;
import annulus.cpu.Flags;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import annulus.vendor.VendorTrait;

/**
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS (SDM 2B, APM 3). Segments come from fixed rules, never from descriptor tables.
 *
 * <pre>
 * IA32_STAR  63      48 47      32 31                0
 *           | SYSRET CS | SYSCALL CS | EIP (legacy, AMD) |      SS is 8 above CS; 64-bit SYSRET's CS 16 above
 * </pre>
 */
public final class FastCalls implements Family {
  private static final int CODE = SegmentState.PRESENT | SegmentState.CODE_OR_DATA | 0xB | SegmentState.GRANULARITY;
  private static final int STACK =
      SegmentState.PRESENT | SegmentState.CODE_OR_DATA | 0x3 | SegmentState.GRANULARITY | SegmentState.BIG;
  private static final int USER = 3 << SegmentState.DPL_SHIFT;
  /** Flags that SYSRET takes from R11. */
  private static final long SYSRET_FLAGS = 0x3C_7FD7L;

  @Override public void define(Definitions definitions) {
    definitions.define(Mnemonic.SYSCALL, (c, i) -> systemCall(c));
    definitions.define(Mnemonic.SYSRET, FastCalls::systemReturn);
    definitions.define(Mnemonic.SYSENTER, (c, i) -> systemEnter(c));
    definitions.define(Mnemonic.SYSEXIT, FastCalls::systemExit);
    definitions.define(Mnemonic.SWAPGS, (c, i) -> swapGs(c));
  }

  private static void segments(Cpu c, int cs, int ss, int width, int cpl) {
    int dpl = cpl << SegmentState.DPL_SHIFT;
    c.seg[Seg.CS].set(cs & 0xFFFC | cpl, 0, 0xFFFF_FFFFL, CODE | width | dpl);
    c.seg[Seg.SS].set(ss & 0xFFFC | cpl, 0, 0xFFFF_FFFFL, STACK | dpl);
    c.cpl = cpl;
  }

  /** Sets the flags; a step trap follows the new TF, not the one the instruction began with. */
  private static void setFlags(Cpu c, long flags) {
    Flags.setStatus(c, (int) flags);
    c.systemFlags = (int) flags & ~(Rflags.STATUS | Rflags.FIXED);
    c.paging.alignmentCheck = (c.systemFlags & Rflags.AC) != 0;
    c.pendingDebug &= ~DebugTraps.BS;
    if ((flags & Rflags.TF) != 0) {
      c.pendingDebug |= DebugTraps.BS;
    }
  }

  private static void requireSystemCalls(Cpu c) {
    boolean anyMode = c.is(VendorTrait.SYSCALL_IN_COMPATIBILITY_MODE) && c.protectedMode() && !c.virtual8086();
    if ((c.paging.efer & Efer.SCE) == 0 || c.codeBits != 64 && !anyMode) {
      throw c.ud();
    }
  }

  private static void systemCall(Cpu c) {
    requireSystemCalls(c);
    long flags = Flags.rflags(c) & ~(long) Rflags.RF;
    boolean toLong = c.longMode();
    long target;
    c.gpr[Cpu.RCX] = c.rip;
    if (toLong) {
      target = c.codeBits == 64 ? c.lstar : c.cstar;
      c.gpr[11] = flags;
      flags &= ~c.syscallMask;
    } else {
      target = c.star & 0xFFFF_FFFFL;
      flags &= ~(long) (Rflags.VM | Rflags.IF);
    }
    int cs = (int) (c.star >>> 32) & 0xFFFF;
    segments(c, cs, cs + 8 & 0xFFFF, toLong ? SegmentState.LONG : SegmentState.BIG, 0);
    setFlags(c, flags);
    c.rip = target;
    c.modeChanged();
  }

  private static void systemReturn(Cpu c, Instruction i) {
    requireSystemCalls(c);
    c.requireRing0();
    boolean toLong = i.wide && c.codeBits == 64;
    if (toLong && !c.canonical(c.gpr[Cpu.RCX]) && !c.is(VendorTrait.SYSRET_CANONICAL_FAULT_AT_TARGET)) {
      throw c.gp();
    }
    int selector = (int) (c.star >>> 48);
    int stackAttributes = c.seg[Seg.SS].attributes;
    boolean longMode = c.longMode();
    segments(c, selector + (toLong ? 16 : 0) & 0xFFFF, selector + 8 & 0xFFFF, toLong ? SegmentState.LONG : SegmentState.BIG, 3);
    if (c.is(VendorTrait.SYSRET_KEEPS_SS_ATTRIBUTES)) {
      // Only the selector changes, APM 3 SYSRET: after an interrupt handler's null SS the program's stack stays unusable.
      c.seg[Seg.SS].attributes = stackAttributes | USER;
    }
    long flags = longMode ? c.gpr[11] & SYSRET_FLAGS : Flags.rflags(c) | Rflags.IF;
    setFlags(c, flags);
    c.rip = toLong ? c.gpr[Cpu.RCX] : c.gpr[Cpu.RCX] & 0xFFFF_FFFFL;
    c.modeChanged();
  }

  private static void requireSystemEnter(Cpu c) {
    if (c.longMode() && c.is(VendorTrait.NO_SYSENTER_IN_LONG_MODE)) {
      throw c.ud();
    }
  }

  private static void systemEnter(Cpu c) {
    requireSystemEnter(c);
    int cs = (int) c.sysenterCs & 0xFFFC;
    if (!c.protectedMode() || cs == 0) {
      throw c.gp();
    }
    boolean toLong = c.longMode();
    segments(c, cs, cs + 8 & 0xFFFF, toLong ? SegmentState.LONG : SegmentState.BIG, 0);
    c.systemFlags &= ~(Rflags.VM | Rflags.IF | Rflags.RF);
    c.gpr[Cpu.RSP] = toLong ? c.sysenterEsp : c.sysenterEsp & 0xFFFF_FFFFL;
    c.rip = toLong ? c.sysenterEip : c.sysenterEip & 0xFFFF_FFFFL;
    c.modeChanged();
  }

  private static void systemExit(Cpu c, Instruction i) {
    // Silicon that has no SYSEXIT in long mode says so to privilege 0 alone.
    c.requireRing0();
    requireSystemEnter(c);
    int cs = (int) c.sysenterCs & 0xFFFC;
    if (!c.protectedMode() || cs == 0) {
      throw c.gp();
    }
    boolean toLong = i.wide && c.codeBits == 64;
    if (toLong && !(c.canonical(c.gpr[Cpu.RCX]) && c.canonical(c.gpr[Cpu.RDX]))) {
      throw c.gp();
    }
    long mask = toLong ? -1L : 0xFFFF_FFFFL;
    int first = toLong ? 32 : 16;
    segments(c, cs + first & 0xFFFF, cs + first + 8 & 0xFFFF, toLong ? SegmentState.LONG : SegmentState.BIG, 3);
    c.gpr[Cpu.RSP] = c.gpr[Cpu.RCX] & mask;
    c.rip = c.gpr[Cpu.RDX] & mask;
    c.modeChanged();
  }

  private static void swapGs(Cpu c) {
    if (c.codeBits != 64) {
      throw c.ud();
    }
    c.requireRing0();
    long base = c.seg[Seg.GS].base;
    c.seg[Seg.GS].base = c.kernelGsBase;
    c.kernelGsBase = base;
  }
}
