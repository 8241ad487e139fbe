package annulus.oracle;

import annulus.cpu.decode.Disassembler;
import annulus.cpu.decode.Instruction;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;

/** Runs recorded cases on the model, on any host. */
final class Replay {
  private final Report report = new Report();
  private final int cases;

  Replay(InputStream file) throws IOException {
    State state = new State();
    Outcome silicon = new Outcome();
    Outcome fromModel = new Outcome();
    try (Recording.Reader reader = new Recording.Reader(file, state, silicon)) {
      ModelProcessor model = new ModelProcessor(reader.host, reader.base);
      cases = reader.cases;
      for (int n = 0; n < cases; n++) {
        TestCase c = reader.next();
        Instruction i = model.decode(c.code(), c.bits());
        model.run(i, state, fromModel);
        List<String> differences = Comparison.differences(i, state, silicon, fromModel);
        if (!differences.isEmpty() && report.add(i.mnemonic.name(), differences)) {
          report.example(i.mnemonic.name(), "    case %d, %d-bit, %s: %s%n".formatted(n, c.bits(), HexFormat.of().formatHex(c.code()),
              Disassembler.text(i, state.rip)) + Comparison.dump(state, silicon, fromModel));
        }
      }
    }
  }

  int cases() {
    return cases;
  }

  Report report() {
    return report;
  }
}
