package annulus.vendor.amd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.arch.Msr;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidResult;
import annulus.vendor.VendorMsrs;
import annulus.vendor.VendorTrait;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What software finds on each AMD model. */
class AmdModelsTest {
  private static final CpuidContext ONE = new CpuidContext(0, 1, 0, 1, true);

  static Stream<CpuModel> models() {
    List<CpuModel> models = new AmdVendor().models();
    assertTrue(models.size() >= 2);
    return models.stream();
  }

  private static int register(CpuidResult r, CpuFeature.CpuidRegister register) {
    return switch (register) {
      case EAX -> r.eax();
      case EBX -> r.ebx();
      case ECX -> r.ecx();
      case EDX -> r.edx();
    };
  }

  @ParameterizedTest
  @MethodSource("models")
  void cpuidReportsExactlyTheFeaturesOfTheSet(CpuModel m) {
    for (CpuFeature f : CpuFeature.values()) {
      int bits = register(m.cpuid(f.leaf(), f.subleaf(), ONE), f.register());
      assertEquals(m.features().contains(f), (bits >>> f.bit() & 1) != 0, f.name());
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void leavesThatDoNotExistAreZero(CpuModel m) {
    assertEquals(CpuidResult.ZERO, m.cpuid(m.cpuid(0, 0, ONE).eax() + 1, 0, ONE));
    assertEquals(CpuidResult.ZERO, m.cpuid(m.cpuid(0x8000_0000, 0, ONE).eax() + 1, 0, ONE));
  }

  @ParameterizedTest
  @MethodSource("models")
  void extendedLeafRepeatsTheBasicFeatures(CpuModel m) {
    int repeated = 0x0183_F3FF;
    assertEquals(m.cpuid(1, 0, ONE).edx() & repeated, m.cpuid(0x8000_0001, 0, ONE).edx() & repeated);
    assertEquals(m.cpuid(1, 0, ONE).eax(), m.cpuid(0x8000_0001, 0, ONE).eax());
  }

  @ParameterizedTest
  @MethodSource("models")
  void coresAreCountedAlikeInEveryLeaf(CpuModel m) {
    CpuidContext six = new CpuidContext(5, 6, 0, 1, true);
    assertEquals(5, m.cpuid(0x8000_0008, 0, six).ecx() & 0xFF);
    assertEquals(3, m.cpuid(0x8000_0008, 0, six).ecx() >>> 12 & 0xF);
    assertEquals(8, m.cpuid(1, 0, six).ebx() >>> 16 & 0xFF);
    if (m.features().contains(CpuFeature.TOPOLOGY_EXTENSIONS)) {
      assertEquals(5, m.cpuid(0x8000_001E, 0, six).eax());
      assertEquals(5, m.cpuid(0x8000_001D, 3, six).eax() >>> 14 & 0xFFF);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void nullSelectorsKeepTheirBaseWhereCpuidDoesNotDenyIt(CpuModel m) {
    assertEquals(!m.features().contains(CpuFeature.NULL_SELECTOR_CLEARS_BASE),
        m.traits().contains(VendorTrait.NULL_SELECTOR_KEEPS_BASE));
  }

  @ParameterizedTest
  @MethodSource("models")
  void registersRefuseBitsTheyDoNotHave(CpuModel m) {
    VendorMsrs msrs = m.openMsrs();
    assertFalse(msrs.readable(0xC001_0004), "performance counters");
    assertFalse(msrs.readable(Msr.ARCH_CAPABILITIES));
    assertFalse(msrs.write(Msr.SYSCFG, msrs.read(Msr.SYSCFG) | 1L << 63));
    assertTrue(msrs.write(Msr.SYSCFG, msrs.read(Msr.SYSCFG) | 1 << 18));
    assertFalse(msrs.write(Msr.BIOS_SIGN_ID, 0));
    assertEquals(1, msrs.export().size());
  }
}
