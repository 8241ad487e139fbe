package annulus.loader;

import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan.Placement;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The pieces of a plan as a loader collects them: each lies wholly in usable RAM, and apart from all that came before. */
public final class Placements {
  private final String image;
  private final List<MemoryMap.Entry> map;
  private final List<Placement> placements = new ArrayList<>();
  private long end;

  public Placements(LoadRequest request) {
    image = request.name();
    map = MemoryMap.of(request);
  }

  /** The machine's memory map. */
  public List<MemoryMap.Entry> map() {
    return map;
  }

  /** The first address above everything placed so far. */
  public long end() {
    return end;
  }

  public List<Placement> list() {
    return List.copyOf(placements);
  }

  public void add(String what, long gpa, byte[] bytes) throws LoadException {
    add(what, gpa, MemorySegment.ofArray(bytes), bytes.length);
  }

  /** Places {@code bytes}, and zeros behind them up to {@code size}. @throws LoadException where that is no RAM, or taken */
  public void add(String what, long gpa, MemorySegment bytes, long size) throws LoadException {
    requireUsable(what, gpa, size);
    for (Placement p : placements) {
      if (gpa < p.gpa() + p.size() && p.gpa() < gpa + size) {
        throw new LoadException(Reason.UNSUPPORTED, "%s: the %s at 0x%x to 0x%x lies where the %s goes, 0x%x to 0x%x"
            .formatted(image, p.what(), p.gpa(), p.gpa() + p.size() - 1, what, gpa, gpa + size - 1));
      }
    }
    placements.add(new Placement(what, gpa, bytes, size));
    end = Math.max(end, gpa + size);
  }

  /** Refuses a range that is not all usable RAM. */
  public void requireUsable(String what, long gpa, long size) throws LoadException {
    if (!MemoryMap.usable(map, gpa, size)) {
      throw new LoadException(Reason.DOES_NOT_FIT, "%s: the %s needs 0x%x bytes at 0x%x, which are not all RAM: give the machine more memory"
          .formatted(image, what, size, gpa));
    }
  }

  /** Refuses an entry point outside everything placed so far. */
  public void requireEntry(long entry) throws LoadException {
    for (Placement p : placements) {
      if (entry >= p.gpa() && entry < p.gpa() + p.size()) {
        return;
      }
    }
    throw new LoadException(Reason.DAMAGED, "%s: the entry point 0x%x lies in nothing that is loaded".formatted(image, entry));
  }
}
