package annulus.loader.multiboot;

import annulus.loader.ElfImage;
import annulus.loader.EntryStates;
import annulus.loader.ImageBytes;
import annulus.loader.LoadException;
import annulus.loader.LoadException.Reason;
import annulus.loader.LoadPlan;
import annulus.loader.LoadRequest;
import annulus.loader.Loader;
import annulus.loader.MemoryMap;
import annulus.loader.Placements;
import annulus.loader.ProvidesLoader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Loads a Multiboot 1 kernel (Multiboot 0.6.96): 32-bit protected mode, EAX = 0x2BADB002, EBX at the information structure. The
 * command line's first word is the image's name.
 */
@Component
@ProvidesLoader(loader = "multiboot")
public final class MultibootLoader implements Loader {
  private static final int PROBED = 200;
  private static final long LOADED_MAGIC = 0x2BAD_B002L;
  private static final long MEGABYTE = 0x10_0000;
  /** What the protocol's 32-bit addresses reach. */
  private static final long FOUR_GIGABYTES = 1L << 32;
  private static final long GDT = 0x1000;
  /** Information structure, strings and lists, below the first megabyte's end of free RAM. */
  private static final long INFORMATION = 0x9000;

  @Override public int probe(MemorySegment image) {
    return MultibootHeader.find(image) >= 0 ? PROBED : 0;
  }

  @Override public LoadPlan plan(LoadRequest request) throws LoadException {
    for (Map.Entry<String, String> o : request.options().entrySet()) {
      throw new LoadException(Reason.BAD_OPTION, "unknown option " + o.getKey() + " = " + o.getValue() + "; the multiboot loader has none");
    }
    ImageBytes image = new ImageBytes(request.name(), request.image());
    long at = MultibootHeader.find(request.image());
    if (at < 0) {
      throw new LoadException(Reason.NOT_RECOGNISED, request.name() + ": no Multiboot header within the first 8 KiB");
    }
    MultibootHeader header = MultibootHeader.read(image, at);
    Placements placements = new Placements(request);
    long entry = header.hasAddresses() ? addressed(request, image, header, placements) : elf(request, placements);
    placements.requireEntry(entry);
    if (placements.end() > FOUR_GIGABYTES) {
      throw image.unsupported("it reaches up to 0x%x; a Multiboot 1 kernel lies below 4 GiB".formatted(placements.end()));
    }
    List<long[]> modules = modules(request, placements);
    placements.add("Multiboot information", INFORMATION, Information.build(INFORMATION, request, modules, placements.map()));
    placements.add("GDT", GDT, EntryStates.gdt(false));
    long[] gpr = new long[16];
    gpr[0] = LOADED_MAGIC;
    gpr[3] = INFORMATION;
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("entry", "0x%x, Multiboot 1".formatted(entry));
    facts.put("modules", Integer.toString(modules.size()));
    return new LoadPlan(placements.list(), EntryStates.protected32(entry, GDT, gpr), "Multiboot kernel, entry " + facts.get("entry"), facts);
  }

  /** Places the segments. @return the physical entry point */
  private static long elf(LoadRequest request, Placements placements) throws LoadException {
    ElfImage elf = ElfImage.read(request.name(), request.image());
    for (ElfImage.Segment s : elf.segments()) {
      placements.add("segment", s.physical(), s.bytes(), s.size());
    }
    return physicalEntry(elf);
  }

  /** The entry point is a linear address where the segments' differ from their physical ones. */
  private static long physicalEntry(ElfImage elf) {
    for (ElfImage.Segment s : elf.segments()) {
      if (elf.entry() >= s.linear() && elf.entry() - s.linear() < s.size()) {
        return elf.entry() - s.linear() + s.physical();
      }
    }
    return elf.entry();
  }

  /** Flag 16: header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr follow the checksum. */
  private static long addressed(LoadRequest request, ImageBytes image, MultibootHeader header, Placements placements)
      throws LoadException {
    long at = header.at();
    long headerAddress = image.u32("header_addr", at + 12);
    long load = image.u32("load_addr", at + 16);
    long loadEnd = image.u32("load_end_addr", at + 20);
    long bssEnd = image.u32("bss_end_addr", at + 24);
    long entry = image.u32("entry_addr", at + 28);
    long from = at - (headerAddress - load);
    if (load > headerAddress || from < 0) {
      throw image.damaged("load_addr 0x%x and header_addr 0x%x place the start before the file".formatted(load, headerAddress));
    }
    long length = loadEnd == 0 ? request.image().byteSize() - from : loadEnd - load;
    if (length <= 0) {
      throw image.damaged("load_end_addr 0x%x is not above load_addr 0x%x".formatted(loadEnd, load));
    }
    long size = bssEnd == 0 ? length : bssEnd - load;
    if (size < length) {
      throw image.damaged("bss_end_addr 0x%x is below load_end_addr 0x%x".formatted(bssEnd, load + length));
    }
    placements.add("image", load, image.slice("the image", from, length), size);
    return entry;
  }

  private static List<long[]> modules(LoadRequest request, Placements placements) throws LoadException {
    List<long[]> modules = new ArrayList<>();
    long at = Math.max(placements.end() + 0xFFF & ~0xFFFL, MEGABYTE);
    for (LoadRequest.Module m : request.modules()) {
      long size = m.bytes().byteSize();
      if (at + size > FOUR_GIGABYTES || !MemoryMap.usable(placements.map(), at, size)) {
        throw new LoadException(Reason.DOES_NOT_FIT, "module %s of %d bytes does not fit at 0x%x: give the machine more memory"
            .formatted(m.name(), size, at));
      }
      placements.add("module " + m.name(), at, m.bytes(), size);
      modules.add(new long[] {at, at + size});
      at = at + size + 0xFFF & ~0xFFFL;
    }
    return modules;
  }
}
