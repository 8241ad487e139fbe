package annulus.cpu.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.cpu.exec.Family;
import annulus.cpu.exec.InstructionSet;
import annulus.cpu.exec.Semantics;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class InstructionSetTest {
  /** Features that no model of this bundle has, or that a vendor's plug-in defines. */
  private static final Set<CpuFeature> ELSEWHERE = EnumSet.of(CpuFeature.AVX, CpuFeature.AVX2, CpuFeature.F16C,
      CpuFeature.FMA, CpuFeature.VMX, CpuFeature.SVM);
  /** Exists in system-management mode only and raises #UD outside of it (SDM 2B RSM). */
  private static final Set<Mnemonic> ALWAYS_UNDEFINED = EnumSet.of(Mnemonic.RSM);

  @Test
  void onlyMnemonicsOfAbsentFeaturesHaveNoMeaning() {
    Set<Mnemonic> expected = EnumSet.allOf(Mnemonic.class);
    expected.removeAll(EnumSet.of(Mnemonic.INVALID, Mnemonic.TOO_LONG));
    for (int slot = 0; slot < OpcodeTable.MAPS * 256; slot++) {
      for (Form form : OpcodeTable.forms(slot >>> 8, slot & 0xFF)) {
        if (Collections.disjoint(form.features(), ELSEWHERE)) {
          expected.remove(form.mnemonic());
        }
      }
    }
    expected.addAll(ALWAYS_UNDEFINED);
    assertEquals(expected, InstructionSet.standard().undefined());
  }

  @Test
  void everyMnemonicHasAnEncoding() {
    Set<Mnemonic> unreachable = EnumSet.allOf(Mnemonic.class);
    for (int slot = 0; slot < OpcodeTable.MAPS * 256; slot++) {
      OpcodeTable.forms(slot >>> 8, slot & 0xFF).forEach(form -> unreachable.remove(form.mnemonic()));
    }
    assertEquals(EnumSet.of(Mnemonic.TOO_LONG), unreachable);
  }

  @Test
  void formsOfAnOpcodeAgreeOnHavingModRm() {
    for (int slot = 0; slot < OpcodeTable.MAPS * 256; slot++) {
      var forms = OpcodeTable.forms(slot >>> 8, slot & 0xFF);
      long with = forms.stream().filter(f -> f.has(Form.MODRM)).count();
      assertTrue(with == 0 || with == forms.size(), "map and opcode " + Integer.toHexString(slot));
    }
  }

  @Test
  void noFormHidesBehindAMoreGeneralOne() {
    for (int slot = 0; slot < OpcodeTable.MAPS * 256; slot++) {
      var forms = OpcodeTable.forms(slot >>> 8, slot & 0xFF);
      for (int later = 1; later < forms.size(); later++) {
        for (int earlier = 0; earlier < later; earlier++) {
          assertTrue(!hides(forms.get(earlier), forms.get(later)), forms.get(later) + " behind " + forms.get(earlier));
        }
      }
    }
  }

  private static boolean hides(Form earlier, Form later) {
    boolean matchesAll = (later.mask() & earlier.mask()) == earlier.mask() && (later.value() & earlier.mask()) == earlier.value();
    boolean sameModes = earlier.validIn64() == later.validIn64() && earlier.validOutside64() == later.validOutside64();
    return matchesAll && sameModes && later.features().containsAll(earlier.features());
  }

  @Test
  void familyOfAPlugInGivesMeaning() {
    Semantics nothing = (cpu, i) -> { };
    InstructionSet standard = InstructionSet.standard();
    InstructionSet extended = standard.with(definitions -> definitions.define(Mnemonic.VMRUN, nothing));
    assertSame(nothing, extended.semantics(Mnemonic.VMRUN));
    assertTrue(standard.undefined().contains(Mnemonic.VMRUN));
  }

  @Test
  void secondMeaningIsRefused() {
    Family second = definitions -> definitions.define(Mnemonic.UD2, (cpu, i) -> { });
    String message = assertThrows(IllegalStateException.class, () -> InstructionSet.standard().with(second)).getMessage();
    assertTrue(message.startsWith("UD2 is defined twice"), message);
  }
}
