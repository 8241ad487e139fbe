package annulus.cpu;

import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.StateException;
import annulus.arch.StateGroup;
import annulus.arch.VcpuState;
import annulus.cpu.exec.ControlRegisters;
import annulus.cpu.exec.DebugRegisters;
import annulus.cpu.exec.DebugTraps;
import annulus.cpu.exec.Msrs;
import annulus.memory.translation.PagingState;
import annulus.vendor.VendorMsrs;
import java.util.Map;
import java.util.Objects;

/** Whether a state can be this processor's, along the checks of a VM entry on the guest's state (SDM 3C 26.3.1). Changes nothing. */
final class CpuStateChecks {
  private static final long RFLAGS_VALID = 0x3F_7FD7L;
  private static final long CR0_VALID = 0xE005_003FL;
  private static final int ATTRIBUTES_VALID = 0x1_F0FF;
  private static final String[] NAMES = {"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR"};

  private final Cpu cpu;
  private final VcpuState state;
  /** The registers as they would be: groups that the state lacks come from the processor. */
  private final VcpuState.Control control;
  private final VcpuState.General general;
  private final VendorMsrs vendorMsrs;
  private final long[] pdptes = new long[4];

  CpuStateChecks(Cpu cpu, VcpuState state) {
    this.cpu = cpu;
    this.state = state;
    VcpuState now = CpuState.export(cpu, StateGroup.mask(StateGroup.GENERAL, StateGroup.CONTROL));
    control = state.control() != null ? state.control() : Objects.requireNonNull(now.control());
    general = state.general() != null ? state.general() : Objects.requireNonNull(now.general());
    vendorMsrs = cpu.context.model().openMsrs();
  }

  /** The vendor's MSRs with the state's values, after {@link #check}. */
  VendorMsrs vendorMsrs() {
    return vendorMsrs;
  }

  /** PDPTEs of PAE paging, after {@link #check}; zero in other modes. */
  long[] pdptes() {
    return pdptes;
  }

  void check() throws StateException {
    require((general.rflags() & ~RFLAGS_VALID) == 0 && (general.rflags() & Rflags.FIXED) != 0, "RFLAGS", general.rflags(),
        "bit 1 set and no bits outside 0x3f7fd7");
    checkControl();
    boolean longMode = (control.efer() & Efer.LMA) != 0;
    boolean v86 = (general.rflags() & Rflags.VM) != 0;
    require(!v86 || !longMode && (control.cr0() & Cr0.PE) != 0, "RFLAGS", general.rflags(),
        "VM clear outside legacy protected mode");
    if (state.segments() != null) {
      checkSegments(state.segments(), longMode, v86);
    }
    if (state.debug() != null) {
      checkDebug(state.debug());
    }
    if (state.msrs() != null) {
      checkMsrs(state.msrs().values());
    }
    if (state.events() != null) {
      checkEvents(state.events());
    }
  }

  private void checkControl() throws StateException {
    long cr0 = control.cr0();
    long cr4 = control.cr4();
    long efer = control.efer();
    boolean paging = (cr0 & Cr0.PG) != 0;
    require((cr0 & ~CR0_VALID) == 0 && (cr0 & Cr0.ET) != 0, "CR0", cr0, "ET set and no bits outside 0xe005003f");
    require(!paging || (cr0 & Cr0.PE) != 0, "CR0", cr0, "PG with PE only");
    require((cr0 & Cr0.NW) == 0 || (cr0 & Cr0.CD) != 0, "CR0", cr0, "NW with CD only");
    require((cr4 & ~cpu.cr4Valid) == 0, "CR4", cr4, "no bits outside 0x%x on this model".formatted(cpu.cr4Valid));
    require((efer & ~Msrs.eferValid(cpu)) == 0, "EFER", efer, "no bits outside 0x%x on this model".formatted(Msrs.eferValid(cpu)));
    boolean longMode = (efer & Efer.LMA) != 0;
    require(longMode == (paging && (efer & Efer.LME) != 0), "EFER", efer, "LMA exactly where LME and CR0.PG are set");
    require(!longMode || (cr4 & Cr4.PAE) != 0, "CR4", cr4, "PAE set in long mode");
    require(longMode || (cr4 & Cr4.PCIDE) == 0, "CR4", cr4, "PCIDE in long mode only");
    require(control.cr3() >>> cpu.context.model().physicalBits() == 0, "CR3", control.cr3(),
        "at most %d bits".formatted(cpu.context.model().physicalBits()));
    require((control.cr8() & ~0xFL) == 0, "CR8", control.cr8(), "0 to 15");
    require(ControlRegisters.extendedControlPossible(cpu, control.xcr0()), "XCR0", control.xcr0(),
        "x87 set, and no bits outside 0x%x on this model".formatted(ControlRegisters.extendedControlValid(cpu)));
    if (state.control() != null && CpuState.paePaging(control)) {
      PagingState target = new PagingState();
      target.cr0 = cr0;
      target.cr3 = control.cr3();
      target.cr4 = cr4;
      target.efer = efer;
      require(cpu.context.translation().loadPdptes(target, control.cr3(), pdptes), "CR3", control.cr3(),
          "the address of valid page-directory-pointer entries");
    }
  }

  private void checkSegments(VcpuState.Segments s, boolean longMode, boolean v86) throws StateException {
    for (int n = 0; n < NAMES.length; n++) {
      SegmentState r = s.registers().get(n);
      require((r.attributes() & ~ATTRIBUTES_VALID) == 0, NAMES[n] + " attributes", r.attributes(), "no bits outside 0x1f0ff");
      boolean wideBase = n >= Seg.FS && longMode || n == Seg.FS || n == Seg.GS;
      require(wideBase ? canonical(r.base()) : r.base() >>> 32 == 0, NAMES[n] + " base", r.base(),
          wideBase ? "a canonical address" : "at most 32 bits");
    }
    int cs = s.registers().get(Seg.CS).attributes();
    int both = SegmentState.LONG | SegmentState.BIG;
    require(!longMode || (cs & both) != both, "CS attributes", cs, "not both L and D");
    require((cs & SegmentState.UNUSABLE) == 0, "CS attributes", cs, "usable");
    int ss = s.registers().get(Seg.SS).attributes();
    require(!v86 || (ss >>> SegmentState.DPL_SHIFT & 3) == 3, "SS attributes", ss, "DPL 3 in virtual-8086 mode");
    int tr = s.registers().get(Seg.TR).attributes();
    boolean task = (tr & (SegmentState.UNUSABLE | SegmentState.CODE_OR_DATA)) == 0 && ((tr & 0xF) == 11 || (tr & 0xF) == 3);
    require(task, "TR attributes", tr, "a busy TSS (type 3 or 11)");
    int ldt = s.registers().get(Seg.LDTR).attributes();
    boolean table = (ldt & SegmentState.CODE_OR_DATA) == 0 && (ldt & 0xF) == 2;
    require((ldt & SegmentState.UNUSABLE) != 0 || table, "LDTR attributes", ldt, "unusable or an LDT (type 2)");
    checkTable("GDTR", s.gdtr());
    checkTable("IDTR", s.idtr());
  }

  private void checkTable(String name, VcpuState.Table t) throws StateException {
    require((t.limit() & ~0xFFFF) == 0, name + " limit", t.limit(), "at most 0xffff");
    require(canonical(t.base()), name + " base", t.base(), "a canonical address");
  }

  private static void checkDebug(VcpuState.Debug d) throws StateException {
    require(d.dr6() == DebugRegisters.dr6(d.dr6()), "DR6", d.dr6(), "0x%x".formatted(DebugRegisters.dr6(d.dr6())));
    require(d.dr7() == DebugRegisters.dr7(d.dr7()), "DR7", d.dr7(), "0x%x".formatted(DebugRegisters.dr7(d.dr7())));
  }

  private void checkMsrs(Map<Integer, Long> values) throws StateException {
    for (Map.Entry<Integer, Long> e : values.entrySet()) {
      int msr = e.getKey();
      long value = e.getValue();
      boolean good = CpuState.carries(cpu, msr) ? valid(msr, value) : !Msrs.architectural(msr) && vendorMsrs.write(msr, value);
      if (!good) {
        throw new StateException("MSR 0x%x cannot be 0x%x on model %s: it has no such register, or the value sets reserved bits"
            .formatted(msr, value, cpu.context.model().name()));
      }
    }
  }

  /** Canonical by the width of the state's own CR4, which is not yet the processor's. */
  private boolean valid(int msr, long value) {
    return Msrs.holdsAddress(msr) ? canonical(value) : Msrs.valid(cpu, msr, value);
  }

  private static void checkEvents(VcpuState.Events e) throws StateException {
    require(e.sipiVector() >= -1 && e.sipiVector() <= 0xFF, "start-up vector", e.sipiVector(), "-1 to 255");
    require((e.pendingDebug() & ~DebugTraps.PENDING) == 0, "pending debug traps", e.pendingDebug(),
        "no bits outside 0x%x".formatted(DebugTraps.PENDING));
  }

  private boolean canonical(long address) {
    int shift = (control.cr4() & Cr4.LA57) != 0 ? 7 : 16;
    return address << shift >> shift == address;
  }

  private static void require(boolean good, String what, long value, String right) throws StateException {
    if (!good) {
      throw new StateException("%s is 0x%x; it must be %s".formatted(what, value, right));
    }
  }
}
