package annulus.cpu.testing;

import annulus.arch.CpuFeature;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidResult;
import annulus.vendor.VendorMsrs;
import annulus.vendor.VendorTrait;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** A processor model of chosen features, reported where CPUID reports them. */
public record CompleteModel(Set<CpuFeature> features, Set<VendorTrait> traits) implements CpuModel {
  @Override public String name() {
    return "complete";
  }

  @Override public String description() {
    return "every feature, for tests";
  }

  @Override public int physicalBits() {
    return 40;
  }

  @Override public long tscHz() {
    return 1_000_000_000;
  }

  @Override public CpuidResult cpuid(int leaf, int subleaf, CpuidContext context) {
    int[] registers = new int[4];
    if (leaf == 1) {
      registers[0] = 0x000306A9;
      registers[1] = context.apicId() << 24;
    }
    for (CpuFeature f : features) {
      if (f.leaf() == leaf && f.subleaf() == subleaf) {
        registers[f.register().ordinal()] |= 1 << f.bit();
      }
    }
    return new CpuidResult(registers[0], registers[1], registers[2], registers[3]);
  }

  @Override public VendorMsrs openMsrs() {
    return new VendorMsrs() {
      @Override public boolean readable(int msr) {
        return false;
      }

      @Override public long read(int msr) {
        throw new IllegalArgumentException("MSR 0x%x is not readable".formatted(msr));
      }

      @Override public boolean write(int msr, long value) {
        return false;
      }

      @Override public Map<Integer, Long> export() {
        return new HashMap<>();
      }
    };
  }
}
