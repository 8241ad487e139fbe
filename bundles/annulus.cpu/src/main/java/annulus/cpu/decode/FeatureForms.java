package annulus.cpu.decode;

import annulus.arch.CpuFeature;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The instruction forms that a processor with given features has, by map and opcode. To select them takes as long as anything in a
 * replacement of an engine, whose guest stands still meanwhile: decoders for the same features share them.
 */
final class FeatureForms {
  private static final Form[] NONE = {};
  private static final int SLOTS = OpcodeTable.MAPS * 256;
  /** What was selected last. Few hosts have machines with different models. */
  private static volatile @Nullable FeatureForms last;

  private final EnumSet<CpuFeature> features;
  private final Form[][] in64;
  private final Form[][] outside64;

  private FeatureForms(Set<CpuFeature> given) {
    features = EnumSet.noneOf(CpuFeature.class);
    features.addAll(given);
    in64 = select(features, true);
    outside64 = select(features, false);
  }

  static FeatureForms of(Set<CpuFeature> features) {
    FeatureForms known = last;
    if (known == null || !known.features.equals(features)) {
      known = new FeatureForms(features);
      last = known;
    }
    return known;
  }

  private static Form[][] select(EnumSet<CpuFeature> features, boolean is64) {
    // Loops, not streams: this runs before anything is compiled.
    Form[][] table = new Form[SLOTS][];
    List<Form> selected = new ArrayList<>();
    for (int slot = 0; slot < table.length; slot++) {
      selected.clear();
      for (Form form : OpcodeTable.forms(slot >>> 8, slot & 0xFF)) {
        if (features.containsAll(form.features()) && (is64 ? form.validIn64() : form.validOutside64())) {
          selected.add(form);
        }
      }
      table[slot] = selected.isEmpty() ? NONE : selected.toArray(NONE);
    }
    return table;
  }

  /** Those of slot {@code map * 256 + opcode}, in the order in which they are tried. */
  Form[] at(int slot, boolean is64) {
    return (is64 ? in64 : outside64)[slot];
  }
}
