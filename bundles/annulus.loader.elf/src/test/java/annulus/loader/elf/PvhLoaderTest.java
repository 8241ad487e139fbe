package annulus.loader.elf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.LoadRequest.Module;
import annulus.loader.Loader;
import annulus.tck.loader.ElfBuilder;
import annulus.tck.loader.LoaderContract;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PvhLoaderTest extends LoaderContract {
  private static final int PHYS32_ENTRY = 18;
  private static final byte[] TEXT = ElfBuilder.pattern(600, 1);
  private static final byte[] DATA = ElfBuilder.pattern(100, 2);
  private static final byte[] WITH_NOTE = pvh(true, new byte[] {0x40, 0, 0x20, 0, 0, 0, 0, 0});
  private static final byte[] NARROW = pvh(false, new byte[] {0x40, 0, 0x20, 0});
  private static final byte[] WITHOUT_NOTE = new ElfBuilder(false, 0x10_0010).segment(0x10_0000, 0x10_0000, TEXT, 600).build();

  /** Linked high, as Linux is; the note names the physical entry. */
  private static byte[] pvh(boolean wide, byte[] note) {
    return new ElfBuilder(wide, 0xC020_0000L).segment(0x20_0000, 0xC020_0000L, TEXT, 700).segment(0x30_0000, 0xC030_0000L, DATA, 9000)
        .note("GNU", 3, new byte[20]).note("Xen", 5, new byte[] {1, 2, 3, 4}).note("Xen", PHYS32_ENTRY, note).build();
  }

  @Override protected Loader loader() {
    return new PvhLoader();
  }

  @Override protected List<byte[]> images() {
    return List.of(WITH_NOTE, NARROW, WITHOUT_NOTE);
  }

  @Override protected boolean takesModules() {
    return true;
  }

  @Test void theNoteMakesTheLoaderSurer() {
    assertTrue(loader().probe(segment(WITH_NOTE)) > loader().probe(segment(WITHOUT_NOTE)));
  }

  @Test void theNoteNamesTheEntryAndEbxTheStartInfo() throws LoadException {
    for (byte[] image : List.of(WITH_NOTE, NARROW)) {
      LoadPlan plan = loader().plan(request(image));
      var general = Objects.requireNonNull(plan.entry().general());
      assertEquals(0x20_0040, general.rip());
      assertEquals(address(plan, "start info"), general.registers().get(3));
      assertEquals(Cr0.PE, Objects.requireNonNull(plan.entry().control()).cr0() & (Cr0.PE | Cr0.PG));
      assertEquals(0x20_0000, address(plan, "segment"));
      assertArrayEquals(TEXT, placed(plan, "segment"));
      assertTrue(plan.placements().stream().anyMatch(p -> p.gpa() == 0x30_0000 && p.size() == 9000), "zeros behind the data");
    }
  }

  @Test void withoutANoteTheFilesOwnEntryIsTaken() throws LoadException {
    assertEquals(0x10_0010, Objects.requireNonNull(loader().plan(request(WITHOUT_NOTE)).entry().general()).rip());
  }

  @Test void theStartInfoDescribesMemoryModulesTablesAndCommandLine() throws LoadException {
    byte[] initrd = ElfBuilder.pattern(10_001, 3);
    LoadPlan plan = loader().plan(request(WITH_NOTE, Map.of(), List.of(new Module("i", segment(initrd), "")), "console=ttyS0", RAM, RESERVED));
    long at = address(plan, "start info");
    ByteBuffer b = ByteBuffer.wrap(placed(plan, "start info")).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0x336E_C578, b.getInt(0));
    assertEquals(1, b.getInt(4), "version 1 has the memory map");
    assertEquals(1, b.getInt(12));
    int module = (int) (b.getLong(16) - at);
    assertEquals(address(plan, "module i"), b.getLong(module));
    assertEquals(initrd.length, b.getLong(module + 8));
    assertEquals(address(plan, "command line"), b.getLong(24));
    assertEquals("console=ttyS0\0", new String(placed(plan, "command line"), StandardCharsets.ISO_8859_1));
    assertEquals(0xE_0000, b.getLong(32), "root pointer");
    int map = (int) (b.getLong(40) - at);
    int entries = b.getInt(48);
    assertEquals(3, entries);
    assertEquals(0, b.getLong(map));
    assertEquals(0x9_FC00, b.getLong(map + 8));
    assertEquals(1, b.getInt(map + 16));
    assertEquals(0x9_FC00, b.getLong(map + 24));
    assertEquals(2, b.getInt(map + 24 + 16));
    assertEquals(0x10_0000, b.getLong(map + 48));
    assertEquals((64L << 20) - 0x10_0000, b.getLong(map + 56));
  }

  @Test void aCommandLineThatIsTooLongIsRefused() throws LoadException {
    loader().plan(request(WITH_NOTE, Map.of(), List.of(), "x".repeat(0xFFFE), RAM, RESERVED));
    assertEquals(Reason.BAD_OPTION, assertThrows(LoadException.class,
        () -> loader().plan(request(WITH_NOTE, Map.of(), List.of(), "x".repeat(0xFFFF), RAM, RESERVED))).reason());
  }

  @Test void segmentsThatOverlapEachOtherOrTheProtocolsStructuresAreRefused() {
    byte[] overlap = new ElfBuilder(true, 0x20_0000).segment(0x20_0000, 0, TEXT, 0x2000).segment(0x20_1FFF, 0, DATA, 100).build();
    assertEquals(Reason.DAMAGED, assertThrows(LoadException.class, () -> loader().plan(request(overlap))).reason());
    byte[] low = new ElfBuilder(true, 0x6000).segment(0x6000, 0x6000, TEXT, 600).build();
    LoadException e = assertThrows(LoadException.class, () -> loader().plan(request(low)));
    assertTrue(message(e).contains("start info"), message(e));
  }

  @Test void modulesThatDoNotFitAreRefused() {
    byte[] large = new byte[63 << 20];
    LoadException e = assertThrows(LoadException.class,
        () -> loader().plan(request(WITH_NOTE, Map.of(), List.of(new Module("large", segment(large), "")), "", RAM, RESERVED)));
    assertEquals(Reason.DOES_NOT_FIT, e.reason());
    assertTrue(message(e).contains("large"), message(e));
  }

  @Test void anotherProcessorsFileIsRefused() {
    byte[] arm = WITH_NOTE.clone();
    arm[18] = (byte) 183;
    LoadException e = assertThrows(LoadException.class, () -> loader().plan(request(arm)));
    assertEquals(Reason.UNSUPPORTED, e.reason());
    assertTrue(message(e).contains("183"), message(e));
  }
}
