package annulus.tck.vendor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr4;
import annulus.arch.CpuFeature;
import annulus.arch.Msr;
import annulus.vendor.CpuModel;
import annulus.vendor.CpuidContext;
import annulus.vendor.CpuidResult;
import annulus.vendor.VendorMsrs;
import annulus.vendor.VendorProvider;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every processor vendor's models keep; a provider's test extends this class and adds what is its vendor's own. */
public abstract class VendorContract {
  private static final int EXTENDED = 0x8000_0000;
  private static final CpuidContext ONE = new CpuidContext(0, 1, 0, 1, true);
  /** Where MSRs lie on any processor: the architectural ranges of both vendors. */
  private static final int[][] MSR_RANGES = {{0, 0x1FFF}, {0xC000_0000, 0xC000_1FFF}, {0xC001_0000, 0xC001_1FFF}, {0x4000_0000, 0x4000_01FF}};

  /** The vendor under test. */
  protected abstract VendorProvider provider();

  private static int register(CpuidResult r, CpuFeature.CpuidRegister register) {
    return switch (register) {
      case EAX -> r.eax();
      case EBX -> r.ebx();
      case ECX -> r.ecx();
      case EDX -> r.edx();
    };
  }

  private static String text(int... words) {
    ByteBuffer b = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int w : words) {
      b.putInt(w);
    }
    return new String(b.array(), StandardCharsets.US_ASCII).replace("\0", "").strip();
  }

  @Test void thereAreModelsAndEachHasANameOfItsOwn() {
    Set<String> names = new HashSet<>();
    assertFalse(provider().models().isEmpty());
    for (CpuModel m : provider().models()) {
      assertTrue(m.name().matches("[a-z0-9][a-z0-9.-]*"), m.name());
      assertTrue(names.add(m.name()), m.name() + " appears twice");
      assertFalse(m.description().isBlank());
      assertTrue(m.physicalBits() >= 36 && m.physicalBits() <= 52, m.name());
      assertTrue(m.tscHz() >= 100_000_000L && m.tscHz() <= 8_000_000_000L, m.name());
    }
  }

  @Test void highestLeavesCoverEveryFeature() {
    for (CpuModel m : provider().models()) {
      int basic = m.cpuid(0, 0, ONE).eax();
      int extended = m.cpuid(EXTENDED, 0, ONE).eax();
      assertTrue(basic >= 1 && basic < 0x1000, m.name());
      assertTrue(Integer.compareUnsigned(extended, EXTENDED + 4) >= 0 && Integer.compareUnsigned(extended, EXTENDED + 0x1000) < 0, m.name());
      for (CpuFeature f : m.features()) {
        int highest = f.leaf() < 0 ? extended : basic;
        assertTrue(Integer.compareUnsigned(f.leaf(), highest) <= 0, m.name() + " reports " + f + " in a leaf it does not have");
      }
    }
  }

  @Test void cpuidReportsTheFeaturesOfTheSetAndNoOthers() {
    for (CpuModel m : provider().models()) {
      int extended = m.cpuid(EXTENDED, 0, ONE).eax();
      int basic = m.cpuid(0, 0, ONE).eax();
      for (CpuFeature f : CpuFeature.values()) {
        if (Integer.compareUnsigned(f.leaf(), f.leaf() < 0 ? extended : basic) <= 0) {
          int bits = register(m.cpuid(f.leaf(), f.subleaf(), ONE), f.register());
          assertEquals(m.features().contains(f), (bits >>> f.bit() & 1) != 0, m.name() + " " + f);
        }
      }
    }
  }

  @Test void everyModelRunsSixtyFourBitSystems() {
    for (CpuModel m : provider().models()) {
      assertTrue(m.features().containsAll(Set.of(CpuFeature.LONG_MODE, CpuFeature.PAE, CpuFeature.NX, CpuFeature.SYSCALL, CpuFeature.CMOV,
          CpuFeature.SSE2, CpuFeature.FXSR, CpuFeature.CX8, CpuFeature.APIC, CpuFeature.PAT, CpuFeature.MSR, CpuFeature.TSC)), m.name());
    }
  }

  @Test void resultsDependOnNothingButTheQuestion() {
    Random random = new Random(3);
    List<CpuModel> again = provider().models();
    for (int n = 0; n < provider().models().size(); n++) {
      CpuModel m = provider().models().get(n);
      for (int i = 0; i < 3000; i++) {
        int leaf = switch (random.nextInt(4)) {
          case 0 -> random.nextInt();
          case 1 -> EXTENDED + random.nextInt(0x30);
          case 2 -> 0x4000_0000 + random.nextInt(4);
          default -> random.nextInt(0x30);
        };
        int subleaf = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(5);
        int processors = 1 + random.nextInt(64);
        CpuidContext c = new CpuidContext(random.nextInt(processors), processors, random.nextLong(), 1 | random.nextInt(8), random.nextBoolean());
        CpuidResult r = m.cpuid(leaf, subleaf, c);
        assertEquals(r, m.cpuid(leaf, subleaf, c));
        assertEquals(r, again.get(n).cpuid(leaf, subleaf, c));
      }
    }
  }

  @Test void addressWidthsAgreeWithTheModel() {
    for (CpuModel m : provider().models()) {
      if (Integer.compareUnsigned(m.cpuid(EXTENDED, 0, ONE).eax(), EXTENDED + 8) >= 0) {
        int eax = m.cpuid(EXTENDED + 8, 0, ONE).eax();
        assertEquals(m.physicalBits(), eax & 0xFF, m.name());
        assertEquals(m.features().contains(CpuFeature.LA57) ? 57 : 48, eax >>> 8 & 0xFF, m.name());
      }
    }
  }

  @Test void namesAreText() {
    for (CpuModel m : provider().models()) {
      CpuidResult signature = m.cpuid(0, 0, ONE);
      assertEquals(12, text(signature.ebx(), signature.edx(), signature.ecx()).length());
      StringBuilder brand = new StringBuilder();
      for (int leaf = EXTENDED + 2; leaf <= EXTENDED + 4; leaf++) {
        CpuidResult r = m.cpuid(leaf, 0, ONE);
        brand.append(text(r.eax(), r.ebx(), r.ecx(), r.edx())).append(' ');
      }
      assertTrue(brand.toString().strip().matches("[ -~]+"), brand.toString());
    }
  }

  @Test void registersOfTheProcessorShowInCpuid() {
    for (CpuModel m : provider().models()) {
      boolean xsave = m.features().contains(CpuFeature.XSAVE);
      CpuidContext on = new CpuidContext(2, 4, Cr4.OSXSAVE | Cr4.PKE, 3, true);
      assertEquals(xsave, (m.cpuid(1, 0, on).ecx() & 1 << 27) != 0, m.name() + " OSXSAVE");
      assertEquals(0, m.cpuid(1, 0, ONE).ecx() & 1 << 27);
      assertEquals(2, m.cpuid(1, 0, on).ebx() >>> 24, "initial APIC id");
      assertTrue((m.cpuid(1, 0, on).edx() & 1 << CpuFeature.HTT.bit()) != 0, "several processors");
      CpuidContext noApic = new CpuidContext(0, 1, 0, 1, false);
      assertEquals(0, m.cpuid(1, 0, noApic).edx() & 1 << CpuFeature.APIC.bit());
    }
  }

  @Test void initialApicIdsOfAPackageAreDistinguishable() {
    for (CpuModel m : provider().models()) {
      for (int processors : new int[] {1, 2, 3, 4, 64}) {
        Set<Integer> ids = new HashSet<>();
        for (int id = 0; id < processors; id++) {
          assertTrue(ids.add(m.cpuid(1, 0, new CpuidContext(id, processors, 0, 1, true)).ebx() >>> 24));
        }
      }
    }
  }

  private static List<Integer> existing(VendorMsrs msrs) {
    List<Integer> all = new ArrayList<>();
    for (int[] r : MSR_RANGES) {
      for (int msr = r[0]; Integer.compareUnsigned(msr, r[1]) <= 0; msr++) {
        if (msrs.readable(msr)) {
          all.add(msr);
        }
      }
    }
    return all;
  }

  @Test void writesEitherStayOrAreRefusedOrChangeNothing() {
    Random random = new Random(9);
    for (CpuModel m : provider().models()) {
      VendorMsrs msrs = m.openMsrs();
      for (int msr : existing(msrs)) {
        for (int i = 0; i < 80; i++) {
          long before = msrs.read(msr);
          long value = i < 64 ? before ^ 1L << i : random.nextLong();
          boolean accepted = msrs.write(msr, value);
          long now = msrs.read(msr);
          assertTrue(now == before || accepted && now == value, "MSR 0x%x of %s: 0x%x over 0x%x gave 0x%x".formatted(msr, m.name(), value, before, now));
        }
      }
    }
  }

  @Test void registersThatDoNotExistCannotBeWritten() {
    for (CpuModel m : provider().models()) {
      VendorMsrs msrs = m.openMsrs();
      Set<Integer> there = new HashSet<>(existing(msrs));
      for (int[] r : MSR_RANGES) {
        for (int msr = r[0]; Integer.compareUnsigned(msr, r[1]) <= 0; msr++) {
          assertTrue(there.contains(msr) || !msrs.write(msr, 0) || !msrs.readable(msr), "MSR 0x%x".formatted(msr));
        }
      }
    }
  }

  @Test void exportedRegistersBringAFreshSetToTheSameState() {
    Random random = new Random(10);
    for (CpuModel m : provider().models()) {
      assertEquals(Map.of(), m.openMsrs().export(), "nothing differs from reset");
      VendorMsrs used = m.openMsrs();
      assertNotSame(used, m.openMsrs(), "one set per processor");
      for (int msr : existing(used)) {
        for (int i = 0; i < 20; i++) {
          used.write(msr, used.read(msr) ^ 1L << random.nextInt(64));
        }
      }
      VendorMsrs fresh = m.openMsrs();
      used.export().forEach((msr, value) -> assertTrue(fresh.write(msr, value), "MSR 0x%x = 0x%x".formatted(msr, value)));
      assertEquals(used.export(), fresh.export());
      for (int msr : existing(used)) {
        assertEquals(used.read(msr), fresh.read(msr), "MSR 0x%x".formatted(msr));
      }
    }
  }

  @Test void architecturalRegistersAreNotTheVendors() {
    for (CpuModel m : provider().models()) {
      VendorMsrs msrs = m.openMsrs();
      for (int msr : new int[] {Msr.TSC, Msr.APIC_BASE, Msr.PAT, Msr.EFER, Msr.STAR, Msr.LSTAR, Msr.FS_BASE, Msr.GS_BASE, Msr.KERNEL_GS_BASE,
          Msr.SYSENTER_CS, Msr.MTRR_DEF_TYPE}) {
        assertFalse(msrs.readable(msr), "MSR 0x%x is the processor library's".formatted(msr));
      }
    }
  }
}
