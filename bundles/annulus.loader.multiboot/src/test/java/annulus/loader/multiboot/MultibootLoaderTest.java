package annulus.loader.multiboot;

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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class MultibootLoaderTest extends LoaderContract {
  private static final int MAGIC = 0x1BAD_B002;
  private static final int ADDRESSES = 1 << 16;
  private static final byte[] ELF = elf(false, 3);
  private static final byte[] ELF_64 = elf(true, 0);
  /** The header at 0x40 of a file that goes to 0x200000 from its byte 0x20 on. */
  private static final byte[] ADDRESSED = addressed(0x20_0020, 0x20_0000, 0x20_0300, 0x20_1000, 0x20_0100);

  private static byte[] header(int flags, int... addresses) {
    ByteBuffer b = ByteBuffer.allocate(12 + 4 * addresses.length).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(MAGIC).putInt(flags).putInt(-MAGIC - flags);
    Arrays.stream(addresses).forEach(b::putInt);
    return b.array();
  }

  /** The header at the start of the only segment; linked 1 GiB above where it is loaded. */
  private static byte[] elf(boolean wide, int flags) {
    byte[] text = ElfBuilder.pattern(800, 5);
    System.arraycopy(header(flags), 0, text, 0, 12);
    return new ElfBuilder(wide, 0x4010_0020).segment(0x10_0000, 0x4010_0000, text, 5000).build();
  }

  private static byte[] addressed(int headerAddress, int load, int loadEnd, int bssEnd, int entry) {
    byte[] b = ElfBuilder.pattern(0x400, 6);
    byte[] h = header(ADDRESSES, headerAddress, load, loadEnd, bssEnd, entry);
    System.arraycopy(h, 0, b, 0x40, h.length);
    return b;
  }

  @Override protected Loader loader() {
    return new MultibootLoader();
  }

  @Override protected List<byte[]> images() {
    return List.of(ELF, ELF_64, ADDRESSED);
  }

  @Override protected boolean takesModules() {
    return true;
  }

  private static long register(LoadPlan plan, int n) {
    return Objects.requireNonNull(plan.entry().general()).registers().get(n);
  }

  private static long rip(LoadPlan plan) {
    return Objects.requireNonNull(plan.entry().general()).rip();
  }

  @Test void theProcessorStartsInProtectedModeWithTheMagicAndTheInformation() throws LoadException {
    LoadPlan plan = loader().plan(request(ELF));
    assertEquals(0x2BAD_B002L, register(plan, 0));
    assertEquals(address(plan, "Multiboot information"), register(plan, 3));
    assertEquals(0x10_0020, rip(plan), "the physical address of the linear entry point");
    assertEquals(Cr0.PE, Objects.requireNonNull(plan.entry().control()).cr0() & (Cr0.PE | Cr0.PG));
  }

  @Test void theHeadersAddressesSayWhatOfTheFileGoesWhere() throws LoadException {
    LoadPlan plan = loader().plan(request(ADDRESSED));
    assertEquals(0x20_0000, address(plan, "image"));
    assertArrayEquals(Arrays.copyOfRange(ADDRESSED, 0x20, 0x320), placed(plan, "image"));
    assertEquals(0x1000, plan.placements().get(0).size());
    assertEquals(0x20_0100, rip(plan));
    LoadPlan whole = loader().plan(request(addressed(0x20_0020, 0x20_0000, 0, 0, 0x20_0000)));
    assertArrayEquals(Arrays.copyOfRange(addressed(0x20_0020, 0x20_0000, 0, 0, 0x20_0000), 0x20, 0x400), placed(whole, "image"));
    assertEquals(0x3E0, whole.placements().get(0).size());
  }

  @Test void addressesThatContradictEachOtherAreRefused() {
    for (byte[] bad : List.of(addressed(0x1F_FFFF, 0x20_0000, 0, 0, 0x20_0000), addressed(0x20_0041, 0x20_0000, 0, 0, 0x20_0000),
        addressed(0x20_0020, 0x20_0000, 0x20_0000, 0, 0x20_0000), addressed(0x20_0020, 0x20_0000, 0x20_0300, 0x20_02FF, 0x20_0000),
        addressed(0x20_0020, 0x20_0000, 0x20_0400, 0, 0x20_0000), addressed(0x20_0020, 0x20_0000, 0, 0, 0x30_0000))) {
      assertEquals(Reason.DAMAGED, assertThrows(LoadException.class, () -> loader().plan(request(bad))).reason());
    }
  }

  @Test void theInformationTellsOfMemoryCommandLineAndModules() throws LoadException {
    byte[] first = ElfBuilder.pattern(5000, 8);
    byte[] second = ElfBuilder.pattern(10, 9);
    LoadPlan plan = loader().plan(request(ELF, Map.of(),
        List.of(new Module("env", segment(first), "A=1 B=2"), new Module("two", segment(second), "")), "smoke -v", RAM, RESERVED));
    long at = address(plan, "Multiboot information");
    byte[] info = placed(plan, "Multiboot information");
    ByteBuffer b = ByteBuffer.wrap(info).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(1 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9, b.getInt(0));
    assertEquals(639, b.getInt(4));
    assertEquals(63 << 10, b.getInt(8), "KiB from 1 MiB up");
    assertEquals("image-under-test smoke -v", text(info, b.getInt(16) - at));
    assertEquals(2, b.getInt(20));
    int list = (int) (b.getInt(24) - at);
    assertEquals(address(plan, "module env"), b.getInt(list));
    assertEquals(address(plan, "module env") + first.length, b.getInt(list + 4));
    assertEquals("env A=1 B=2", text(info, b.getInt(list + 8) - at));
    assertEquals("two", text(info, b.getInt(list + 24) - at));
    assertEquals(0, b.getInt(list) & 0xFFF, "flag 0 asks for whole pages");
    assertEquals(3 * 24, b.getInt(44));
    int map = (int) (b.getInt(48) - at);
    assertEquals(20, b.getInt(map), "the size field does not count itself");
    assertEquals(0x9_FC00, b.getLong(map + 12));
    assertEquals(1, b.getInt(map + 20));
    assertEquals(2, b.getInt(map + 24 + 20));
    assertEquals(0x10_0000, b.getLong(map + 48 + 4));
    assertEquals("Annulus", text(info, b.getInt(64) - at));
  }

  private static String text(byte[] info, long at) {
    int end = (int) at;
    while (info[end] != 0) {
      end++;
    }
    return new String(info, (int) at, end - (int) at, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  @Test void requirementsThatCannotBeMetAreRefused() {
    LoadException video = assertThrows(LoadException.class, () -> loader().plan(request(elf(false, 4))));
    assertTrue(message(video).contains("video"), message(video));
    assertEquals(Reason.UNSUPPORTED, assertThrows(LoadException.class, () -> loader().plan(request(elf(false, 8)))).reason());
  }

  @Test void aHeaderBehindTheFirst8KibibytesIsNotSeen() {
    byte[] far = new byte[9000];
    System.arraycopy(header(0), 0, far, 8188, 12);
    assertEquals(0, loader().probe(segment(far)));
    System.arraycopy(header(0), 0, far, 8180, 12);
    assertTrue(loader().probe(segment(far)) > 0);
    assertEquals(0, loader().probe(segment(Arrays.copyOfRange(far, 2, 9000))), "headers are aligned to 4 bytes");
  }

  @Test void theHeadersChecksumIsChecked() {
    byte[] b = ELF.clone();
    b[0x400 + 8]++;
    assertEquals(0, loader().probe(segment(b)));
    assertEquals(Reason.NOT_RECOGNISED, assertThrows(LoadException.class, () -> loader().plan(request(b))).reason());
  }
}
