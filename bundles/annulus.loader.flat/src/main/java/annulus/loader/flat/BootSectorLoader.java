package annulus.loader.flat;

import annulus.loader.EntryStates;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.LoadRequest;
import annulus.loader.Loader;
import annulus.loader.Placements;
import annulus.loader.ProvidesLoader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * A boot sector: its first 512 bytes go to 0x7C00 and run there in real mode, DL naming the first hard disk. There is no firmware
 * behind it: sectors that call a BIOS take whatever the interrupt table holds, which is zero.
 */
@Component
@ProvidesLoader(loader = "bootsector")
public final class BootSectorLoader implements Loader {
  private static final int SECTOR = 512;
  private static final long ADDRESS = 0x7C00;
  private static final int FIRST_HARD_DISK = 0x80;
  private static final int PROBED = 60;

  @Override public int probe(MemorySegment image) {
    return image.byteSize() >= SECTOR && (image.get(ValueLayout.JAVA_BYTE, 510) & 0xFF) == 0x55
        && (image.get(ValueLayout.JAVA_BYTE, 511) & 0xFF) == 0xAA ? PROBED : 0;
  }

  @Override public LoadPlan plan(LoadRequest request) throws LoadException {
    for (Map.Entry<String, String> o : request.options().entrySet()) {
      throw new LoadException(Reason.BAD_OPTION, "unknown option " + o.getKey() + " = " + o.getValue() + "; the bootsector loader has none");
    }
    RawLoader.refuseCompany(request, "boot sector");
    if (probe(request.image()) == 0) {
      throw new LoadException(Reason.NOT_RECOGNISED, request.name() + ": no boot sector: the bytes 55 AA at 510 are missing");
    }
    long[] gpr = new long[16];
    gpr[2] = FIRST_HARD_DISK;
    Placements placements = new Placements(request);
    placements.add("boot sector", ADDRESS, request.image().asSlice(0, SECTOR), SECTOR);
    return new LoadPlan(placements.list(),
        EntryStates.real(0, (int) ADDRESS, 0, gpr), "boot sector at 0x7c00, real mode", Map.of("entry", "0000:7c00, real mode"));
  }
}
