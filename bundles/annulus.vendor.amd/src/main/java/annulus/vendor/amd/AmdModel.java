package annulus.vendor.amd;

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
 * CPUID as AMD's processors answer it (APM 3 appendix E): leaves that do not exist return zeros. The time-stamp counter runs at
 * 1 GHz whatever the host's does; AMD has no leaf that says so.
 */
final class AmdModel implements CpuModel {
  private static final int TSC_HZ = 1_000_000_000;
  /** Features of leaf 1 EDX that leaf 80000001H EDX repeats: bits 0-9, 12-17, 23, 24. */
  private static final int REPEATED = 0x0183_F3FF;
  /** CmpLegacy: cores are counted in leaf 1 and are not threads. */
  private static final int CMP_LEGACY = 1 << 1;
  /** Leaf 80000021H ECX: not affected by transient scheduler attacks (TSA_SQ_NO, TSA_L1_NO). */
  private static final int TSA_NO = 3 << 1;
  /** 64-byte lines, one per tag. */
  private static final int LINE = 1 << 8 | 64;

  private final String name;
  private final String description;
  private final String brand;
  private final int signature;
  private final Set<CpuFeature> features;
  private final Set<VendorTrait> traits;
  private final int physicalBits;
  private final int highest;
  private final int highestExtended;
  private final MsrTable.Builder msrs;

  AmdModel(String name, String description, String brand, int signature, Set<CpuFeature> features, Set<VendorTrait> traits,
      int physicalBits) {
    this.name = name;
    this.description = description;
    this.brand = brand;
    this.signature = signature;
    this.features = java.util.Collections.unmodifiableSet(EnumSet.copyOf(features));
    this.traits = java.util.Collections.unmodifiableSet(EnumSet.copyOf(traits));
    this.physicalBits = physicalBits;
    highest = features.contains(CpuFeature.XSAVE) ? 0xD : 6;
    highestExtended = features.contains(CpuFeature.TOPOLOGY_EXTENSIONS) ? 0x8000_0021 : 0x8000_0008;
    msrs = AmdMsrs.of();
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
    return traits;
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
      return Integer.compareUnsigned(leaf, highestExtended) <= 0 ? extended(leaf, subleaf, c) : CpuidResult.ZERO;
    }
    return leaf <= highest ? basic(leaf, subleaf, c) : CpuidResult.ZERO;
  }

  private CpuidResult basic(int leaf, int subleaf, CpuidContext c) {
    return switch (leaf) {
      case 0 -> CpuidLeaves.signature(highest, "AuthenticAMD");
      case 1 -> CpuidLeaves.processor(features, signature, c);
      case 6 -> CpuidLeaves.features(features, 6, 0);
      case 7 -> CpuidLeaves.structuredFeatures(features, subleaf, c);
      case 0xB -> CpuidLeaves.topology(subleaf, c);
      case 0xD -> CpuidLeaves.extendedState(features, subleaf, c);
      default -> CpuidResult.ZERO;
    };
  }

  private CpuidResult extended(int leaf, int subleaf, CpuidContext c) {
    return switch (leaf) {
      case 0x8000_0000 -> CpuidLeaves.signature(highestExtended, "AuthenticAMD");
      case 0x8000_0001 -> {
        CpuidResult f = CpuidLeaves.features(features, leaf, 0);
        CpuidResult leaf1 = CpuidLeaves.processor(features, signature, c);
        int ecx = f.ecx() | (c.processors() > 1 ? CMP_LEGACY : 0);
        yield new CpuidResult(signature, 0, ecx, f.edx() | leaf1.edx() & REPEATED);
      }
      case 0x8000_0002, 0x8000_0003, 0x8000_0004 -> CpuidLeaves.brand(brand, leaf);
      // L1: 32 KiB, 8 ways, data and code.
      case 0x8000_0005 -> new CpuidResult(0, 0, 32 << 24 | 8 << 16 | LINE, 32 << 24 | 8 << 16 | LINE);
      // L2: 256 KiB, 8 ways; L3: 8 MiB (16 units of 512 KiB), 16 ways.
      case 0x8000_0006 -> new CpuidResult(0, 0, 256 << 16 | 6 << 12 | LINE, 16 << 18 | 8 << 12 | LINE);
      case 0x8000_0007 -> CpuidLeaves.features(features, leaf, 0);
      case 0x8000_0008 -> {
        int linear = features.contains(CpuFeature.LA57) ? 57 : 48;
        int cores = c.processors() - 1 | CpuidLeaves.coreBits(c) << 12;
        yield new CpuidResult(physicalBits | linear << 8, CpuidLeaves.features(features, leaf, 0).ebx(), cores, 0);
      }
      case 0x8000_001D -> cache(subleaf, c);
      // One thread per core, one node.
      case 0x8000_001E -> new CpuidResult(c.apicId(), c.apicId() & 0xFF, 0, 0);
      case 0x8000_0021 -> new CpuidResult(CpuidLeaves.features(features, leaf, 0).eax(), 0, TSA_NO, 0);
      default -> CpuidResult.ZERO;
    };
  }

  /** Leaf 8000001DH: the same caches as leaves 80000005H and 80000006H. */
  private static CpuidResult cache(int subleaf, CpuidContext c) {
    return switch (subleaf) {
      case 0 -> cache(1, 1, 8, 64, 0);
      case 1 -> cache(2, 1, 8, 64, 0);
      case 2 -> cache(3, 2, 8, 512, 0);
      case 3 -> cache(3, 3, 16, 8192, c.processors() - 1);
      default -> CpuidResult.ZERO;
    };
  }

  /** Type 1 data, 2 instruction, 3 unified; 64-byte lines; {@code sharing} processors less one. */
  private static CpuidResult cache(int type, int level, int ways, int sets, int sharing) {
    return new CpuidResult(type | level << 5 | 1 << 8 | sharing << 14, ways - 1 << 22 | 63, sets - 1, 0);
  }
}
