package annulus.cpu.exec;

import annulus.arch.Vector;
import annulus.cpu.decode.Mnemonic;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What every mnemonic does. Immutable; {@link #with} adds the families of a vendor plug-in. A mnemonic that no family defines
 * raises #UD: it belongs to a feature that no model has, or says itself that it is undefined.
 */
public final class InstructionSet {
  private static final Semantics UNDEFINED = (cpu, i) -> {
    throw cpu.fault(Vector.UD);
  };
  /** More than 15 bytes (SDM 3A 6.15, interrupt 13). */
  private static final Semantics TOO_LONG = (cpu, i) -> {
    throw cpu.gp();
  };

  private static final InstructionSet STANDARD = new InstructionSet(new Semantics[Mnemonic.values().length])
      .with(InstructionSet::invalid)
      .with(families().toArray(Family[]::new));

  private final @Nullable Semantics[] byMnemonic;

  private InstructionSet(@Nullable Semantics[] byMnemonic) {
    this.byMnemonic = byMnemonic;
  }

  /** The families of this bundle: add a family here. */
  private static List<Family> families() {
    return List.of(
        new Arithmetic(),
        new CompareExchange(),
        new Multiplication(),
        new Logic(),
        new Shifts(),
        new Bits(),
        new Bmi(),
        new Bcd(),
        new Moves(),
        new Checksum(),
        new StackOps(),
        new Branches(),
        new Strings(),
        new PortIo(),
        new FlagOps(),
        new Misc(),
        new X87LoadStore(),
        new X87Constants(),
        new X87Stack(),
        new X87Arithmetic(),
        new X87Scaling(),
        new X87Compare(),
        new X87Transcendental(),
        new X87Bcd(),
        new X87Control(),
        new X87Environment(),
        new SegmentLoads(),
        new FarTransfers(),
        new FarReturns(),
        new Interrupts(),
        new InterruptReturn(),
        new ControlRegisters(),
        new SystemTables(),
        new SelectorChecks(),
        new Msrs(),
        new FastCalls(),
        new SystemMisc(),
        new PackedAdd(),
        new PackedCompare(),
        new PackedMultiply(),
        new PackedPack(),
        new PackedShift(),
        new PackedShuffle(),
        new SimdLogic(),
        new SimdElement(),
        new SimdMove(),
        new Mmx(),
        new StringCompare(),
        new CarrylessMultiply(),
        new Aes(),
        new Sha(),
        new FloatArithmetic(),
        new FloatHorizontal(),
        new FloatCompare(),
        new FloatApproximate(),
        new FloatConvert(),
        new FloatConvertMmx(),
        new ExtendedState());
  }

  /** What all processors of this monitor have in common. */
  public static InstructionSet standard() {
    return STANDARD;
  }

  private static void invalid(Family.Definitions definitions) {
    definitions.define(Mnemonic.INVALID, UNDEFINED);
    definitions.define(Mnemonic.UD0, UNDEFINED);
    definitions.define(Mnemonic.UD1, UNDEFINED);
    definitions.define(Mnemonic.UD2, UNDEFINED);
    definitions.define(Mnemonic.TOO_LONG, TOO_LONG);
  }

  /**
   * This set and the given families.
   *
   * @throws IllegalStateException when two families define the same mnemonic
   */
  public InstructionSet with(Family... families) {
    @Nullable Semantics[] all = Arrays.copyOf(byMnemonic, byMnemonic.length);
    for (Family family : families) {
      family.define((mnemonic, semantics) -> {
        if (all[mnemonic.ordinal()] != null) {
          throw new IllegalStateException(mnemonic + " is defined twice, the second time by " + family.getClass().getName()
              + ": a family may define only mnemonics without a meaning");
        }
        all[mnemonic.ordinal()] = Objects.requireNonNull(semantics, mnemonic::name);
      });
    }
    return new InstructionSet(all);
  }

  /** What {@code mnemonic} does; never null. */
  public Semantics semantics(Mnemonic mnemonic) {
    Semantics semantics = byMnemonic[mnemonic.ordinal()];
    return semantics == null ? UNDEFINED : semantics;
  }

  /** The mnemonics that no family defines. */
  public Set<Mnemonic> undefined() {
    Set<Mnemonic> undefined = EnumSet.noneOf(Mnemonic.class);
    for (Mnemonic mnemonic : Mnemonic.values()) {
      if (byMnemonic[mnemonic.ordinal()] == null) {
        undefined.add(mnemonic);
      }
    }
    return Collections.unmodifiableSet(undefined);
  }
}
