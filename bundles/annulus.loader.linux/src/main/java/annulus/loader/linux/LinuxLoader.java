package annulus.loader.linux;

import annulus.arch.VcpuState;
import annulus.loader.ElfImage;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/**
 * Loads a Linux bzImage (Linux Documentation/arch/x86/boot.rst). Low memory:
 *
 * <pre>
 * 0x01000 GDT   0x10000 boot parameters   0x20000 command line   0x30000 page tables (64-bit entry)
 * </pre>
 *
 * The kernel's payload is unpacked on the host where its format is known, and its ELF segments are entered directly; else the
 * compressed kernel goes to its preferred address and unpacks itself. Options: {@code entry} = auto, 64 or 32; {@code unpack} =
 * true or false.
 */
@Component
@ProvidesLoader(loader = "linux")
public final class LinuxLoader implements Loader {
  private static final long GDT = 0x1000;
  private static final long PARAMETERS = 0x1_0000;
  private static final long COMMAND_LINE = 0x2_0000;
  private static final long PAGE_TABLES = 0x3_0000;
  private static final long ENTRY_64 = 0x200;
  private static final int PROBED = 100;

  @Override public int probe(MemorySegment image) {
    return SetupHeader.probe(image) ? PROBED : 0;
  }

  /** Where the kernel starts. */
  private record Kernel(List<Placement> placements, long entry, boolean wide, long end, String how) {}

  @Override public LoadPlan plan(LoadRequest request) throws LoadException {
    SetupHeader header = new SetupHeader(request.name(), request.image());
    Options options = Options.read(request.options());
    List<MemoryMap.Entry> map = MemoryMap.of(request);
    Kernel kernel = kernel(header, options, map);

    List<Placement> placements = new ArrayList<>(kernel.placements());
    BootParameters parameters = new BootParameters(header);
    parameters.memory(map);
    parameters.rootPointer(request.rootPointer());
    byte[] line = commandLine(request, header);
    parameters.commandLine(COMMAND_LINE);
    placements.add(placement("command line", COMMAND_LINE, line));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("version", header.version());
    facts.put("entry", "0x%x, %d-bit, %s".formatted(kernel.entry(), kernel.wide() ? 64 : 32, kernel.how()));
    initrd(request, header, kernel, map).ifPresent(p -> {
      parameters.initrd(p.gpa(), p.size());
      placements.add(p);
      facts.put("initrd", "0x%x, %d bytes".formatted(p.gpa(), p.size()));
    });
    placements.add(placement("boot parameters", PARAMETERS, parameters.bytes()));
    placements.add(placement("GDT", GDT, EntryStates.gdt(kernel.wide())));
    if (kernel.wide()) {
      placements.add(placement("page tables", PAGE_TABLES, EntryStates.identityMap(PAGE_TABLES)));
    }
    return new LoadPlan(placements, entry(kernel), header.version() + ", " + kernel.how(), facts);
  }

  private static VcpuState entry(Kernel kernel) {
    long[] gpr = new long[16];
    gpr[6] = PARAMETERS;
    return kernel.wide() ? EntryStates.long64(kernel.entry(), PAGE_TABLES, GDT, gpr)
        : EntryStates.protected32(kernel.entry(), GDT, gpr);
  }

  private static Kernel kernel(SetupHeader header, Options options, List<MemoryMap.Entry> map) throws LoadException {
    if (options.unpack()) {
      long most = map.stream().mapToLong(MemoryMap.Entry::end).max().orElse(0);
      Optional<MemorySegment> elf = Payload.unpack(header.image(), header.payload(), most);
      if (elf.isPresent() && ElfImage.probe(elf.get())) {
        return unpacked(header, ElfImage.read("the unpacked kernel", elf.get()), options, map);
      }
    }
    boolean wide = options.wide(header.entry64());
    long at = header.preferredAddress();
    long size = Math.max(header.initSize(), header.kernel().byteSize());
    fits(header, map, "the kernel", at, size);
    return new Kernel(List.of(new Placement("kernel", at, header.kernel(), header.kernel().byteSize())),
        wide ? at + ENTRY_64 : at, wide, at + size, "unpacks itself");
  }

  private static Kernel unpacked(SetupHeader header, ElfImage elf, Options options, List<MemoryMap.Entry> map)
      throws LoadException {
    if (!options.wide(elf.wide()) && elf.wide()) {
      throw new LoadException(Reason.BAD_OPTION, "entry = 32: an unpacked 64-bit kernel has a 64-bit entry only; use unpack = false");
    }
    List<Placement> placements = new ArrayList<>();
    long end = 0;
    for (ElfImage.Segment s : elf.segments()) {
      fits(header, map, "a kernel segment", s.physical(), s.size());
      placements.add(new Placement("kernel segment", s.physical(), s.bytes(), s.size()));
      end = Math.max(end, s.physical() + s.size());
    }
    end = Math.max(end, header.preferredAddress() + header.initSize());
    return new Kernel(placements, elf.entry(), elf.wide(), end, "unpacked by the loader");
  }

  private static void fits(SetupHeader header, List<MemoryMap.Entry> map, String what, long at, long size) throws LoadException {
    if (!MemoryMap.usable(map, at, size)) {
      throw new LoadException(Reason.DOES_NOT_FIT, "%s: %s needs 0x%x to 0x%x, which is not all RAM: give the machine more memory"
          .formatted(header.version(), what, at, at + size));
    }
  }

  private static byte[] commandLine(LoadRequest request, SetupHeader header) throws LoadException {
    byte[] text = (request.commandLine() + '\0').getBytes(StandardCharsets.ISO_8859_1);
    if (text.length - 1 > header.longestCommandLine()) {
      throw new LoadException(Reason.BAD_OPTION, "a command line of " + (text.length - 1) + " bytes; this kernel takes "
          + header.longestCommandLine());
    }
    return text;
  }

  /** All modules, one behind the other at 4-byte boundaries: Linux takes concatenated archives. */
  private static Optional<Placement> initrd(LoadRequest request, SetupHeader header, Kernel kernel, List<MemoryMap.Entry> map)
      throws LoadException {
    if (request.modules().isEmpty()) {
      return Optional.empty();
    }
    long size = 0;
    for (LoadRequest.Module m : request.modules()) {
      size = (size + 3 & ~3L) + m.bytes().byteSize();
    }
    long at = MemoryMap.highest(map, size, kernel.end(), Math.min(header.highestInitrd(), 0x7FFF_FFFFL));
    if (at < 0) {
      throw new LoadException(Reason.DOES_NOT_FIT, "an initial RAM disk of %d bytes does not fit above the kernel's end at 0x%x: give the machine more memory"
          .formatted(size, kernel.end()));
    }
    MemorySegment all = request.modules().get(0).bytes();
    if (request.modules().size() > 1) {
      all = MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
      long to = 0;
      for (LoadRequest.Module m : request.modules()) {
        to = to + 3 & ~3L;
        MemorySegment.copy(m.bytes(), 0, all, to, m.bytes().byteSize());
        to += m.bytes().byteSize();
      }
    }
    return Optional.of(new Placement("initial RAM disk", at, all, size));
  }

  private static Placement placement(String what, long gpa, byte[] bytes) {
    return new Placement(what, gpa, MemorySegment.ofArray(bytes), bytes.length);
  }
}
