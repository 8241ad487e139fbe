package annulus.loader.multiboot;

import annulus.loader.ElfImage;
import annulus.loader.EntryStates;
import annulus.loader.ImageBytes;
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
  private static final long GDT = 0x1000;
  /** Information structure, strings and lists, below the first megabyte's end of free RAM. */
  private static final long INFORMATION = 0x9000;

  @Override public int probe(MemorySegment image) {
    return MultibootHeader.find(image) >= 0 ? PROBED : 0;
  }

  /** The loaded image. */
  private record Kernel(List<Placement> placements, long entry, long end) {}

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
    Kernel kernel = header.hasAddresses() ? addressed(request, image, header) : elf(request);
    List<MemoryMap.Entry> map = MemoryMap.of(request);
    for (Placement p : kernel.placements()) {
      if (!MemoryMap.usable(map, p.gpa(), p.size())) {
        throw new LoadException(Reason.DOES_NOT_FIT, "%s: 0x%x to 0x%x is not all RAM: give the machine more memory"
            .formatted(request.name(), p.gpa(), p.gpa() + p.size()));
      }
    }
    List<Placement> placements = new ArrayList<>(kernel.placements());
    List<long[]> modules = modules(request, map, kernel.end(), placements);
    byte[] info = Information.build(INFORMATION, request, modules, map);
    add(request, placements, "Multiboot information", INFORMATION, info);
    add(request, placements, "GDT", GDT, EntryStates.gdt(false));
    long[] gpr = new long[16];
    gpr[0] = LOADED_MAGIC;
    gpr[3] = INFORMATION;
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("entry", "0x%x, Multiboot 1".formatted(kernel.entry()));
    facts.put("modules", Integer.toString(modules.size()));
    return new LoadPlan(placements, EntryStates.protected32(kernel.entry(), GDT, gpr), "Multiboot kernel, entry " + facts.get("entry"), facts);
  }

  private static void add(LoadRequest request, List<Placement> placements, String what, long gpa, byte[] bytes) throws LoadException {
    for (Placement p : placements) {
      if (gpa < p.gpa() + p.size() && p.gpa() < gpa + bytes.length) {
        throw new LoadException(Reason.UNSUPPORTED, "%s: the %s at 0x%x lies where the %s goes".formatted(request.name(), p.what(), p.gpa(), what));
      }
    }
    placements.add(new Placement(what, gpa, MemorySegment.ofArray(bytes), bytes.length));
  }

  private static Kernel elf(LoadRequest request) throws LoadException {
    ElfImage elf = ElfImage.read(request.name(), request.image());
    List<Placement> placements = new ArrayList<>();
    long end = 0;
    for (ElfImage.Segment s : elf.segments()) {
      placements.add(new Placement("segment", s.physical(), s.bytes(), s.size()));
      end = Math.max(end, s.physical() + s.size());
    }
    return new Kernel(placements, physicalEntry(elf), end);
  }

  /** The entry point is a linear address where the segments' differ from their physical ones. */
  private static long physicalEntry(ElfImage elf) {
    for (ElfImage.Segment s : elf.segments()) {
      if (elf.entry() >= s.linear() && elf.entry() < s.linear() + s.size()) {
        return elf.entry() - s.linear() + s.physical();
      }
    }
    return elf.entry();
  }

  /** Flag 16: header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr follow the checksum. */
  private static Kernel addressed(LoadRequest request, ImageBytes image, MultibootHeader header) throws LoadException {
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
    return new Kernel(List.of(new Placement("image", load, image.slice("the image", from, length), size)), entry, load + size);
  }

  private static List<long[]> modules(LoadRequest request, List<MemoryMap.Entry> map, long end, List<Placement> placements)
      throws LoadException {
    List<long[]> modules = new ArrayList<>();
    long lowest = Math.max(end + 0xFFF & ~0xFFFL, 0x10_0000);
    for (LoadRequest.Module m : request.modules()) {
      long size = m.bytes().byteSize();
      if (!MemoryMap.usable(map, lowest, size)) {
        throw new LoadException(Reason.DOES_NOT_FIT, "module %s of %d bytes does not fit at 0x%x: give the machine more memory"
            .formatted(m.name(), size, lowest));
      }
      placements.add(new Placement("module " + m.name(), lowest, m.bytes(), size));
      modules.add(new long[] {lowest, lowest + size});
      lowest = lowest + size + 0xFFF & ~0xFFFL;
    }
    return modules;
  }
}
