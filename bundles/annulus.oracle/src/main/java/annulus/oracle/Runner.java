package annulus.oracle;

import annulus.arch.Seg;
import annulus.arch.Vector;
import annulus.cpu.decode.Disassembler;
import annulus.cpu.decode.Instruction;
import annulus.cpu.decode.Mnemonic;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Runs cases on both processors, the model first: what would reach memory of the host that is not the oracle's is not run. */
final class Runner {
  private final Silicon silicon = Silicon.open();
  private final HostModel host = HostModel.of(silicon::cpuid);
  private final ModelProcessor model = new ModelProcessor(host, silicon.base());
  private final State state = new State();
  private final Outcome fromSilicon = new Outcome();
  private final Outcome fromModel = new Outcome();
  private final LongConsumer progress;

  /** @param progress hears the seed of each case before it runs on the processor */
  Runner(LongConsumer progress) {
    this.progress = progress;
  }

  Generator generator(@Nullable String family) {
    return new Generator(model, host.features(), silicon.base(), family);
  }

  HostModel host() {
    return host;
  }

  long base() {
    return silicon.base();
  }

  State state() {
    return state;
  }

  Outcome silicon() {
    return fromSilicon;
  }

  /** Runs a case. @return whether it was run; see {@link #differences} then */
  boolean run(TestCase c, Instruction i, long seed) {
    state.take(c, silicon.base());
    model.run(i, state, fromModel);
    if (!safe(i)) {
      return false;
    }
    progress.accept(seed);
    silicon.run(c, state, fromSilicon);
    return true;
  }

  /** Whether the processor of the host can be expected to come back alike. */
  private boolean safe(Instruction i) {
    if (fromModel.vector == Vector.PF) {
      return Layout.certainlyFaults(silicon.base(), fromModel.cr2);
    }
    if (fromModel.vector != Outcome.COMPLETED) {
      return true;
    }
    // Loading SS holds the trap off until the next instruction has run.
    boolean loadsSs = (i.mnemonic == Mnemonic.MOV || i.mnemonic == Mnemonic.POP) && i.kind0 == Instruction.SEGMENT && i.reg0 == Seg.SS;
    return !loadsSs && !Exclusions.excluded(i, fromModel);
  }

  /**
   * How the outcomes of the last case differ. A difference has to come twice: should the kernel take the processor away between the
   * load of the state and the instruction, it may lose x87 last-instruction pointers that AMD's XSAVE does not keep.
   */
  List<String> differences(TestCase c, Instruction i) {
    List<String> differences = Comparison.differences(i, state, fromSilicon, fromModel);
    if (differences.isEmpty()) {
      return differences;
    }
    silicon.run(c, state, fromSilicon);
    return Comparison.differences(i, state, fromSilicon, fromModel);
  }

  /** All that is known of the last case. */
  String describe(TestCase c, Instruction i, long seed) {
    return "    seed %x, %d-bit, %s: %s%n".formatted(seed, c.bits(), HexFormat.of().formatHex(c.code()), Disassembler.text(i, state.rip))
        + Comparison.dump(state, fromSilicon, fromModel);
  }
}
