package annulus.loader.flat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import annulus.arch.Seg;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.Loader;
import annulus.tck.loader.ElfBuilder;
import annulus.tck.loader.LoaderContract;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BootSectorLoaderTest extends LoaderContract {
  private static final byte[] SECTOR = sector(512);

  private static byte[] sector(int length) {
    byte[] b = ElfBuilder.pattern(length, 1);
    b[510] = 0x55;
    b[511] = (byte) 0xAA;
    return b;
  }

  @Override protected Loader loader() {
    return new BootSectorLoader();
  }

  @Override protected List<byte[]> images() {
    return List.of(SECTOR, sector(1474));
  }

  @Override protected boolean takesModules() {
    return false;
  }

  @Test void theFirstSectorRunsAt7C00WithTheDriveInDl() throws LoadException {
    byte[] disk = sector(4096);
    LoadPlan plan = loader().plan(request(disk));
    assertEquals(1, plan.placements().size());
    assertEquals(0x7C00, address(plan, "boot sector"));
    assertArrayEquals(Arrays.copyOf(disk, 512), placed(plan, "boot sector"));
    var general = Objects.requireNonNull(plan.entry().general());
    var segments = Objects.requireNonNull(plan.entry().segments()).registers();
    assertEquals(0x7C00, general.rip());
    assertEquals(0x80, general.registers().get(2));
    assertEquals(0, segments.get(Seg.CS).base());
    assertEquals(0xFFFF, segments.get(Seg.CS).limit());
    assertEquals(0, Objects.requireNonNull(plan.entry().control()).cr0() & 1);
    assertEquals(0x3FF, Objects.requireNonNull(plan.entry().segments()).idtr().limit());
  }

  @Test void aSectorWithoutSignatureIsNoBootSector() {
    byte[] b = SECTOR.clone();
    b[511] = 0;
    assertEquals(0, loader().probe(segment(b)));
    assertEquals(Reason.NOT_RECOGNISED, assertThrows(LoadException.class, () -> loader().plan(request(b))).reason());
  }

  @Test void aCommandLineIsRefused() {
    assertThrows(LoadException.class, () -> loader().plan(request(SECTOR, Map.of(), List.of(), "quiet", RAM, RESERVED)));
  }
}
