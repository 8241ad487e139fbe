package annulus.oracle;

import annulus.arch.CpuFeature;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidResult;
import annulus.vendor.MsrTable;
import annulus.vendor.VendorMsrs;
import annulus.vendor.VendorTrait;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.IntBinaryOperator;
import java.util.function.LongFunction;

/** The host's processor as a model, as far as this project's processors go. */
record HostModel(Set<CpuFeature> features, Set<VendorTrait> traits) implements CpuModel {
  /** No semantics: AVX and what builds on it. Virtualization is the privileged software's. */
  private static final Set<CpuFeature> LEFT_OUT =
      EnumSet.of(CpuFeature.AVX, CpuFeature.AVX2, CpuFeature.FMA, CpuFeature.F16C, CpuFeature.VMX, CpuFeature.SVM, CpuFeature.LA57);
  /** Leaf 80000008H EBX bit 2, XSaveErPtr: FXSAVE and its like always handle the last-instruction pointers (APM 3 appendix E). */
  private static final int ERROR_POINTERS = 1 << 2;

  /** From CPUID: the function answers leaf (high half) and sub-leaf with EAX, EBX, ECX, EDX. */
  static HostModel of(LongFunction<int[]> cpuid) {
    IntBinaryOperator highest = (leaf, register) -> cpuid.apply((long) leaf << 32)[register];
    int basic = highest.applyAsInt(0, 0);
    int extended = highest.applyAsInt(0x8000_0000, 0);
    Set<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    for (CpuFeature f : CpuFeature.values()) {
      boolean exists = f.leaf() < 0 ? Integer.compareUnsigned(f.leaf(), extended) <= 0 : f.leaf() <= basic;
      if (exists && (cpuid.apply((long) f.leaf() << 32 | f.subleaf())[f.register().ordinal()] >>> f.bit() & 1) != 0) {
        features.add(f);
      }
    }
    features.removeAll(LEFT_OUT);
    boolean amd = highest.applyAsInt(0, 2) == 0x444D4163;
    Set<VendorTrait> traits = EnumSet.noneOf(VendorTrait.class);
    if (amd) {
      traits.addAll(EnumSet.of(VendorTrait.SYSCALL_IN_COMPATIBILITY_MODE, VendorTrait.NO_SYSENTER_IN_LONG_MODE,
          VendorTrait.SYSRET_CANONICAL_FAULT_AT_TARGET, VendorTrait.SYSRET_KEEPS_SS_ATTRIBUTES,
          VendorTrait.NEAR_BRANCH_OPERAND_SIZE, VendorTrait.NO_FAR_BRANCH_64, VendorTrait.LOCK_MOV_CR0_IS_CR8,
          VendorTrait.FCOMI_KEEPS_C1));
      boolean zeroes = extended >= 0x8000_0008 && (highest.applyAsInt(0x8000_0008, 1) & ERROR_POINTERS) != 0;
      traits.add(zeroes ? VendorTrait.FXSAVE_ZEROES_POINTERS : VendorTrait.FXSAVE_SKIPS_POINTERS);
    }
    return new HostModel(features, traits);
  }

  @Override public String name() {
    return "host";
  }

  @Override public String description() {
    return "the host's processor";
  }

  @Override public int physicalBits() {
    return 40;
  }

  @Override public long tscHz() {
    return 1_000_000_000;
  }

  /** Excluded from cases: nobody asks. */
  @Override public CpuidResult cpuid(int leaf, int subleaf, CpuidContext context) {
    return CpuidResult.ZERO;
  }

  @Override public VendorMsrs openMsrs() {
    return new MsrTable.Builder().open();
  }
}
