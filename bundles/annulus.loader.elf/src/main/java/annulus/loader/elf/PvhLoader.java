package annulus.loader.elf;

import annulus.loader.ElfImage;
import annulus.loader.EntryStates;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.LoadRequest;
import annulus.loader.Loader;
import annulus.loader.MemoryMap;
import annulus.loader.Placements;
import annulus.loader.ProvidesLoader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.osgi.service.component.annotations.Component;

/**
 * Loads an ELF file and enters it by the PVH protocol (Xen docs/misc/pvh.pandoc): 32-bit protected mode without paging, EBX at a
 * start-info structure. The note XEN_ELFNOTE_PHYS32_ENTRY names the entry; a file without it is entered at its own entry point
 * where that lies in a loaded segment.
 */
@Component
@ProvidesLoader(loader = "elf")
public final class PvhLoader implements Loader {
  /** XEN_ELFNOTE_PHYS32_ENTRY, Xen public/elfnote.h. */
  private static final int PHYS32_ENTRY = 18;
  private static final long GDT = 0x1000;
  private static final long START_INFO = 0x6000;
  private static final long COMMAND_LINE = 0x2_0000;
  private static final int LONGEST_COMMAND_LINE = 0xFFFF;
  /** What the entry's 32-bit addresses reach. */
  private static final long FOUR_GIGABYTES = 1L << 32;
  private static final int PROBED = 50;
  private static final int PROBED_WITH_NOTE = 150;

  @Override public int probe(MemorySegment image) {
    if (!ElfImage.probe(image)) {
      return 0;
    }
    try {
      return ElfImage.read("image", image).note("Xen", PHYS32_ENTRY).isPresent() ? PROBED_WITH_NOTE : PROBED;
    } catch (LoadException e) {
      return PROBED; // the plan tells what is wrong with it
    }
  }

  @Override public LoadPlan plan(LoadRequest request) throws LoadException {
    for (Map.Entry<String, String> o : request.options().entrySet()) {
      throw new LoadException(Reason.BAD_OPTION, "unknown option " + o.getKey() + " = " + o.getValue() + "; the elf loader has none");
    }
    ElfImage elf = ElfImage.read(request.name(), request.image());
    Placements placements = new Placements(request);
    for (ElfImage.Segment s : elf.segments()) {
      placements.add("segment", s.physical(), s.bytes(), s.size());
    }
    OptionalLong note = elf.note("Xen", PHYS32_ENTRY);
    long entry = entry(request, elf, note);
    List<long[]> modules = modules(request, placements);
    byte[] line = (request.commandLine() + '\0').getBytes(StandardCharsets.ISO_8859_1);
    if (line.length > LONGEST_COMMAND_LINE) {
      throw new LoadException(Reason.BAD_OPTION, "a command line of " + (line.length - 1) + " bytes; at most "
          + (LONGEST_COMMAND_LINE - 1));
    }
    placements.add("command line", COMMAND_LINE, line);
    placements.add("start info", START_INFO,
        StartInfo.build(START_INFO, COMMAND_LINE, request.rootPointer(), modules, placements.map()));
    placements.add("GDT", GDT, EntryStates.gdt(false));
    long[] gpr = new long[16];
    gpr[3] = START_INFO;
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("class", elf.wide() ? "64-bit" : "32-bit");
    facts.put("entry", "0x%x, %s".formatted(entry, note.isPresent() ? "PVH" : "ELF entry point, 32-bit"));
    return new LoadPlan(placements.list(), EntryStates.protected32(entry, GDT, gpr), "ELF kernel, " + facts.get("entry"), facts);
  }

  private static long entry(LoadRequest request, ElfImage elf, OptionalLong note) throws LoadException {
    long entry = note.orElse(elf.entry());
    for (ElfImage.Segment s : elf.segments()) {
      if (entry >= s.physical() && entry - s.physical() < s.size() && entry < FOUR_GIGABYTES) {
        return entry;
      }
    }
    throw new LoadException(Reason.UNSUPPORTED, "%s: %s 0x%x, which is not the physical address of a segment below 4 GiB"
        .formatted(request.name(), note.isPresent() ? "the PVH note names the entry" : "no PVH note, and the entry point is", entry));
  }

  private static List<long[]> modules(LoadRequest request, Placements placements) throws LoadException {
    List<long[]> modules = new ArrayList<>();
    long end = placements.end();
    long highest = 0x7FFF_FFFFL;
    for (LoadRequest.Module m : request.modules()) {
      long size = m.bytes().byteSize();
      long at = MemoryMap.highest(placements.map(), size, end, highest);
      if (at < 0) {
        throw new LoadException(Reason.DOES_NOT_FIT, "module %s of %d bytes does not fit above 0x%x: give the machine more memory"
            .formatted(m.name(), size, end));
      }
      placements.add("module " + m.name(), at, m.bytes(), size);
      modules.add(new long[] {at, size});
      highest = at - 1;
    }
    return modules;
  }
}
