package annulus.cpu.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.cpu.exec.InstructionSet;
import annulus.vendor.VendorTrait;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder against tables of another decoder: length, validity, mnemonic and operands. */
final class DecoderConformanceTest {
  private final Decoder intel = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());
  private final Decoder amd =
      new Decoder(EnumSet.allOf(CpuFeature.class), EnumSet.allOf(VendorTrait.class), InstructionSet.standard());

  @ParameterizedTest
  @ValueSource(ints = {16, 32, 64})
  void decodesWhatTheTablesSay(int codeBits) throws IOException {
    List<String> differences = new ArrayList<>();
    int checked = 0;
    for (String file : List.of("DecoderTest", "DecoderTestMisc")) {
      for (String line : IcedData.lines(file + codeBits + ".txt.gz")) {
        IcedCase c = IcedCase.parse(line, codeBits);
        if (!IcedExclusions.excludes(c)) {
          checked++;
          String difference = difference(c);
          if (difference != null) {
            differences.add(c + "  -> " + difference);
          }
        }
      }
    }
    System.out.println(codeBits + "-bit: " + checked + " instructions checked");
    assertTrue(checked > 6000, "only " + checked + " lines were checked");
    assertEquals("", String.join("\n", differences));
  }

  private @Nullable String difference(IcedCase c) {
    Decoder decoder = c.options().equals("AMD") ? amd : intel;
    Instruction i = decoder.decode(c.bytes(), 0, c.bytes().length, c.codeBits());
    if (i == null) {
      return c.has("err=NoMoreBytes") ? null : "needs more bytes";
    }
    if (!c.invalid()) {
      return new IcedChecker(c, i).difference();
    }
    return i.mnemonic == Mnemonic.INVALID || i.mnemonic == Mnemonic.TOO_LONG ? null : "is " + i.mnemonic;
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 32, 64})
  void addressesAreWhatTheTablesSay(int codeBits) throws IOException {
    List<String> differences = new ArrayList<>();
    int checked = 0;
    for (String line : IcedData.lines("MemoryTest" + codeBits + ".txt.gz")) {
      // bytes, code, register, prefix, segment, base, index, scale, displacement, ...
      String[] f = line.split(",\\s*");
      if (f[1].startsWith("EVEX")) {
        continue;
      }
      checked++;
      IcedCase c = IcedCase.parse(line, codeBits);
      Instruction i = Objects.requireNonNull(intel.decode(c.bytes(), 0, c.bytes().length, codeBits), line);
      String difference = new IcedChecker(c, i).address(f[5].replace("none", ""), f[6].replace("none", ""),
          1L << Integer.parseInt(f[7]), IcedCase.number(f[8]));
      if (difference != null || !new IcedChecker(c, i).segment(f[4])) {
        differences.add(line + " -> " + difference + " segment " + i.segment);
      }
    }
    assertTrue(checked > 400, "only " + checked + " lines were checked");
    assertEquals("", String.join("\n", differences));
  }
}
