package annulus.loader.flat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import annulus.arch.Cr0;
import annulus.arch.Efer;
import annulus.arch.Seg;
import annulus.arch.SegmentState;
import annulus.arch.VcpuState;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.Loader;
import annulus.tck.loader.ElfBuilder;
import annulus.tck.loader.LoaderContract;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawLoaderTest extends LoaderContract {
  private static final byte[] IMAGE = ElfBuilder.pattern(3000, 2);

  @Override protected Loader loader() {
    return new RawLoader();
  }

  @Override protected List<byte[]> images() {
    return List.of(IMAGE);
  }

  @Override protected boolean takesModules() {
    return false;
  }

  private LoadPlan plan(Map<String, String> options) throws LoadException {
    LoadPlan plan = loader().plan(request(IMAGE, options, List.of(), "", RAM, RESERVED));
    assertSound(plan, RAM, RESERVED);
    assertEntered(plan);
    return plan;
  }

  private static SegmentState code(LoadPlan plan) {
    return Objects.requireNonNull(plan.entry().segments()).registers().get(Seg.CS);
  }

  private static VcpuState.Control control(LoadPlan plan) {
    return Objects.requireNonNull(plan.entry().control());
  }

  private static long rip(LoadPlan plan) {
    return Objects.requireNonNull(plan.entry().general()).rip();
  }

  @Test void withoutOptionsItRunsInProtectedModeAtOneMebibyte() throws LoadException {
    LoadPlan plan = plan(Map.of());
    assertEquals(0x10_0000, address(plan, "image"));
    assertArrayEquals(IMAGE, placed(plan, "image"));
    assertEquals(0x10_0000, rip(plan));
    assertEquals(Cr0.PE, control(plan).cr0() & (Cr0.PE | Cr0.PG));
    assertTrue((code(plan).attributes() & SegmentState.BIG) != 0);
  }

  @Test void longModeHasPageTablesThatMapFourGibibytesOneToOne() throws LoadException {
    LoadPlan plan = plan(Map.of("mode", "long", "address", "0x200000", "entry", "0x200010"));
    assertEquals(0x20_0010, rip(plan));
    assertTrue((control(plan).efer() & Efer.LMA) != 0 && (control(plan).cr0() & Cr0.PG) != 0);
    assertTrue((code(plan).attributes() & SegmentState.LONG) != 0);
    var tables = java.nio.ByteBuffer.wrap(placed(plan, "page tables of this mode")).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    long base = control(plan).cr3();
    for (long linear = 0; linear < 1L << 32; linear += 0x0FF2_1234) {
      long entry = tables.getLong(0);
      entry = tables.getLong((int) ((entry & -4096) - base + 8 * (linear >> 30)));
      entry = tables.getLong((int) ((entry & -4096) - base + 8 * (linear >> 21 & 511)));
      assertEquals(0x83, entry & 0xFFF);
      assertEquals(linear & -(1 << 21), entry & -4096);
    }
  }

  @ParameterizedTest
  @CsvSource({"0x7C00, 0, 0x7C00", "0x12340, 0x1000, 0x2340", "0x9F000, 0x9000, 0xF000"})
  void realModeStartsAtASegmentThatReachesTheEntry(String address, String selector, String ip) throws LoadException {
    LoadPlan plan = plan(Map.of("mode", "real", "address", address));
    assertEquals((int) Integer.decode(selector), code(plan).selector());
    assertEquals((long) Long.decode(ip), rip(plan));
    assertEquals(0, control(plan).cr0() & Cr0.PE);
  }

  @ParameterizedTest
  @CsvSource({"address, zebra", "address, -4096", "mode, virtual", "entry, 0x100000000", "entry, 12monkeys", "speed, 3"})
  void badOptionsAreRefusedByNameAndValue(String key, String value) {
    LoadException e = assertThrows(LoadException.class, () -> plan(Map.of(key, value)));
    assertEquals(Reason.BAD_OPTION, e.reason());
    assertTrue(message(e).contains(key) && message(e).contains(value), message(e));
  }

  @Test void whatDoesNotFitIsRefused() {
    for (Map<String, String> o : List.of(Map.of("address", "0x3FFFFFF"), Map.of("address", "0x7FFFFFFFFFFFFFFF"),
        Map.of("address", "0xA0000"), Map.of("mode", "real", "address", "0x9F800"))) {
      assertEquals(Reason.DOES_NOT_FIT, assertThrows(LoadException.class, () -> plan(o)).reason(), o.toString());
    }
    LoadException e = assertThrows(LoadException.class, () -> plan(Map.of("mode", "long", "address", "0x3000")));
    assertTrue(message(e).contains("page tables"), message(e));
  }
}
