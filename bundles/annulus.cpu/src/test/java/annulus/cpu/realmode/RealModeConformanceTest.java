package annulus.cpu.realmode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RealModeConformanceTest {
  private final List<String> unexplained = new ArrayList<>();
  private final Map<Generation, Integer> explained = new EnumMap<>(Generation.class);

  @Test void realModeDoesWhatAn80286DoesButForListedDifferences() throws IOException {
    CapturedData data = new CapturedData("sst80286");
    List<CapturedVector> vectors = data.chunks("sample50.bin.gz");
    RealModeMachine machine = new RealModeMachine(-1);
    for (CapturedVector v : vectors) {
      machine.run(v);
      // All tests but HLT's own end with a HLT after the instruction.
      int ip = v.after()[CapturedVector.IP] - (v.opcode() == 0xF4 ? 0 : 1);
      examine(286, v, machine, machine.differences(v, ip, data.definedFlags(v.form())));
    }
    report(286, vectors.size());
    assertEquals(16_250, vectors.size());
  }

  @Test void realModeDoesWhatAn8086DoesButForListedDifferences() throws IOException {
    CapturedData data = new CapturedData("sst8086");
    List<CapturedVector> vectors = data.lines("sample50.jsonl.gz");
    RealModeMachine machine = new RealModeMachine(0xFFFFF);
    for (CapturedVector v : vectors) {
      machine.run(v);
      examine(86, v, machine, machine.differences(v, v.after()[CapturedVector.IP], data.definedFlags(v.form())));
    }
    report(86, vectors.size());
    assertEquals(16_050, vectors.size());
  }

  private void examine(int processor, CapturedVector v, RealModeMachine machine, List<String> differences) {
    if (!differences.isEmpty()) {
      Optional<Generation> reason = Generation.explaining(processor,
          new Generation.Result(v, v.opcode(), extension(v), machine.exception, differences));
      reason.ifPresentOrElse(g -> explained.merge(g, 1, Integer::sum),
          () -> unexplained.add("%s %s: exception %d, %s".formatted(v.form(), v.name(), machine.exception, differences)));
    }
    machine.clear(v);
  }

  /** Bits 5-3 of the byte after the opcode. */
  private static int extension(CapturedVector v) {
    for (int i = 0; i < v.code().length - 1; i++) {
      if ((v.code()[i] & 0xFF) == v.opcode()) {
        return v.code()[i + 1] >>> 3 & 7;
      }
    }
    return -1;
  }

  private void report(int processor, int vectors) {
    explained.forEach((g, n) -> System.out.println("%d of %d tests differ: %s".formatted(n, vectors, g.reason)));
    assertTrue(unexplained.isEmpty(), () -> unexplained.size() + " differences without a reason:\n" + String.join("\n", unexplained));
    for (Generation g : Generation.values()) {
      assertTrue(!g.concerns(processor) || explained.containsKey(g), () -> g + " explains nothing: take it out of the list");
    }
  }
}
