package annulus.cpu;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Msr;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.cpu.exec.Msrs;
import annulus.cpu.exec.XsaveArea;
import annulus.engine.PendingEvents;
import annulus.vendor.VendorMsrs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A processor's state to and from the canonical form. What is restored may come from a file: {@link CpuStateChecks} looks at all
 * of it before anything changes.
 */
public final class CpuState {
  /** MSRs that travel as such; EFER, FS base and GS base travel with their own groups. */
  private static final int[] MSRS = msrs();

  private CpuState() {}

  private static int[] msrs() {
    List<Integer> all = new ArrayList<>(List.of(Msr.TSC, Msr.TSC_ADJUST, Msr.SPEC_CTRL, Msr.SYSENTER_CS, Msr.SYSENTER_ESP,
        Msr.SYSENTER_EIP, Msr.MCG_STATUS, Msr.PAT, Msr.MTRR_DEF_TYPE, Msr.MTRR_FIX_64K_00000, Msr.MTRR_FIX_16K_80000,
        Msr.MTRR_FIX_16K_80000 + 1, Msr.STAR, Msr.LSTAR, Msr.CSTAR, Msr.FMASK, Msr.KERNEL_GS_BASE, Msr.TSC_AUX));
    for (int n = 0; n < 8; n++) {
      all.add(Msr.MTRR_FIX_4K_C0000 + n);
    }
    for (int n = 0; n < 2 * ColdMsrs.MTRR_RANGES; n++) {
      all.add(Msr.MTRR_PHYS_BASE_0 + n);
    }
    for (int n = 0; n < ColdMsrs.BANKS; n++) {
      all.add(Msr.MC0_CTL + 4 * n);
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Whether {@code msr} travels in the MSR group of this processor, the vendor's apart. */
  static boolean carries(Cpu c, int msr) {
    for (int known : MSRS) {
      if (known == msr) {
        return Msrs.exists(c, msr);
      }
    }
    return false;
  }

  /** The state between two instructions. @param groups {@link StateGroup} bits */
  public static VcpuState export(Cpu c, int groups) {
    return new VcpuState(
        has(groups, StateGroup.GENERAL) ? general(c) : null,
        has(groups, StateGroup.SEGMENTS) ? segments(c) : null,
        has(groups, StateGroup.CONTROL) ? control(c) : null,
        has(groups, StateGroup.DEBUG) ? new VcpuState.Debug(c.dr[0], c.dr[1], c.dr[2], c.dr[3], c.dr[6], c.dr[7]) : null,
        has(groups, StateGroup.EXTENDED) ? XsaveArea.export(c) : null,
        has(groups, StateGroup.MSRS) ? new VcpuState.Msrs(msrValues(c)) : null,
        has(groups, StateGroup.EVENTS) ? events(c) : null);
  }

  private static boolean has(int groups, StateGroup group) {
    return (groups & group.bit()) != 0;
  }

  private static VcpuState.General general(Cpu c) {
    List<Long> registers = new ArrayList<>(16);
    for (int r = 0; r < 16; r++) {
      registers.add(c.gpr[r]);
    }
    return new VcpuState.General(registers, c.rip, Flags.rflags(c));
  }

  private static VcpuState.Segments segments(Cpu c) {
    List<SegmentState> registers = new ArrayList<>(8);
    for (Segment s : c.seg) {
      registers.add(s.export());
    }
    return new VcpuState.Segments(registers, new VcpuState.Table(c.gdtBase, c.gdtLimit), new VcpuState.Table(c.idtBase, c.idtLimit));
  }

  private static VcpuState.Control control(Cpu c) {
    return new VcpuState.Control(c.paging.cr0, c.cr2, c.paging.cr3, c.paging.cr4, c.context.bus().taskPriority(), c.xcr0,
        c.paging.efer, c.paging.pkru);
  }

  private static Map<Integer, Long> msrValues(Cpu c) {
    Map<Integer, Long> values = new TreeMap<>(c.vendorMsrs.export());
    for (int msr : MSRS) {
      if (Msrs.exists(c, msr)) {
        values.put(msr, Msrs.read(c, msr));
      }
    }
    return values;
  }

  private static VcpuState.Events events(Cpu c) {
    PendingEvents pending = c.context.pending();
    int events = pending.get();
    int sipi = (events & PendingEvents.STARTUP) != 0 ? pending.startupVector() : -1;
    return new VcpuState.Events(c.activity, c.stiShadow, c.movSsShadow, c.nmiBlocked, (events & PendingEvents.NMI) != 0,
        c.pendingDebug, sipi);
  }

  /**
   * Takes over the groups that are present.
   *
   * @throws StateException when a value cannot be this processor's; nothing has changed then
   */
  public static void restore(Cpu c, VcpuState state) throws StateException {
    CpuStateChecks checks = new CpuStateChecks(c, state);
    checks.check();
    VendorMsrs vendorMsrs = checks.vendorMsrs();
    if (state.extended() != null) {
      try {
        XsaveArea.load(c, state.extended());
      } catch (IllegalArgumentException e) {
        throw new StateException("extended state: " + e.getMessage(), e);
      }
    }
    if (state.control() != null) {
      restoreControl(c, state.control());
      System.arraycopy(checks.pdptes(), 0, c.paging.pdpte, 0, 4);
    }
    if (state.segments() != null) {
      restoreSegments(c, state.segments());
    }
    if (state.general() != null) {
      restoreGeneral(c, state.general());
    }
    if (state.debug() != null) {
      VcpuState.Debug d = state.debug();
      c.dr[0] = d.dr0();
      c.dr[1] = d.dr1();
      c.dr[2] = d.dr2();
      c.dr[3] = d.dr3();
      c.dr[6] = d.dr6();
      c.dr[7] = d.dr7();
    }
    if (state.msrs() != null) {
      c.vendorMsrs = vendorMsrs;
      restoreMsrs(c, state.msrs());
    }
    if (state.events() != null) {
      restoreEvents(c, state.events());
    }
    c.cpl = c.protectedMode() ? c.virtual8086() ? 3 : c.seg[Seg.SS].dpl() : 0;
    c.paging.alignmentCheck = (c.systemFlags & Rflags.AC) != 0;
    c.context.translation().flush(c.memory.tlb);
    c.modeChanged();
  }

  private static void restoreControl(Cpu c, VcpuState.Control s) {
    c.paging.cr0 = s.cr0();
    c.cr2 = s.cr2();
    c.paging.cr3 = s.cr3();
    c.paging.cr4 = s.cr4();
    c.paging.efer = s.efer();
    c.paging.pkru = s.pkru();
    c.xcr0 = s.xcr0();
    if (c.context.bus().taskPriority() != s.cr8()) {
      c.context.bus().setTaskPriority((int) s.cr8());
    }
  }

  private static void restoreSegments(Cpu c, VcpuState.Segments s) {
    for (int n = 0; n < c.seg.length; n++) {
      c.seg[n].set(s.registers().get(n));
    }
    c.gdtBase = s.gdtr().base();
    c.gdtLimit = s.gdtr().limit();
    c.idtBase = s.idtr().base();
    c.idtLimit = s.idtr().limit();
  }

  private static void restoreGeneral(Cpu c, VcpuState.General s) {
    for (int r = 0; r < 16; r++) {
      c.gpr[r] = s.registers().get(r);
    }
    c.rip = s.rip();
    Flags.setStatus(c, (int) s.rflags());
    c.systemFlags = (int) s.rflags() & ~(Rflags.STATUS | Rflags.FIXED);
  }

  private static void restoreMsrs(Cpu c, VcpuState.Msrs s) {
    s.values().forEach((msr, value) -> {
      if (msr != Msr.TSC && msr != Msr.TSC_ADJUST && carries(c, msr)) {
        Msrs.write(c, msr, value);
      }
    });
    // Unlike a guest's write, restoring one of the two does not move the other.
    c.tscOffset = s.get(Msr.TSC, c.tsc()) - c.context.tsc();
    c.tscAdjust = s.get(Msr.TSC_ADJUST, c.tscAdjust);
  }

  private static void restoreEvents(Cpu c, VcpuState.Events s) {
    c.activity = s.activity();
    c.stiShadow = s.stiShadow();
    c.movSsShadow = s.movSsShadow();
    c.nmiBlocked = s.nmiBlocked();
    c.pendingDebug = s.pendingDebug();
    PendingEvents pending = c.context.pending();
    // Only added: what other processors have sent since the state was taken, INIT's start-up IPI above all, must not get lost.
    if (s.nmiPending()) {
      pending.raise(PendingEvents.NMI);
    }
    if (s.sipiVector() >= 0) {
      pending.raiseStartup(s.sipiVector());
    }
  }

  /** Whether PAE paging is on, which keeps its page-directory-pointer entries in the processor. */
  static boolean paePaging(VcpuState.Control s) {
    return (s.cr0() & Cr0.PG) != 0 && (s.cr4() & Cr4.PAE) != 0 && (s.efer() & annulus.arch.Efer.LMA) == 0;
  }
}
