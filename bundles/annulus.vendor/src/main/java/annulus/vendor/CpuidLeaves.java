package annulus.vendor;

import annulus.arch.Cr4;
import annulus.arch.CpuFeature;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** CPUID leaves that follow from a model's features and the machine, alike for all vendors (SDM 2A CPUID, APM 3 appendix E). */
public final class CpuidLeaves {
  /** First leaf of the range for hypervisors. */
  public static final int HYPERVISOR = 0x4000_0000;

  private static final int OSXSAVE = 1 << 27;
  private static final int OSPKE = 1 << 4;
  private static final int CLFLUSH_UNITS = 8;
  private static final int LEGACY_AREA = 576;
  private static final int AVX_AREA = 256;
  private static final int AVX = 4;
  private static final String HYPERVISOR_SIGNATURE = "AnnulusVMM\0\0";

  private CpuidLeaves() {}

  /** The feature bits of a leaf. */
  public static CpuidResult features(Set<CpuFeature> features, int leaf, int subleaf) {
    int[] r = new int[4];
    for (CpuFeature f : features) {
      if (f.leaf() == leaf && f.subleaf() == subleaf) {
        r[f.register().ordinal()] |= 1 << f.bit();
      }
    }
    return new CpuidResult(r[0], r[1], r[2], r[3]);
  }

  /** Leaf 0, 0x40000000 or 0x80000000: the highest leaf and twelve characters. */
  public static CpuidResult signature(int highest, String name) {
    int[] w = words(name, 12);
    return new CpuidResult(highest, w[0], w[2], w[1]);
  }

  /** Leaf 1: signature, APIC id, features with the bits that follow control registers and the APIC. */
  public static CpuidResult processor(Set<CpuFeature> features, int signature, CpuidContext c) {
    CpuidResult f = features(features, 1, 0);
    int ecx = f.ecx() | (features.contains(CpuFeature.XSAVE) && (c.cr4() & Cr4.OSXSAVE) != 0 ? OSXSAVE : 0);
    int edx = f.edx() | (c.processors() > 1 ? 1 << CpuFeature.HTT.bit() : 0);
    if (!c.apicEnabled()) {
      edx &= ~(1 << CpuFeature.APIC.bit());
    }
    int logical = 1 << coreBits(c);
    return new CpuidResult(signature, CLFLUSH_UNITS << 8 | Math.min(logical, 255) << 16 | c.apicId() << 24, ecx, edx);
  }

  /** Leaf 7: EAX of sub-leaf 0 is the highest sub-leaf, the highest that a feature of the set is in. */
  public static CpuidResult structuredFeatures(Set<CpuFeature> features, int subleaf, CpuidContext c) {
    CpuidResult f = features(features, 7, subleaf);
    if (subleaf != 0) {
      return f;
    }
    int highest = 0;
    for (CpuFeature feature : features) {
      highest = feature.leaf() == 7 ? Math.max(highest, feature.subleaf()) : highest;
    }
    int ecx = f.ecx() | (features.contains(CpuFeature.PKU) && (c.cr4() & Cr4.PKE) != 0 ? OSPKE : 0);
    return new CpuidResult(highest, f.ebx(), ecx, f.edx());
  }

  /** Leaf 0xB: no SMT level, all cores of one package. */
  public static CpuidResult topology(int subleaf, CpuidContext c) {
    return switch (subleaf) {
      case 0 -> new CpuidResult(0, 1, 1 << 8, c.apicId());
      case 1 -> new CpuidResult(coreBits(c), c.processors(), 2 << 8 | 1, c.apicId());
      default -> new CpuidResult(0, 0, subleaf & 0xFF, c.apicId());
    };
  }

  /** Leaf 0xD: the XSAVE area in standard format. All zero without XSAVE. */
  public static CpuidResult extendedState(Set<CpuFeature> features, int subleaf, CpuidContext c) {
    if (!features.contains(CpuFeature.XSAVE)) {
      return CpuidResult.ZERO;
    }
    boolean avx = features.contains(CpuFeature.AVX);
    int enabled = LEGACY_AREA + ((c.xcr0() & AVX) != 0 ? AVX_AREA : 0);
    return switch (subleaf) {
      case 0 -> new CpuidResult(avx ? 7 : 3, enabled, LEGACY_AREA + (avx ? AVX_AREA : 0), 0);
      case 1 -> {
        CpuidResult f = features(features, 0xD, 1);
        yield new CpuidResult(f.eax(), features.contains(CpuFeature.XSAVEC) ? enabled : 0, 0, 0);
      }
      case 2 -> avx ? new CpuidResult(AVX_AREA, LEGACY_AREA, 0, 0) : CpuidResult.ZERO;
      default -> CpuidResult.ZERO;
    };
  }

  /** Leaves 0x80000002 to 0x80000004: the name for people, 48 characters with the final zero. */
  public static CpuidResult brand(String brand, int leaf) {
    int[] w = words(brand, 48);
    int first = 4 * (leaf - 0x8000_0002);
    return new CpuidResult(w[first], w[first + 1], w[first + 2], w[first + 3]);
  }

  /** Leaves from 0x40000000 on: who runs this machine. */
  public static CpuidResult hypervisor(int leaf) {
    return leaf == HYPERVISOR ? signature(HYPERVISOR, HYPERVISOR_SIGNATURE) : CpuidResult.ZERO;
  }

  /** Bits of the APIC id that number the cores of the package. */
  public static int coreBits(CpuidContext c) {
    return 32 - Integer.numberOfLeadingZeros(c.processors() - 1);
  }

  private static int[] words(String text, int size) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    if (ascii.length > size) {
      throw new IllegalArgumentException("\"" + text + "\" is longer than " + size + " characters");
    }
    int[] words = new int[size / 4];
    for (int n = 0; n < ascii.length; n++) {
      words[n / 4] |= (ascii[n] & 0xFF) << 8 * (n % 4);
    }
    return words;
  }
}
