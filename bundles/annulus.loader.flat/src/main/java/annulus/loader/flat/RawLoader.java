package annulus.loader.flat;

import annulus.arch.VcpuState;
import annulus.loader.EntryStates;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.LoadRequest;
import annulus.loader.Loader;
import annulus.loader.Placements;
import annulus.loader.ProvidesLoader;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Raw bytes at a given place: {@code address} (default 0x100000, or 0x7C00 in real mode), {@code entry} (default the address) and
 * {@code mode} (real, protected or long; default protected). Never chosen by probing alone unless nothing else fits.
 */
@Component
@ProvidesLoader(loader = "raw")
public final class RawLoader implements Loader {
  private static final long GDT = 0x1000;
  private static final long PAGE_TABLES = 0x2000;
  private static final long MEGABYTE = 0x10_0000;
  /** What 32-bit addresses, and the page tables of long mode, reach. */
  private static final long FOUR_GIGABYTES = 1L << 32;
  private static final long REAL_DEFAULT = 0x7C00;
  private static final int LAST_RESORT = 10;

  @Override public int probe(MemorySegment image) {
    return image.byteSize() > 0 ? LAST_RESORT : 0;
  }

  @Override public LoadPlan plan(LoadRequest request) throws LoadException {
    String mode = "protected";
    Long address = null;
    Long entry = null;
    for (Map.Entry<String, String> o : request.options().entrySet()) {
      switch (o.getKey()) {
        case "mode" -> mode = o.getValue();
        case "address" -> address = number(o);
        case "entry" -> entry = number(o);
        default -> throw new LoadException(Reason.BAD_OPTION, "unknown option " + o.getKey() + " = " + o.getValue()
            + "; the raw loader has address, entry and mode");
      }
    }
    refuseCompany(request, "raw image");
    long at = address != null ? address : mode.equals("real") ? REAL_DEFAULT : MEGABYTE;
    long start = entry != null ? entry : at;
    if (request.image().byteSize() == 0) {
      throw new LoadException(Reason.DAMAGED, request.name() + ": an empty file");
    }
    Placements placements = new Placements(request);
    placements.add("image", at, request.image(), request.image().byteSize());
    VcpuState state = state(mode, start, placements);
    return new LoadPlan(placements.list(), state, "raw image at 0x%x, %s mode".formatted(at, mode),
        Map.of("entry", "0x%x, %s mode".formatted(start, mode)));
  }

  /** Raw bytes have no protocol that would tell them of modules or a command line. */
  static void refuseCompany(LoadRequest request, String what) throws LoadException {
    if (!request.modules().isEmpty()) {
      throw new LoadException(Reason.BAD_OPTION, request.name() + ": a " + what + " takes no modules, and there is "
          + request.modules().get(0).name());
    }
    if (!request.commandLine().isEmpty()) {
      throw new LoadException(Reason.BAD_OPTION, request.name() + ": a " + what + " takes no command line, and there is \""
          + request.commandLine() + "\"");
    }
  }

  private static VcpuState state(String mode, long start, Placements placements) throws LoadException {
    switch (mode) {
      case "real" -> {
        requireReach(start, mode, MEGABYTE);
        int segment = start < 0x1_0000 ? 0 : (int) (start >> 4 & 0xF000);
        return EntryStates.real(segment, (int) (start - ((long) segment << 4)), 0, new long[16]);
      }
      case "protected" -> {
        requireReach(start, mode, FOUR_GIGABYTES);
        placements.add("GDT of this mode", GDT, EntryStates.gdt(false));
        return EntryStates.protected32(start, GDT, new long[16]);
      }
      case "long" -> {
        requireReach(start, mode, FOUR_GIGABYTES);
        placements.add("GDT of this mode", GDT, EntryStates.gdt(true));
        placements.add("page tables of this mode", PAGE_TABLES, EntryStates.identityMap(PAGE_TABLES));
        return EntryStates.long64(start, PAGE_TABLES, GDT, new long[16]);
      }
      default -> throw new LoadException(Reason.BAD_OPTION, "mode = " + mode + "; possible are real, protected, long");
    }
  }

  private static void requireReach(long start, String mode, long end) throws LoadException {
    if (start >= end) {
      throw new LoadException(Reason.BAD_OPTION, "entry = 0x%x: %s mode starts at 0 to 0x%x".formatted(start, mode, end - 1));
    }
  }

  private static long number(Map.Entry<String, String> option) throws LoadException {
    try {
      long n = Long.decode(option.getValue());
      if (n >= 0) {
        return n;
      }
    } catch (NumberFormatException e) {
      throw new LoadException(Reason.BAD_OPTION, option.getKey() + " = " + option.getValue() + ": a number such as 0x100000 is needed");
    }
    throw new LoadException(Reason.BAD_OPTION, option.getKey() + " = " + option.getValue() + ": not below 0");
  }
}
