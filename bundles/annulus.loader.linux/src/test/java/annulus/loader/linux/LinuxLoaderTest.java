package annulus.loader.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.arch.Efer;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.LoadRequest.Module;
import annulus.loader.Loader;
import annulus.memory.GuestMemory.Range;
import annulus.tck.loader.ElfBuilder;
import annulus.tck.loader.LoaderContract;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxLoaderTest extends LoaderContract {
  private static final byte[] GZIP = BzImage.gzip(true);
  private static final byte[] UNKNOWN = BzImage.unknown(true);
  private static final List<byte[]> IMAGES = List.of(GZIP, BzImage.xz(), BzImage.bzip2(), BzImage.lzma(), BzImage.gzip(false), UNKNOWN);

  @Override protected Loader loader() {
    return new LinuxLoader();
  }

  @Override protected List<byte[]> images() {
    return IMAGES;
  }

  @Override protected boolean takesModules() {
    return true;
  }

  private LoadPlan plan(byte[] image, Map<String, String> options, List<Module> modules, String line) throws LoadException {
    LoadPlan plan = loader().plan(request(image, options, modules, line, RAM, RESERVED));
    assertSound(plan, RAM, RESERVED);
    assertEntered(plan);
    return plan;
  }

  private static ByteBuffer parameters(LoadPlan plan) {
    return ByteBuffer.wrap(placed(plan, "boot parameters")).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long rip(LoadPlan plan) {
    return Objects.requireNonNull(plan.entry().general()).rip();
  }

  private static boolean longMode(LoadPlan plan) {
    return (Objects.requireNonNull(plan.entry().control()).efer() & Efer.LMA) != 0;
  }

  @Test void knownPayloadsAreUnpackedAndEnteredDirectly() throws LoadException {
    for (byte[] image : IMAGES.subList(0, 4)) {
      LoadPlan plan = plan(image, Map.of(), List.of(), "");
      assertEquals(0x120_0010, rip(plan));
      assertTrue(longMode(plan));
      assertEquals(0x100_0000, address(plan, "kernel segment"));
      assertArrayEquals(BzImage.TEXT, placed(plan, "kernel segment"));
      assertEquals("Linux 6.1.0-9-test", plan.facts().get("version"));
    }
    LoadPlan narrow = plan(BzImage.gzip(false), Map.of(), List.of(), "");
    assertEquals(0x120_0010, rip(narrow));
    assertEquals(Cr0.PE, Objects.requireNonNull(narrow.entry().control()).cr0() & (Cr0.PE | Cr0.PG));
  }

  @Test void aKernelThatIsKeptIsPlacedAsTheUnpackedOne(@TempDir Path folder) throws Exception {
    byte[] image = BzImage.xz();
    KernelCache cache = new KernelCache(folder, 1 << 20);
    LoadPlan first = new LinuxLoader(cache).plan(request(image, Map.of(), List.of(), "", RAM, RESERVED));
    MemorySegment packed = new SetupHeader("kernel", MemorySegment.ofArray(image)).payload();
    for (int i = 0; i < 500 && cache.find(packed).isEmpty(); i++) {
      Thread.sleep(10);
    }
    assertTrue(cache.find(packed).isPresent(), "kept within 5 s");
    LoadPlan second = new LinuxLoader(cache).plan(request(image, Map.of(), List.of(), "", RAM, RESERVED));
    assertArrayEquals(placed(first, "kernel segment"), placed(second, "kernel segment"));
    assertEquals(first.facts(), second.facts());
  }

  @Test void otherPayloadsUnpackThemselvesAtThePreferredAddress() throws LoadException {
    LoadPlan plan = plan(UNKNOWN, Map.of(), List.of(), "");
    assertEquals(BzImage.PREFERRED, address(plan, "kernel"));
    assertArrayEquals(Arrays.copyOfRange(UNKNOWN, BzImage.SETUP, UNKNOWN.length), placed(plan, "kernel"));
    assertEquals(BzImage.PREFERRED + 0x200, rip(plan), "the 64-bit entry");
    assertTrue(longMode(plan));
    assertEquals(BzImage.PREFERRED, rip(plan(GZIP, Map.of("unpack", "false", "entry", "32"), List.of(), "")));
    assertEquals(BzImage.PREFERRED, rip(plan(BzImage.unknown(false), Map.of(), List.of(), "")));
  }

  @Test void entriesTheKernelDoesNotHaveAreRefused() {
    for (LoadException e : List.of(
        assertThrows(LoadException.class, () -> plan(BzImage.unknown(false), Map.of("entry", "64"), List.of(), "")),
        assertThrows(LoadException.class, () -> plan(GZIP, Map.of("entry", "32"), List.of(), "")),
        assertThrows(LoadException.class, () -> plan(GZIP, Map.of("entry", "16"), List.of(), "")),
        assertThrows(LoadException.class, () -> plan(GZIP, Map.of("unpack", "maybe"), List.of(), "")))) {
      assertEquals(Reason.BAD_OPTION, e.reason());
    }
  }

  @Test void rsiPointsAtTheBootParametersWithTheKernelsOwnHeader() throws LoadException {
    LoadPlan plan = plan(GZIP, Map.of(), List.of(), "console=ttyS0 quiet");
    assertEquals(address(plan, "boot parameters"), Objects.requireNonNull(plan.entry().general()).registers().get(6));
    ByteBuffer b = parameters(plan);
    assertEquals(4096, b.capacity());
    assertEquals(0x5372_6448, b.getInt(0x202));
    assertEquals(0x20F, b.getShort(0x206));
    assertEquals(2, b.get(0x1F1));
    assertEquals(0xFF, b.get(0x210) & 0xFF, "an unregistered loader");
    assertEquals(1, b.get(0x211) & 1, "loaded high");
    assertEquals(0xE_0000, b.getLong(0x70), "root pointer");
    assertEquals(address(plan, "command line"), b.getInt(0x228));
    assertEquals("console=ttyS0 quiet\0", new String(placed(plan, "command line"), StandardCharsets.ISO_8859_1));
    assertEquals(0, b.getInt(0x218), "no RAM disk");
  }

  @Test void theE820TableIsThatOfAPc() throws LoadException {
    List<Range> ram = List.of(RAM.get(0), new Range(0xC_0000, (3L << 30) - 0xC_0000, false), new Range(4L << 30, 1L << 30, false));
    List<Range> reserved = List.of(new Range(0xE_0000, 0x1_0000, true), new Range(0x7F0_0000, 0x1_0000, true));
    ByteBuffer b = parameters(loader().plan(request(GZIP, Map.of(), List.of(), "", ram, reserved)));
    long[][] expected = {{0, 0x9_FC00, 1}, {0x9_FC00, 0x6_0400, 2}, {0x10_0000, 0x7E0_0000, 1}, {0x7F0_0000, 0x1_0000, 2},
        {0x7F1_0000, (3L << 30) - 0x7F1_0000, 1}, {4L << 30, 1L << 30, 1}};
    assertEquals(expected.length, b.get(0x1E8));
    for (int i = 0; i < expected.length; i++) {
      int at = 0x2D0 + 20 * i;
      assertArrayEquals(expected[i], new long[] {b.getLong(at), b.getLong(at + 8), b.getInt(at + 16)}, "entry " + i);
    }
  }

  @Test void theRamDiskLiesAsHighAsTheKernelTakesIt() throws LoadException {
    byte[] disk = ElfBuilder.pattern(100_001, 31);
    List<Module> one = List.of(new Module("initrd", segment(disk), ""));
    LoadPlan plan = plan(GZIP, Map.of(), one, "");
    long at = address(plan, "initial RAM disk");
    assertEquals((64L << 20) - 100_001 & -4096, at);
    assertEquals(at, parameters(plan).getInt(0x218));
    assertEquals(disk.length, parameters(plan).getInt(0x21C));
    assertArrayEquals(disk, placed(plan, "initial RAM disk"));

    byte[] low = GZIP.clone();
    ByteBuffer.wrap(low).order(ByteOrder.LITTLE_ENDIAN).putInt(0x22C, 0x1FF_FFFF);
    assertEquals(0x200_0000 - 100_001 & -4096, address(plan(low, Map.of(), one, ""), "initial RAM disk"));

    ByteBuffer.wrap(low).order(ByteOrder.LITTLE_ENDIAN).putInt(0x22C, 0x120_FFFF);
    LoadException e = assertThrows(LoadException.class, () -> plan(low, Map.of(), one, ""));
    assertEquals(Reason.DOES_NOT_FIT, e.reason(), "between the kernel's end and its limit there is no room");
  }

  @Test void severalModulesBecomeOneRamDiskAtFourByteBoundaries() throws LoadException {
    LoadPlan plan = plan(GZIP, Map.of(), List.of(new Module("a", segment(new byte[] {1, 2, 3, 4, 5}), ""),
        new Module("b", segment(new byte[] {6, 7}), "")), "");
    assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 0, 0, 0, 6, 7}, placed(plan, "initial RAM disk"));
  }

  @Test void theCommandLineHasTheKernelsLimit() throws LoadException {
    plan(GZIP, Map.of(), List.of(), "x".repeat(BzImage.LONGEST_COMMAND_LINE));
    LoadException e = assertThrows(LoadException.class, () -> plan(GZIP, Map.of(), List.of(), "x".repeat(BzImage.LONGEST_COMMAND_LINE + 1)));
    assertEquals(Reason.BAD_OPTION, e.reason());
    assertTrue(message(e).contains("256") && message(e).contains("255"), message(e));
  }

  @Test void oldProtocolsAndZimagesAreRefused() {
    byte[] old = GZIP.clone();
    old[0x206] = 0x09;
    assertEquals(Reason.UNSUPPORTED, assertThrows(LoadException.class, () -> plan(old, Map.of(), List.of(), "")).reason());
    byte[] small = GZIP.clone();
    small[0x211] = 0;
    assertEquals(Reason.UNSUPPORTED, assertThrows(LoadException.class, () -> plan(small, Map.of(), List.of(), "")).reason());
  }

  @Test void aDamagedPayloadIsNotStarted() {
    for (byte[] image : IMAGES.subList(0, 3)) {
      byte[] b = image.clone();
      b[BzImage.SETUP + BzImage.STUB + 300] ^= 4;
      LoadException e = assertThrows(LoadException.class, () -> plan(b, Map.of(), List.of(), ""));
      assertEquals(Reason.DAMAGED, e.reason(), "the payload's checksum covers every bit");
    }
  }

  @Test void aPayloadThatUnpacksBeyondTheMachinesMemoryIsRefusedInBoundedSpace() {
    byte[] bomb = BzImage.bomb(200 << 20);
    assertTrue(bomb.length < 1 << 20);
    LoadException e = assertThrows(LoadException.class, () -> plan(bomb, Map.of(), List.of(), ""));
    assertEquals(Reason.DAMAGED, e.reason());
    assertTrue(message(e).contains("64 MiB"), message(e));
  }
}
