package annulus.vendor.amd;

import static annulus.arch.CpuFeature.*;

import annulus.arch.CpuFeature;
import annulus.vendor.CpuModel;
import annulus.vendor.VendorTrait;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The models, each from one declaration. The default one is as recent as a processor has to be for guests to take automatic IBRS
 * instead of rewriting every indirect branch; a software processor predicts none, so either would do. C libraries choose how to
 * copy by the signature on Intel's processors only: on AMD's they go by features, shuffles with SSSE3, and REP MOVSB with AVX.
 */
final class AmdModels {
  /** Family 19H model 11H stepping 1. */
  private static final int ZEN4 = 0x00A1_0F11;
  /** Family 10H model 2 stepping 3. */
  private static final int BARCELONA = 0x0010_0F23;

  private static final Set<CpuFeature> BARCELONA_SET = EnumSet.of(FPU, VME, DE, PSE, TSC, MSR, PAE, MCE, CX8, APIC, SEP, MTRR, PGE,
      MCA, CMOV, PAT, PSE36, CLFLUSH, MMX, FXSR, SSE, SSE2, SSE3, CX16, POPCNT, HYPERVISOR, LAHF64, CR8_LEGACY, LZCNT, SSE4A,
      MISALIGN_SSE, PREFETCHW, SYSCALL, NX, MMX_EXT, FFXSR, PAGE_1G, RDTSCP, LONG_MODE, INVARIANT_TSC, SSB_NO, ARAT);
  private static final Set<CpuFeature> ZEN_SET = with(BARCELONA_SET, SSSE3, SSE4_1, SSE4_2, PCLMULQDQ, AES, MOVBE, X2APIC,
      TSC_DEADLINE, XSAVE, XSAVEOPT, RDRAND, RDSEED, FSGSBASE, BMI1, BMI2, SMEP, SMAP, ERMS, FSRM, UMIP, PCID, INVPCID, PKU, RDPID,
      TSC_ADJUST, TOPOLOGY_EXTENSIONS, LFENCE_SERIALISES, NULL_SELECTOR_CLEARS_BASE, AUTOMATIC_IBRS, SRSO_NO, XSAVE_ERROR_POINTERS);

  private static final Set<VendorTrait> ZEN_TRAITS = EnumSet.of(VendorTrait.SYSCALL_IN_COMPATIBILITY_MODE,
      VendorTrait.NO_SYSENTER_IN_LONG_MODE, VendorTrait.SYSRET_CANONICAL_FAULT_AT_TARGET, VendorTrait.SYSRET_KEEPS_SS_ATTRIBUTES,
      VendorTrait.NEAR_BRANCH_OPERAND_SIZE, VendorTrait.NO_FAR_BRANCH_64, VendorTrait.LOCK_MOV_CR0_IS_CR8,
      VendorTrait.FXSAVE_ZEROES_POINTERS, VendorTrait.FCOMI_KEEPS_C1);

  static final List<CpuModel> ALL = List.of(
      new AmdModel("zen4-noavx", "Zen 4 without AVX: x86-64-v2 with BMI, AES and current system features",
          "Annulus Zen 4 (no AVX) Processor", ZEN4, ZEN_SET, ZEN_TRAITS, 40),
      new AmdModel("zen4-noavx-la57", "Zen 4 without AVX, with 5-level paging and 46 physical address bits",
          "Annulus Zen 4 (no AVX) LA57 Processor", ZEN4, with(ZEN_SET, LA57), ZEN_TRAITS, 46),
      new AmdModel("opteron-g3", "Opteron of family 10H (Barcelona): SSE4A, POPCNT, LZCNT", "Annulus Opteron G3 Processor",
          BARCELONA, BARCELONA_SET, barcelonaTraits(), 40));

  private AmdModels() {}

  private static Set<CpuFeature> with(Set<CpuFeature> base, CpuFeature... more) {
    Set<CpuFeature> all = EnumSet.copyOf(base);
    all.addAll(List.of(more));
    return all;
  }

  private static Set<VendorTrait> barcelonaTraits() {
    Set<VendorTrait> all = EnumSet.copyOf(ZEN_TRAITS);
    all.add(VendorTrait.NULL_SELECTOR_KEEPS_BASE);
    all.add(VendorTrait.FXSAVE_SKIPS_POINTERS);
    all.remove(VendorTrait.FXSAVE_ZEROES_POINTERS);
    all.remove(VendorTrait.FCOMI_KEEPS_C1);
    return all;
  }
}
