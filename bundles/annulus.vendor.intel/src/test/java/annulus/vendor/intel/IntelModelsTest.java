package annulus.vendor.intel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr4;
import annulus.arch.CpuFeature;
import annulus.arch.Msr;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidResult;
import annulus.vendor.VendorMsrs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What software finds on each Intel model. */
class IntelModelsTest {
  private static final CpuidContext ONE = new CpuidContext(0, 1, 0, 1, true);

  static Stream<CpuModel> models() {
    List<CpuModel> models = new IntelVendor().models();
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
      if (Integer.compareUnsigned(f.leaf(), 0x8000_0008) >= 0) {
        assertFalse(m.features().contains(f), f + " has no leaf on this vendor's processors");
        continue;
      }
      int bits = register(m.cpuid(f.leaf(), f.subleaf(), ONE), f.register());
      assertEquals(m.features().contains(f), (bits >>> f.bit() & 1) != 0, f.name());
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void leavesAboveTheHighestAnswerAsTheHighestBasicOne(CpuModel m) {
    int highest = m.cpuid(0, 0, ONE).eax();
    assertEquals(m.cpuid(highest, 0, ONE), m.cpuid(highest + 1, 0, ONE));
    assertEquals(m.cpuid(highest, 0, ONE), m.cpuid(0x7FFF_FFFF, 0, ONE));
    assertEquals(m.cpuid(highest, 0, ONE), m.cpuid(0x8000_0009, 0, ONE));
  }

  @ParameterizedTest
  @MethodSource("models")
  void frequencyLeavesGiveTheModelsTsc(CpuModel m) {
    CpuidResult r = m.cpuid(0x15, 0, ONE);
    assertEquals(m.tscHz(), Integer.toUnsignedLong(r.ecx()) * r.ebx() / r.eax());
    assertEquals(m.tscHz(), m.cpuid(0x16, 0, ONE).eax() * 1_000_000L);
  }

  @ParameterizedTest
  @MethodSource("models")
  void controlRegistersShowInCpuid(CpuModel m) {
    CpuidContext set = new CpuidContext(3, 4, Cr4.OSXSAVE | Cr4.PKE, 3, false);
    assertEquals(m.features().contains(CpuFeature.XSAVE), (m.cpuid(1, 0, set).ecx() & 1 << 27) != 0);
    assertEquals(m.features().contains(CpuFeature.PKU), (m.cpuid(7, 0, set).ecx() & 1 << 4) != 0);
    assertEquals(0, m.cpuid(1, 0, set).edx() & 1 << 9);
    assertEquals(3, m.cpuid(1, 0, set).ebx() >>> 24);
    assertEquals(4, m.cpuid(1, 0, set).ebx() >>> 16 & 0xFF);
    assertEquals(3, m.cpuid(4, 0, set).eax() >>> 26);
  }

  @ParameterizedTest
  @MethodSource("models")
  void extendedStateHasTheSizeOfItsComponents(CpuModel m) {
    CpuidResult r = m.cpuid(0xD, 0, ONE);
    int size = m.features().contains(CpuFeature.XSAVE) ? 576 : 0;
    assertEquals(size, r.ebx());
    assertEquals(size, r.ecx());
    assertEquals(size == 0 ? 0 : 3, r.eax());
  }

  @ParameterizedTest
  @MethodSource("models")
  void reportsThatMeltdownDoesNotApply(CpuModel m) {
    VendorMsrs msrs = m.openMsrs();
    assertEquals(1, msrs.read(Msr.ARCH_CAPABILITIES) & 1);
    assertFalse(msrs.write(Msr.ARCH_CAPABILITIES, msrs.read(Msr.ARCH_CAPABILITIES)));
    boolean enhancedIbrs = (msrs.read(Msr.ARCH_CAPABILITIES) & 2) != 0;
    assertEquals(m.features().contains(CpuFeature.SPEC_CTRL), enhancedIbrs);
  }

  @ParameterizedTest
  @MethodSource("models")
  void leavesNoWorkaroundOfSpeculationToSoftware(CpuModel m) {
    long capabilities = m.openMsrs().read(Msr.ARCH_CAPABILITIES);
    // RSBA and RRSBA: return stack underflow would take another prediction.
    assertEquals(0, capabilities & (1L << 2 | 1L << 19));
    // FB_CLEAR and RFDS_CLEAR: VERW would have to overwrite buffers.
    assertEquals(0, capabilities & (1L << 17 | 1L << 28));
    // RDCL, L1D flush, SSB, MDS, page size change, TAA, SBDR/SSDP, FBSDP, PSDP, BHI, PBRSB, GDS, RFDS, ITS.
    for (int bit : new int[] {0, 3, 4, 5, 6, 8, 13, 14, 15, 20, 24, 26, 27, 62}) {
      assertTrue((capabilities >>> bit & 1) != 0, () -> "bit " + bit + " of IA32_ARCH_CAPABILITIES");
    }
    assertTrue(m.features().containsAll(Set.of(CpuFeature.SPEC_CTRL, CpuFeature.BHI_CTRL)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void structuredFeaturesNameTheHighestSubleaf(CpuModel m) {
    assertEquals(2, m.cpuid(7, 0, ONE).eax());
    assertEquals(new CpuidResult(0, 0, 0, 1 << 4), m.cpuid(7, 2, ONE));
    assertEquals(CpuidResult.ZERO, m.cpuid(7, 1, ONE));
    assertEquals(CpuidResult.ZERO, m.cpuid(7, 3, ONE));
  }

  @Test void defaultModelsAreOfASignatureTakenToCopyUnalignedFast() {
    for (String name : List.of("x86-64-v2", "x86-64-v2-la57")) {
      CpuModel m = models().filter(model -> model.name().equals(name)).findFirst().orElseThrow();
      int eax = m.cpuid(1, 0, ONE).eax();
      assertEquals(6, eax >>> 8 & 0xF, name);
      assertEquals(0x5C, eax >>> 12 & 0xF0 | eax >>> 4 & 0xF, name);
      assertTrue(m.features().contains(CpuFeature.ERMS), name);
      assertFalse(m.features().contains(CpuFeature.AVX), name);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void registersRefuseBitsTheyDoNotHave(CpuModel m) {
    VendorMsrs msrs = m.openMsrs();
    assertFalse(msrs.readable(0x611), "energy counters");
    assertFalse(msrs.write(0x611, 0));
    assertFalse(msrs.write(Msr.FEATURE_CONTROL, 5));
    assertTrue(msrs.write(Msr.BIOS_SIGN_ID, 0));
    assertTrue(msrs.read(Msr.BIOS_SIGN_ID) >>> 32 != 0);
    long enable = msrs.read(Msr.MISC_ENABLE);
    assertFalse(msrs.write(Msr.MISC_ENABLE, enable | 1L << 34));
    assertTrue(msrs.export().isEmpty());
    assertTrue(msrs.write(Msr.MISC_ENABLE, enable & ~1L));
    assertEquals(Map.of(Msr.MISC_ENABLE, enable & ~1L), msrs.export());
  }
}
