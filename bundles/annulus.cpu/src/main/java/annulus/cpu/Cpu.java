package annulus.cpu;

import annulus.arch.CpuFeature;
import annulus.arch.CpuMode;
import annulus.arch.Cr0;
import annulus.arch.Cr4;
import annulus.arch.Efer;
import annulus.arch.Msr;
import annulus.arch.Rflags;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import annulus.arch.Vector;
import annulus.cpu.fp.FpContext;
import annulus.engine.VcpuContext;
import annulus.memory.translation.PagingState;
import annulus.memory.translation.SoftTlb;
import annulus.vendor.VendorMsrs;
import annulus.vendor.VendorTrait;
import java.util.EnumSet;
import java.util.Set;

/**
 * The state of one virtual processor while an engine runs it. Plain public fields: this is the hot state that instruction
 * semantics and generated code work on. Whoever changes a field that others are derived from calls the method named with it.
 */
public final class Cpu {
  public static final int RAX = 0;
  public static final int RCX = 1;
  public static final int RDX = 2;
  public static final int RBX = 3;
  public static final int RSP = 4;
  public static final int RBP = 5;
  public static final int RSI = 6;
  public static final int RDI = 7;

  /**
   * General registers; element 16 is always zero and stands for an absent base or index. 32-bit results are zero-extended. Elements
   * from 17 on are an engine's own.
   */
  public final long[] gpr = new long[24];
  /** Next instruction while one executes (see {@link annulus.cpu.exec.Semantics}); the next to execute between instructions. */
  public long rip;

  /** Status flags; see {@link Flags}. */
  public long flagResult = 1 << 8;
  public long flagCarries;
  /** RFLAGS without the status flags and bit 1. After a change of AC, VM: {@link #systemFlagsChanged()}. */
  public int systemFlags;

  /** Segment registers by {@link Seg}; after a change of CS or SS: {@link #modeChanged()}. */
  public final Segment[] seg = new Segment[8];
  public long gdtBase;
  public int gdtLimit;
  public long idtBase;
  public int idtLimit;
  /** Current privilege level. After a change: {@link #modeChanged()}. */
  public int cpl;

  /** CR0, CR3, CR4, EFER, PKRU; after a change: {@link #modeChanged()}. */
  public final PagingState paging = new PagingState();
  public long cr2;
  public long xcr0;
  public final long[] dr = new long[8];

  /** x87 and MMX state. */
  public final Fpu fpu = new Fpu();
  /** XMM registers: low half at 2n, high half at 2n + 1. */
  public final long[] xmm = new long[32];
  /** Upper halves of the YMM registers, laid out alike. */
  public final long[] ymmHigh = new long[32];
  public int mxcsr = 0x1F80;
  /** Arithmetic's modes and results for SSE; {@link FpContext#setMxcsr} before use. */
  public final FpContext sse = new FpContext();

  /** MSRs that instructions use directly. */
  public long star;
  public long lstar;
  public long cstar;
  public long syscallMask;
  public long kernelGsBase;
  public long sysenterCs;
  public long sysenterEsp;
  public long sysenterEip;
  public long tscAux;
  /** Added to the machine's counter by the guest through IA32_TSC and IA32_TSC_ADJUST. */
  public long tscOffset;
  public long tscAdjust;
  public long pat = Msr.PAT_RESET;
  /** Architectural MSRs that only RDMSR and WRMSR look at. */
  public final ColdMsrs coldMsrs = new ColdMsrs();
  /** The vendor's own MSRs. */
  public VendorMsrs vendorMsrs;

  /** Interrupts are blocked for one instruction after STI; after MOV SS and POP SS debug traps are too. Counted down by the engine. */
  public boolean stiShadow;
  public boolean movSsShadow;
  public boolean nmiBlocked;
  public VcpuState.Activity activity = VcpuState.Activity.ACTIVE;
  /** DR6 bits of debug traps that are due after the current instruction. */
  public long pendingDebug;
  /** Set by instructions after which decoded or translated code must be looked up anew: the engine ends its block. */
  public boolean endBlock;
  /** Consecutive PAUSE instructions, for {@link annulus.engine.Exit#YIELD}. */
  public int pauses;
  /** Iterations of repeated string instructions beyond the first, since the engine last cleared it: each counts as an instruction. */
  public long extraInstructions;
  /** Most of those that there may be: the engine's budget. */
  public long extraLimit = Long.MAX_VALUE - 1;

  /** 16, 32 or 64: default size of code. Derived by {@link #modeChanged()}. */
  public int codeBits = 16;
  /** Mask of the stack pointer: 0xFFFF, 0xFFFF_FFFF or -1. Derived. */
  public long stackMask = 0xFFFF;
  /** Mask of the instruction pointer: 0xFFFF, 0xFFFF_FFFF or -1. Derived; 16-bit code masks with the operand size besides. */
  public long ipMask = 0xFFFF;
  /** Operating mode. Derived. */
  public CpuMode mode = CpuMode.REAL;

  /** Accesses to guest-virtual memory. */
  public final LinearMemory memory;
  /** The TLB's entries: an access that finds its own need not look for them at three places first. */
  public final long[] tlb;
  public final VcpuContext context;
  /** Features of the model, for tests outside the decoder. */
  public final Set<CpuFeature> features;
  public final Set<VendorTrait> traits;
  /** Bits of CR4 this model has. */
  public final long cr4Valid;

  private final GuestFault fault = new GuestFault();

  public Cpu(VcpuContext context) {
    this(context, new SoftTlb());
  }

  /** @param tlb empty, and nobody else's from now on */
  public Cpu(VcpuContext context, SoftTlb tlb) {
    this.context = context;
    features = EnumSet.copyOf(context.model().features());
    traits = context.model().traits().isEmpty() ? EnumSet.noneOf(VendorTrait.class) : EnumSet.copyOf(context.model().traits());
    cr4Valid = cr4Bits(features);
    vendorMsrs = context.model().openMsrs();
    for (int i = 0; i < seg.length; i++) {
      seg[i] = new Segment();
    }
    memory = new LinearMemory(this, context, tlb);
    this.tlb = tlb.entries;
    Reset.powerOn(this);
  }

  public boolean has(CpuFeature feature) {
    return features.contains(feature);
  }

  public boolean is(VendorTrait trait) {
    return traits.contains(trait);
  }

  public boolean longMode() {
    return (paging.efer & Efer.LMA) != 0;
  }

  public boolean protectedMode() {
    return (paging.cr0 & Cr0.PE) != 0;
  }

  public boolean virtual8086() {
    return (systemFlags & Rflags.VM) != 0;
  }

  public int iopl() {
    return systemFlags >>> 12 & 3;
  }

  /** Derives the widths, the operating mode and the contexts of memory accesses after a change of what they depend on. */
  public void modeChanged() {
    Segment cs = seg[Seg.CS];
    mode = CpuMode.of(paging.cr0, paging.efer, systemFlags, cs.isLong());
    codeBits = mode == CpuMode.LONG ? 64 : cs.big() ? 32 : 16;
    ipMask = codeBits == 64 ? -1L : codeBits == 32 ? 0xFFFF_FFFFL : 0xFFFF;
    stackMask = codeBits == 64 ? -1L : seg[Seg.SS].big() ? 0xFFFF_FFFFL : 0xFFFF;
    memory.contextsChanged();
    endBlock = true;
  }

  /** Follows a change of {@link #systemFlags}. */
  public void systemFlagsChanged() {
    boolean ac = (systemFlags & Rflags.AC) != 0;
    if (ac != paging.alignmentCheck || virtual8086() != (mode == CpuMode.VIRTUAL_8086)) {
      paging.alignmentCheck = ac;
      modeChanged();
    }
    endBlock = true;
  }

  /** The fault to throw: {@code throw cpu.fault(Vector.UD)}. */
  public GuestFault fault(int vector) {
    return fault(vector, 0);
  }

  public GuestFault fault(int vector, int errorCode) {
    fault.vector = vector;
    fault.errorCode = errorCode;
    return fault;
  }

  /** A general-protection fault with error code 0. */
  public GuestFault gp() {
    return fault(Vector.GP, 0);
  }

  public GuestFault ud() {
    return fault(Vector.UD, 0);
  }

  /** Whether {@code address} is canonical for the current width of linear addresses (SDM 1 3.3.7.1). */
  public boolean canonical(long address) {
    int shift = (paging.cr4 & Cr4.LA57) != 0 ? 7 : 16;
    return address << shift >> shift == address;
  }

  /** The time-stamp counter as RDTSC reads it. */
  public long tsc() {
    return context.tsc() + tscOffset;
  }

  /** Raises #UD outside protected mode or in virtual-8086 mode, where system instructions do not exist. */
  public void requireProtectedMode() {
    if (!protectedMode() || virtual8086()) {
      throw ud();
    }
  }

  /** Raises #GP(0) at a privilege level other than 0. */
  public void requireRing0() {
    if (cpl != 0) {
      throw gp();
    }
  }

  private static long cr4Bits(Set<CpuFeature> f) {
    long bits = 0;
    bits |= f.contains(CpuFeature.VME) ? Cr4.VME | Cr4.PVI : 0;
    bits |= f.contains(CpuFeature.TSC) ? Cr4.TSD : 0;
    bits |= f.contains(CpuFeature.DE) ? Cr4.DE : 0;
    bits |= f.contains(CpuFeature.PSE) ? Cr4.PSE : 0;
    bits |= f.contains(CpuFeature.PAE) ? Cr4.PAE : 0;
    bits |= f.contains(CpuFeature.MCE) ? Cr4.MCE : 0;
    bits |= f.contains(CpuFeature.PGE) ? Cr4.PGE : 0;
    bits |= Cr4.PCE;
    bits |= f.contains(CpuFeature.FXSR) ? Cr4.OSFXSR : 0;
    bits |= f.contains(CpuFeature.SSE) ? Cr4.OSXMMEXCPT : 0;
    bits |= f.contains(CpuFeature.UMIP) ? Cr4.UMIP : 0;
    bits |= f.contains(CpuFeature.LA57) ? Cr4.LA57 : 0;
    bits |= f.contains(CpuFeature.VMX) ? Cr4.VMXE : 0;
    bits |= f.contains(CpuFeature.FSGSBASE) ? Cr4.FSGSBASE : 0;
    bits |= f.contains(CpuFeature.PCID) ? Cr4.PCIDE : 0;
    bits |= f.contains(CpuFeature.XSAVE) ? Cr4.OSXSAVE : 0;
    bits |= f.contains(CpuFeature.SMEP) ? Cr4.SMEP : 0;
    bits |= f.contains(CpuFeature.SMAP) ? Cr4.SMAP : 0;
    bits |= f.contains(CpuFeature.PKU) ? Cr4.PKE : 0;
    return bits;
  }

  /** Attributes of a code segment in real mode after reset. */
  static final int REAL_CODE = SegmentState.PRESENT | SegmentState.CODE_OR_DATA | 0xB;
}
