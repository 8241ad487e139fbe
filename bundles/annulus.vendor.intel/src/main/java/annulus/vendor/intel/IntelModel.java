package annulus.vendor.intel;

import annulus.arch.CpuFeature;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidLeaves;
import annulus.vendor.CpuidResult;
import annulus.vendor.MsrTable;
import annulus.vendor.VendorMsrs;
import annulus.vendor.VendorTrait;
import java.util.EnumSet;
import java.util.Set;

/**
 * CPUID as Intel's processors answer it (SDM 2A CPUID): a leaf above the highest returns what the highest basic leaf returns.
 * The time-stamp counter runs at 1 GHz whatever the host's does: it counts nanoseconds of the machine's time.
 */
final class IntelModel implements CpuModel {
  private static final int HIGHEST = 0x16;
  private static final int HIGHEST_EXTENDED = 0x8000_0008;
  private static final int TSC_HZ = 1_000_000_000;
  private static final int TSC_MHZ = TSC_HZ / 1_000_000;
  /** The crystal behind the counter, which also feeds the local APIC's timer: the ratio is 1. */
  private static final int CRYSTAL_HZ = 1_000_000_000;
  private static final int BUS_MHZ = 100;
  private static final int PREFETCH_64 = 0xF0;
  /** Leaf 2: "see leaf 4" (0xFF), in one call. */
  private static final int CACHES_IN_LEAF_4 = 0x0000_FF01;

  private final String name;
  private final String description;
  private final String brand;
  private final int signature;
  private final Set<CpuFeature> features;
  private final int physicalBits;
  private final MsrTable.Builder msrs;

  IntelModel(String name, String description, String brand, int signature, Set<CpuFeature> features, int physicalBits) {
    this.name = name;
    this.description = description;
    this.brand = brand;
    this.signature = signature;
    this.features = java.util.Collections.unmodifiableSet(EnumSet.copyOf(features));
    this.physicalBits = physicalBits;
    msrs = IntelMsrs.of(features, TSC_MHZ / BUS_MHZ);
  }

  @Override public String name() {
    return name;
  }

  @Override public String description() {
    return description;
  }

  @Override public Set<CpuFeature> features() {
    return features;
  }

  @Override public Set<VendorTrait> traits() {
    return Set.of();
  }

  @Override public int physicalBits() {
    return physicalBits;
  }

  @Override public long tscHz() {
    return TSC_HZ;
  }

  @Override public VendorMsrs openMsrs() {
    return msrs.open();
  }

  @Override public CpuidResult cpuid(int leaf, int subleaf, CpuidContext c) {
    if (leaf >>> 16 == CpuidLeaves.HYPERVISOR >>> 16 && features.contains(CpuFeature.HYPERVISOR)) {
      return CpuidLeaves.hypervisor(leaf);
    }
    if (leaf < 0) {
      return Integer.compareUnsigned(leaf, HIGHEST_EXTENDED) <= 0 ? extended(leaf) : basic(HIGHEST, subleaf, c);
    }
    return basic(Math.min(leaf, HIGHEST), subleaf, c);
  }

  private CpuidResult basic(int leaf, int subleaf, CpuidContext c) {
    return switch (leaf) {
      case 0 -> CpuidLeaves.signature(HIGHEST, "GenuineIntel");
      case 1 -> CpuidLeaves.processor(features, signature, c);
      case 2 -> new CpuidResult(CACHES_IN_LEAF_4, 0, 0, PREFETCH_64);
      case 4 -> cache(subleaf, c);
      case 6 -> CpuidLeaves.features(features, 6, 0);
      case 7 -> CpuidLeaves.structuredFeatures(features, subleaf, c);
      case 0xB -> features.contains(CpuFeature.X2APIC) ? CpuidLeaves.topology(subleaf, c) : CpuidResult.ZERO;
      case 0xD -> CpuidLeaves.extendedState(features, subleaf, c);
      case 0x15 -> new CpuidResult(1, TSC_HZ / CRYSTAL_HZ, CRYSTAL_HZ, 0);
      case 0x16 -> new CpuidResult(TSC_MHZ, TSC_MHZ, BUS_MHZ, 0);
      // 5 without MONITOR, 0AH without performance counters, 14H without trace, and reserved leaves.
      default -> CpuidResult.ZERO;
    };
  }

  /** Leaf 4: what a small server core has; software sizes buffers by it, nothing here has these caches. */
  private static CpuidResult cache(int subleaf, CpuidContext c) {
    int cores = (1 << CpuidLeaves.coreBits(c)) - 1;
    return switch (subleaf) {
      case 0 -> cache(1, 1, 8, 64, 0, cores);
      case 1 -> cache(2, 1, 8, 64, 0, cores);
      case 2 -> cache(3, 2, 8, 512, 0, cores);
      case 3 -> cache(3, 3, 16, 8192, cores, cores);
      default -> CpuidResult.ZERO;
    };
  }

  /** Type 1 data, 2 instruction, 3 unified; 64-byte lines; sharing and cores less one. */
  private static CpuidResult cache(int type, int level, int ways, int sets, int sharing, int cores) {
    int eax = type | level << 5 | 1 << 8 | sharing << 14 | cores << 26;
    return new CpuidResult(eax, ways - 1 << 22 | 63, sets - 1, 0);
  }

  private CpuidResult extended(int leaf) {
    return switch (leaf) {
      case 0x8000_0000 -> new CpuidResult(HIGHEST_EXTENDED, 0, 0, 0);
      case 0x8000_0001, 0x8000_0007 -> CpuidLeaves.features(features, leaf, 0);
      case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> CpuidLeaves.brand(brand, leaf);
      // Level 2: 256 KiB, 8 ways, 64-byte lines.
      case 0x8000_0006 -> new CpuidResult(0, 0, 256 << 16 | 6 << 12 | 64, 0);
      case 0x8000_0008 -> new CpuidResult(physicalBits | (features.contains(CpuFeature.LA57) ? 57 : 48) << 8, 0, 0, 0);
      default -> CpuidResult.ZERO;
    };
  }
}
