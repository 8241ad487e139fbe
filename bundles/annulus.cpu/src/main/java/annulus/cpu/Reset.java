package annulus.cpu;

import annulus.arch.Cr0;
import annulus.arch.Msr;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import java.util.Arrays;

/** The states after power-on and after INIT, SDM 3A 9.1.1 table 9-1. */
public final class Reset {
  /** Family 6 signature that EDX holds after reset; the exact value is the model's, from CPUID leaf 1. */
  private static final int LDT_TYPE = SegmentState.PRESENT | 2;
  private static final int TSS_TYPE = SegmentState.PRESENT | 11;

  private Reset() {}

  /** After power-on: everything. */
  public static void powerOn(Cpu c) {
    init(c);
    c.paging.cr0 = Cr0.CD | Cr0.NW | Cr0.ET;
    c.xcr0 = 1;
    c.paging.pkru = 0;
    c.fpu.initialise();
    Arrays.fill(c.fpu.significand, 0);
    Arrays.fill(c.fpu.signExponent, 0);
    c.fpu.control = 0x40;
    c.fpu.valid = 0xFF;
    Arrays.fill(c.xmm, 0);
    Arrays.fill(c.ymmHigh, 0);
    c.mxcsr = 0x1F80;
    c.star = 0;
    c.lstar = 0;
    c.cstar = 0;
    c.syscallMask = 0;
    c.kernelGsBase = 0;
    c.sysenterCs = 0;
    c.sysenterEsp = 0;
    c.sysenterEip = 0;
    c.tscAux = 0;
    c.tscOffset = 0;
    c.tscAdjust = 0;
    c.pat = Msr.PAT_RESET;
    c.coldMsrs.reset();
    c.vendorMsrs = c.context.model().openMsrs();
    c.modeChanged();
  }

  /** After INIT: MSRs, the TSC and floating-point state survive, and CR0's cache bits. */
  public static void init(Cpu c) {
    Arrays.fill(c.gpr, 0);
    c.gpr[Cpu.RDX] = c.context.model().cpuid(1, 0, new annulus.vendor.CpuidContext(c.context.index(), c.context.processors(), 0, 1, true)).eax();
    c.rip = 0xFFF0;
    Flags.setStatus(c, 0);
    c.systemFlags = 0;
    for (int s : new int[] {Seg.ES, Seg.SS, Seg.DS, Seg.FS, Seg.GS}) {
      c.seg[s].set(SegmentState.real(0));
    }
    c.seg[Seg.CS].set(0xF000, 0xFFFF_0000L, 0xFFFF, Cpu.REAL_CODE);
    c.seg[Seg.LDTR].set(0, 0, 0xFFFF, LDT_TYPE);
    c.seg[Seg.TR].set(0, 0, 0xFFFF, TSS_TYPE);
    c.gdtBase = 0;
    c.gdtLimit = 0xFFFF;
    c.idtBase = 0;
    c.idtLimit = 0xFFFF;
    c.cpl = 0;
    c.paging.cr0 = c.paging.cr0 & (Cr0.CD | Cr0.NW) | Cr0.ET;
    c.paging.cr3 = 0;
    c.paging.cr4 = 0;
    c.paging.efer = 0;
    c.paging.alignmentCheck = false;
    c.cr2 = 0;
    Arrays.fill(c.dr, 0);
    c.dr[6] = 0xFFFF_0FF0L;
    c.dr[7] = 0x400;
    c.stiShadow = false;
    c.movSsShadow = false;
    c.nmiBlocked = false;
    c.pendingDebug = 0;
    c.pauses = 0;
    c.activity = VcpuState.Activity.ACTIVE;
    c.modeChanged();
  }
}
