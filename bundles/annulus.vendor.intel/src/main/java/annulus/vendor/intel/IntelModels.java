package annulus.vendor.intel;

import static annulus.arch.CpuFeature.*;

import annulus.arch.CpuFeature;
import annulus.vendor.CpuModel;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The models, each from one declaration. All report the leaves 7, 15H and 16H, which the oldest of the named parts lack, as
 * hypervisors do: they tell the guest the clock's frequency and that a software processor is not affected by Meltdown and its
 * kind, so that it leaves the costly workarounds off.
 */
final class IntelModels {
  /**
   * Family 6 model 5CH stepping 9 (SDM 4 2.1, table 2-1: Goldmont), the part whose features come closest to the default set:
   * x86-64-v2 with SMAP, XSAVE, RDSEED, AES and leaf 15H, without AVX. A signature speaks of speed, and it speaks true: C
   * libraries that choose routines by it take unaligned accesses and REP MOVSB as fast on this model, which they are here, and
   * copy with aligned shuffles on the in-order 1CH. That nothing is speculated, IA32_ARCH_CAPABILITIES says. Linux believes it
   * but for indirect branches, for which it wants enhanced IBRS and BHI_DIS_S: bits set once, without effect here, where it
   * would else rewrite the branches or clear a branch history at every system call.
   */
  private static final int GOLDMONT = 0x0005_06C9;
  /** Family 6 model 2CH stepping 2. */
  private static final int WESTMERE = 0x0002_06C2;
  /** Family 6 model 17H stepping 10. */
  private static final int PENRYN = 0x0001_067A;

  private static final Set<CpuFeature> CORE2_SET = EnumSet.of(FPU, VME, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE, MCA,
      CMOV, PAT, PSE36, CLFLUSH, MMX, FXSR, SSE, SSE2, SELF_SNOOP, SSE3, SSSE3, SSE4_1, CX16, HYPERVISOR, LAHF64, SYSCALL, NX,
      LONG_MODE, INVARIANT_TSC, ARAT, TSC_ADJUST, ARCH_CAPABILITIES);
  private static final Set<CpuFeature> WESTMERE_SET = with(CORE2_SET, SSE4_2, POPCNT, RDTSCP, X2APIC, AES, PCLMULQDQ, PCID, PAGE_1G);
  private static final Set<CpuFeature> V2_SET = with(WESTMERE_SET, BMI1, BMI2, LZCNT, PREFETCHW, MOVBE, RDRAND, RDSEED, FSGSBASE,
      XSAVE, XSAVEOPT, ERMS, FSRM, SMEP, SMAP, UMIP, INVPCID, PKU, RDPID, TSC_DEADLINE, SPEC_CTRL,
      BHI_CTRL);

  static final List<CpuModel> ALL = List.of(
      new IntelModel("x86-64-v2", "x86-64-v2 with BMI, AES and current system features",
          "Annulus x86-64-v2 Processor", GOLDMONT, V2_SET, 40),
      new IntelModel("x86-64-v2-la57", "x86-64-v2 with 5-level paging and 46 physical address bits",
          "Annulus x86-64-v2 LA57 Processor", GOLDMONT, with(V2_SET, LA57), 46),
      new IntelModel("westmere", "Westmere: SSE4.2, AES, PCLMULQDQ", "Annulus Westmere Processor", WESTMERE,
          with(WESTMERE_SET, SPEC_CTRL, BHI_CTRL), 40),
      new IntelModel("core2", "Core 2 (Penryn): SSE4.1, no x2APIC", "Annulus Core 2 Processor", PENRYN,
          with(CORE2_SET, SPEC_CTRL, BHI_CTRL), 36));

  private IntelModels() {}

  private static Set<CpuFeature> with(Set<CpuFeature> base, CpuFeature... more) {
    Set<CpuFeature> all = EnumSet.copyOf(base);
    all.addAll(List.of(more));
    return all;
  }
}
