package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import annulus.arch.CpuFeature;
import annulus.cpu.block.Region;
import annulus.cpu.decode.Decoder;
import annulus.cpu.exec.InstructionSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bytecode of representative instructions is what the files beside this class say, so that a change of code generation is
 * seen in review. The system property {@value #UPDATE} names the folder to write them to anew.
 */
class GoldenBytecodeTest {
  private static final String UPDATE = "annulus.golden.update";

  private final Decoder decoder = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());

  @ParameterizedTest
  @CsvSource({
      "add-register, 4801D8 F4",
      "add-then-overwritten, 01D8 31C9 F4",
      "load-32, 8B4708 F4",
      "store-64, 48894708 F4",
      "increment-memory, 48FF4708 F4",
      "shift-immediate, C1E003 F4",
      "push, 53 F4",
      "pushes-and-pops, 5355 5D5B F4",
      "conditional-move, 4839D8 480F4CD8 F4",
      "add-double, F20F58C1 F4",
      "x87, DB2F DC4710 D9C9 DECA DB7F20 F4",
      "loop, 4801C8 48FFC9 75F8 F4",
      "near-fields, 488B03 48034308 48894B10 48895318 F4",
      "call-and-return, E801000000 F4 C3",
      "call-out, E8FB1F0000 90 F4",
      "call-through-register, FFD3 F4 00000000000000000000000000 48FFC0 C3 000000000000000000000000 48FFC8 C3",
      "stack-at-two-depths, 51 48830424 01 48FFC0 A803 75F4 5A 4889D1 EBED",
      "general-meaning, 48F7F3 F4",
      "interrupt-flag, FA FB 53 F4",
      "repeated-string, F348AB 53 F4"
  })
  void bytecodeIsWhatTheFileSays(String name, String code) throws IOException {
    byte[] page = new byte[CodeBytes.PAGE];
    Arrays.fill(page, (byte) 0xF4);
    byte[] bytes = HexFormat.of().parseHex(code.replace(" ", ""));
    System.arraycopy(bytes, 0, page, 0, bytes.length);
    BitSet run = new BitSet();
    run.set(0, CodeBytes.PAGE);
    IndirectCalls known = new IndirectCalls();
    known.add(new int[] {2}, new long[] {0x10, 0x20}, 0);
    assertAll(Arrays.stream(Form.values()).map(form -> () -> {
      RegionPlan plan = new RegionPlan(decoder, CodeBytes.of(page), 0, 64, run, run, new BitSet(), new BitSet(), 50, form.locals(), known);
      check(form.name().toLowerCase(Locale.ROOT) + "/" + name, plan, form);
    }));
  }

  @Test void aStackOnBothSidesOfAPageBorderSharesNoProbeAtTheEntry() {
    byte[] page = new byte[CodeBytes.PAGE];
    // push rbx; push rbp; pop rbp; pop rbx; jmp back
    byte[] bytes = HexFormat.of().parseHex("53555D5BEBFA");
    System.arraycopy(bytes, 0, page, 0, bytes.length);
    BitSet run = new BitSet();
    run.set(0, bytes.length);
    // Entered at the start, and between the pushes and the pops
    for (int entry : new int[] {0, 2}) {
      for (long rsp : new long[] {0x9000, 0x9008, 0x9010}) {
        RegionPlan plan = new RegionPlan(decoder, CodeBytes.of(page), entry, 64, run, run, new BitSet(), new BitSet(), 50, true,
            new IndirectCalls());
        byte[] region = new RegionWriter(plan, "annulus.engine.translator.Golden", Form.LOCALS, entry, OptionalLong.of(rsp - 8 * entry))
            .write();
        List<String> listing = BytecodeListing.of(region);
        assertEquals(rsp != 0x9008, listing.contains("  push " + Region.NOT_ENTERED), "two pushes below " + Long.toHexString(rsp));
        long probes = listing.stream().filter(line -> line.contains("GuestAccess.hit")).count();
        assertEquals(rsp == 0x9008 ? 4 : 0, probes, "one for each, or none but at the entry");
      }
    }
  }

  private static void check(String name, RegionPlan plan, Form form) throws IOException {
    if (plan.node(0) == null) {
      assertNull(expected(name), "there is a file for what has no place in such a region");
      return;
    }
    RegionWriter writer = new RegionWriter(plan, "annulus.engine.translator.Golden", form, 0, OptionalLong.of(0x8FF0));
    List<String> found = BytecodeListing.of(writer.write());
    String folder = System.getProperty(UPDATE);
    if (folder != null) {
      Path file = Path.of(folder, name + ".txt");
      Files.createDirectories(file.getParent());
      Files.write(file, found);
    }
    assertEquals(expected(name), String.join("\n", found) + "\n");
  }

  private static @Nullable String expected(String name) throws IOException {
    try (InputStream in = GoldenBytecodeTest.class.getResourceAsStream("golden/" + name + ".txt")) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
