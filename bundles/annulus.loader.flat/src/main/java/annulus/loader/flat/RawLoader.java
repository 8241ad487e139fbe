package annulus.loader.flat;

import annulus.arch.VcpuState;
import annulus.loader.EntryStates;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.LoadPlan.Placement;
import annulus.loader.LoadRequest;
import annulus.loader.Loader;
import annulus.loader.MemoryMap;
import annulus.loader.ProvidesLoader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
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
    long at = address != null ? address : mode.equals("real") ? REAL_DEFAULT : MEGABYTE;
    long start = entry != null ? entry : at;
    long size = request.image().byteSize();
    if (size == 0 || !MemoryMap.usable(MemoryMap.of(request), at, size)) {
      throw new LoadException(Reason.DOES_NOT_FIT, "%s: %d bytes at 0x%x do not lie in RAM".formatted(request.name(), size, at));
    }
    List<Placement> placements = new ArrayList<>(List.of(new Placement("image", at, request.image(), size)));
    VcpuState state = state(mode, start, placements);
    return new LoadPlan(placements, state, "raw image at 0x%x, %s mode".formatted(at, mode),
        Map.of("entry", "0x%x, %s mode".formatted(start, mode)));
  }

  private static VcpuState state(String mode, long start, List<Placement> placements) throws LoadException {
    Placement image = placements.get(0);
    switch (mode) {
      case "real" -> {
        if (start >= MEGABYTE) {
          throw new LoadException(Reason.BAD_OPTION, "entry = 0x%x: real mode reaches 0 to 0xfffff".formatted(start));
        }
        int segment = start < 0x1_0000 ? 0 : (int) (start >> 4 & 0xF000);
        return EntryStates.real(segment, (int) (start - ((long) segment << 4)), 0, new long[16]);
      }
      case "protected" -> {
        place(placements, image, "GDT", GDT, EntryStates.gdt(false));
        return EntryStates.protected32(start, GDT, new long[16]);
      }
      case "long" -> {
        place(placements, image, "GDT", GDT, EntryStates.gdt(true));
        place(placements, image, "page tables", PAGE_TABLES, EntryStates.identityMap(PAGE_TABLES));
        return EntryStates.long64(start, PAGE_TABLES, GDT, new long[16]);
      }
      default -> throw new LoadException(Reason.BAD_OPTION, "mode = " + mode + "; possible are real, protected, long");
    }
  }

  private static void place(List<Placement> placements, Placement image, String what, long at, byte[] bytes) throws LoadException {
    if (image.gpa() < at + bytes.length && at < image.gpa() + image.size()) {
      throw new LoadException(Reason.BAD_OPTION, "address = 0x%x: the %s of this mode lies at 0x%x to 0x%x; load above it"
          .formatted(image.gpa(), what, at, at + bytes.length - 1));
    }
    placements.add(new Placement(what, at, MemorySegment.ofArray(bytes), bytes.length));
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
