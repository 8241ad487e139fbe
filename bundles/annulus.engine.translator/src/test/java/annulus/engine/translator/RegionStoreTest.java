package annulus.engine.translator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.CpuFeature;
import annulus.cpu.Cpu;
import annulus.cpu.block.CodeMode;
import annulus.cpu.decode.Decoder;
import annulus.cpu.exec.InstructionSet;
import annulus.engine.Exit;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Regions that one run leaves to others. */
class RegionStoreTest {
  private static final long BUNDLES = 0x1234;
  private static final long CODE = 0x3_0000;
  /** cpuid; dec rsi; lea rax,[rbx+5]; jnz; jmp into the next page: a loop that has an instruction by its general meaning. */
  private static final String LOOP = "0FA2 48FFCE 488D4305 75F5 E9F00F0000";
  /** inc rdi; hlt */
  private static final String NEXT = "48FFC7 F4";
  private static final int ROUNDS = 1000;

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("regions");
  }

  private RegionStore store() {
    return new RegionStore(file(), BUNDLES);
  }

  private static Tiers tiers(int heat) {
    return new Tiers(heat, Form.WARM, 10_000_000, 400, 16 << 20);
  }

  /** Runs the loop in a machine of its own, at {@code at}. @return what the engine counted */
  private static Map<String, Long> run(RegionStore store, String loop, long at, int heat, int rounds) {
    try (TestMachine m = new TestMachine(tiers(heat), store)) {
      m.code(at, loop);
      m.code(at + 0x1000, NEXT);
      for (int n = 0; n < 2; n++) {
        Cpu c = m.at(at);
        c.gpr[Cpu.RSI] = rounds;
        assertEquals(Exit.HALT, m.engine().run(10_000_000));
        int added = HexFormat.fromHexDigits(loop.replace(" ", ""), 16, 18);
        assertEquals(c.gpr[Cpu.RBX] + added, c.gpr[Cpu.RAX]);
        assertEquals(0, c.gpr[Cpu.RSI]);
      }
      return m.engine().counters();
    }
  }

  private Map<String, Long> first() {
    RegionStore store = store();
    Map<String, Long> counters = run(store, LOOP, CODE, 0, ROUNDS);
    store.save();
    assertTrue(counters.get("regions-compiled") > 0, counters::toString);
    assertEquals(0, counters.get("regions-reused"));
    return counters;
  }

  @Test void aRegionOfAnEarlierRunIsUsedAgain() {
    long compiled = first().get("regions-compiled");
    Map<String, Long> counters = run(store(), LOOP, CODE, 0, ROUNDS);
    assertEquals(0, counters.get("regions-compiled"));
    assertEquals(compiled, counters.get("regions-reused"));
    assertTrue(counters.get("region-instructions") > ROUNDS, counters::toString);
  }

  @Test void itIsUsedInOtherPagesToo() {
    first();
    assertEquals(0, run(store(), LOOP, CODE + 0x5000, 0, ROUNDS).get("regions-compiled"));
  }

  @Test void otherCodeAtItsPlaceIsNotTakenForIt() {
    first();
    // The constant of LEA is another one, and the result with it: the start of the code is the same
    Map<String, Long> counters = run(store(), LOOP.replace("4305", "4306"), CODE, 0, ROUNDS);
    assertTrue(counters.get("regions-compiled") > 0, counters::toString);
  }

  @Test void aDamagedFileIsAsGoodAsNoneAndWrittenAnew() throws IOException {
    first();
    byte[] sound = Files.readAllBytes(file());
    for (int at : new int[] {0, 20, sound.length / 2, sound.length - 1}) {
      byte[] damaged = sound.clone();
      damaged[at] ^= 1;
      Files.write(file(), damaged);
      assertEquals(0, run(store(), LOOP, CODE, 0, ROUNDS).get("regions-reused"), "byte " + at);
    }
    Files.write(file(), new byte[3]);
    first();
    assertTrue(run(store(), LOOP, CODE, 0, ROUNDS).get("regions-reused") > 0);
  }

  @Test void aFileWhoseSumIsRightAndWhoseRegionsAreNotIsAsGoodAsNone() throws IOException {
    first();
    byte[] sound = Files.readAllBytes(file());
    int lengthOfTheFirst = 36;
    for (int length : new int[] {-1, Integer.MAX_VALUE, sound.length}) {
      ByteBuffer wrong = ByteBuffer.wrap(sound.clone());
      wrong.putInt(lengthOfTheFirst, length);
      CRC32C sum = new CRC32C();
      sum.update(wrong.array(), 0, sound.length - Long.BYTES);
      wrong.putLong(sound.length - Long.BYTES, sum.getValue());
      Files.write(file(), wrong.array());
      assertTrue(first().get("regions-compiled") > 0, "length " + length);
      assertTrue(run(store(), LOOP, CODE, 0, ROUNDS).get("regions-reused") > 0, "written anew");
    }
  }

  @Test void regionsOfOtherBundlesAreNotUsed() {
    first();
    assertEquals(0, run(new RegionStore(file(), BUNDLES + 1), LOOP, CODE, 0, ROUNDS).get("regions-reused"));
  }

  @Test void whatWasNotWorthCompilingWaitsLongerTheNextTime() {
    RegionStore store = store();
    assertEquals(1, run(store, LOOP, CODE, 32, ROUNDS).get("regions-compiled"));
    store.save();
    Map<String, Long> counters = run(store(), LOOP, CODE, 32, 50);
    assertEquals(0, counters.get("regions-compiled") + counters.get("regions-reused"), "warm for too short a time, as it is known");
    assertEquals(1, run(store(), LOOP, CODE, 32, ROUNDS).get("regions-reused"), "in the long run it is worth it all the same");
  }

  @Test void itIsKnownWhenARegionWasWorthCompiling() {
    RegionStore store = store();
    run(store, LOOP, CODE, 32, ROUNDS);
    run(store, LOOP.replace("4305", "4307"), CODE + 0x100, 32, 100 * ROUNDS);
    store.save();
    RegionStore later = store();
    assertTrue(later.proved(key(LOOP, 0)) < -2 * ROUNDS, "not while so many instructions were run");
    long proved = later.proved(key(LOOP, 0x100));
    assertTrue(proved >= 0 && proved < 2 * 100 * ROUNDS * 5, "after instructions: " + proved);
    assertEquals(RegionStore.UNKNOWN, later.proved(key(LOOP, 0x200)));
  }

  /** Of code at {@code offset} of a page. */
  private static long key(String code, int offset) {
    byte[] page = new byte[CodeBytes.PAGE];
    put(page, offset, code);
    try (TestMachine m = new TestMachine()) {
      long processor = RegionStore.processor(m.cpu().features, m.cpu().traits);
      return RegionStore.key(processor, CodeMode.CODE_64, MemorySegment.ofArray(page), offset);
    }
  }

  @Test void aFileThatThisRunHasNothingToAddToIsNotWritten() throws IOException {
    first();
    Files.setLastModifiedTime(file(), FileTime.fromMillis(0));
    RegionStore again = store();
    run(again, LOOP, CODE, 0, ROUNDS);
    again.save();
    assertEquals(0, Files.getLastModifiedTime(file()).toMillis());
  }

  @Test void whatNobodyHasUsedInEightRunsGoes() {
    first();
    // The first of these asks what is known of the code that begins so, and thereby uses it
    for (int n = 0; n < 9; n++) {
      RegionStore store = store();
      assertEquals(1, run(store, LOOP.replace("4305", "431" + n), CODE, 0, ROUNDS).get("regions-compiled"));
      store.save();
    }
    assertEquals(1, run(store(), LOOP, CODE, 0, ROUNDS).get("regions-compiled"));
  }

  /** What is kept of a region of {@code pages} from {@code entry} on. */
  private static KeptRegion kept(CodeBytes pages, int entry) {
    BitSet run = new BitSet();
    run.set(0, pages.bytes.length);
    Decoder decoder = new Decoder(EnumSet.allOf(CpuFeature.class), Set.of(), InstructionSet.standard());
    RegionPlan plan =
        new RegionPlan(decoder, pages, entry, 64, run, run, new BitSet(), new BitSet(), 50, false, new IndirectCalls());
    RegionWriter writer = new RegionWriter(plan, "annulus.engine.translator.Warm0", Form.WARM, 0, OptionalLong.empty());
    return KeptRegion.of(plan, n -> n, entry, writer, 100, writer.write());
  }

  /** Pages at {@code distances}, of which that at {@code at} and the next have the loop. */
  private static CodeBytes pages(int at, int... distances) {
    byte[] bytes = new byte[distances.length * CodeBytes.PAGE];
    CodeBytes pages = new CodeBytes(distances, bytes);
    put(bytes, pages.index((long) at << 12), LOOP);
    put(bytes, pages.index((long) at + 1 << 12), NEXT);
    return pages;
  }

  private static void put(byte[] bytes, int at, String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    System.arraycopy(code, 0, bytes, at, code.length);
  }

  @Test void aRegionIsFoundWhereOtherPagesWereLookedAtToo() {
    KeptRegion kept = kept(pages(0, 0, 1), 0);
    CodeBytes more = pages(3, 0, 3, 4, 9);
    assertEquals(3 * CodeBytes.PAGE, kept.moved(more, 3 * CodeBytes.PAGE));
    Extent extent = kept.extent(more, 3 * CodeBytes.PAGE);
    assertTrue(extent.entries().get(CodeBytes.PAGE), "the second page that is here");
    assertFalse(extent.pages().get(0));
    assertTrue(extent.pages().get(1));
    assertFalse(extent.pages().get(3));
    assertEquals(-3 * CodeBytes.PAGE, Objects.requireNonNull(kept(more, 3 * CodeBytes.PAGE).moved(pages(0, 0, 1), 0)));
  }

  @Test void aRegionIsNotFoundWhereOneOfItsPagesIsMissing() {
    KeptRegion kept = kept(pages(0, 0, 1), 0);
    byte[] first = new byte[CodeBytes.PAGE];
    put(first, 0, LOOP);
    assertEquals(List.of(0, 1), kept.extent(pages(0, 0, 1), 0).pages().stream().boxed().toList());
    assertNull(kept.moved(CodeBytes.of(first), 0));
  }

  @Test void whatIsEncodedIsDecodedAsItWas() {
    KeptRegion kept = kept(pages(0, 0, 1), 0);
    byte[] encoded = kept.encoded();
    assertEquals(HexFormat.of().formatHex(encoded), HexFormat.of().formatHex(KeptRegion.decoded(ByteBuffer.wrap(encoded)).encoded()));
    for (int length = 0; length < encoded.length; length += 7) {
      ByteBuffer cut = ByteBuffer.wrap(encoded, 0, length).slice();
      assertThrows(RuntimeException.class, () -> KeptRegion.decoded(cut), "cut at " + cut.limit());
    }
  }
}
