package annulus.loader.linux;

import annulus.arch.VcpuState;
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
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Loads a Linux bzImage (Linux Documentation/arch/x86/boot.rst). Low memory:
 *
 * <pre>
 * 0x01000 GDT   0x10000 boot parameters   0x20000 command line   0x30000 page tables (64-bit entry)
 * </pre>
 *
 * The kernel's payload is unpacked on the host where its format is known, and its ELF segments are entered directly; else the
 * compressed kernel goes to its preferred address and unpacks itself. An unpacked kernel is kept for the next time in the folder
 * that the property {@code annulus.kernels} names. Options: {@code entry} = auto, 64 or 32; {@code unpack} =
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
  private static final long FOUR_GIGABYTES = 1L << 32;
  private static final int PROBED = 100;
  /** Framework or system property: where unpacked kernels are kept; without it they are not. */
  private static final String KERNELS = "annulus.kernels";

  private final @Nullable KernelCache cache;

  /** A loader that keeps nothing. */
  public LinuxLoader() {
    this((KernelCache) null);
  }

  @Activate
  public LinuxLoader(BundleContext context) {
    this(context.getProperty(KERNELS) instanceof String folder ? new KernelCache(Path.of(folder), KernelCache.LARGEST) : null);
  }

  LinuxLoader(@Nullable KernelCache cache) {
    this.cache = cache;
  }

  @Override public int probe(MemorySegment image) {
    return SetupHeader.probe(image) ? PROBED : 0;
  }

  /** Where the kernel starts, and the end of what it needs before it has read the memory map. */
  private record Kernel(long entry, boolean wide, long end, String how) {}

  @Override public LoadPlan plan(LoadRequest request) throws LoadException {
    SetupHeader header = new SetupHeader(request.name(), request.image());
    Options options = Options.read(request.options());
    Placements placements = new Placements(request);
    Kernel kernel = kernel(request, header, options, placements);
    placements.requireEntry(kernel.entry());

    BootParameters parameters = new BootParameters(header);
    parameters.memory(placements.map());
    parameters.rootPointer(request.rootPointer());
    parameters.commandLine(COMMAND_LINE);
    placements.add("command line", COMMAND_LINE, commandLine(request, header));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("version", header.version());
    facts.put("entry", "0x%x, %d-bit, %s".formatted(kernel.entry(), kernel.wide() ? 64 : 32, kernel.how()));
    if (!request.modules().isEmpty()) {
      MemorySegment initrd = initrd(request);
      long at = initrdPlace(request, header, kernel, placements, initrd.byteSize());
      parameters.initrd(at, initrd.byteSize());
      placements.add("initial RAM disk", at, initrd, initrd.byteSize());
      facts.put("initrd", "0x%x, %d bytes".formatted(at, initrd.byteSize()));
    }
    placements.add("boot parameters", PARAMETERS, parameters.bytes());
    placements.add("GDT", GDT, EntryStates.gdt(kernel.wide()));
    if (kernel.wide()) {
      placements.add("page tables", PAGE_TABLES, EntryStates.identityMap(PAGE_TABLES));
    }
    return new LoadPlan(placements.list(), entry(kernel), header.version() + ", " + kernel.how(), facts);
  }

  private static VcpuState entry(Kernel kernel) {
    long[] gpr = new long[16];
    gpr[6] = PARAMETERS;
    return kernel.wide() ? EntryStates.long64(kernel.entry(), PAGE_TABLES, GDT, gpr)
        : EntryStates.protected32(kernel.entry(), GDT, gpr);
  }

  private Kernel kernel(LoadRequest request, SetupHeader header, Options options, Placements placements) throws LoadException {
    if (options.unpack()) {
      long most = placements.map().stream().mapToLong(MemoryMap.Entry::end).max().orElse(0);
      Optional<MemorySegment> elf = payload(header, most);
      if (elf.isPresent() && ElfImage.probe(elf.get())) {
        return unpacked(header, ElfImage.read(request.name() + ", unpacked", elf.get()), options, placements);
      }
    }
    boolean wide = options.wide(header.entry64());
    long at = header.preferredAddress();
    long size = Math.max(header.initSize(), header.kernel().byteSize());
    placements.requireUsable("kernel", at, size);
    if (at + size > FOUR_GIGABYTES) {
      throw header.image().unsupported("it goes to 0x%x to 0x%x; the boot protocol maps 4 GiB".formatted(at, at + size - 1));
    }
    placements.add("kernel", at, header.kernel(), header.kernel().byteSize());
    return new Kernel(wide ? at + ENTRY_64 : at, wide, at + size, "unpacks itself");
  }

  private Optional<MemorySegment> payload(SetupHeader header, long most) throws LoadException {
    KernelCache kept = cache;
    MemorySegment packed = header.payload();
    Optional<MemorySegment> known = kept == null ? Optional.empty() : kept.find(packed).filter(k -> k.byteSize() < most);
    if (known.isPresent()) {
      return known;
    }
    Optional<MemorySegment> unpacked = Payload.unpack(header.image(), packed, most);
    if (kept != null && unpacked.isPresent()) {
      // Beside the boot, which need not wait for the disk
      MemorySegment elf = unpacked.get();
      Thread.ofPlatform().daemon().name("annulus-kernel-cache").start(() -> kept.put(packed, elf));
    }
    return unpacked;
  }

  private static Kernel unpacked(SetupHeader header, ElfImage elf, Options options, Placements placements) throws LoadException {
    if (!options.wide(elf.wide()) && elf.wide()) {
      throw new LoadException(Reason.BAD_OPTION, "entry = 32: an unpacked 64-bit kernel has a 64-bit entry only; use unpack = false");
    }
    for (ElfImage.Segment s : elf.segments()) {
      placements.add("kernel segment", s.physical(), s.bytes(), s.size());
    }
    if (placements.end() > FOUR_GIGABYTES) {
      throw header.image().unsupported("its segments reach up to 0x%x; the boot protocol maps 4 GiB".formatted(placements.end()));
    }
    long end = Math.max(placements.end(), header.preferredAddress() + header.initSize());
    return new Kernel(elf.entry(), elf.wide(), end, "unpacked by the loader");
  }

  private static byte[] commandLine(LoadRequest request, SetupHeader header) throws LoadException {
    byte[] text = (request.commandLine() + '\0').getBytes(StandardCharsets.ISO_8859_1);
    if (text.length - 1 > header.longestCommandLine()) {
      throw new LoadException(Reason.BAD_OPTION, "a command line of " + (text.length - 1) + " bytes; this kernel takes "
          + header.longestCommandLine());
    }
    return text;
  }

  private static long initrdPlace(LoadRequest request, SetupHeader header, Kernel kernel, Placements placements, long size)
      throws LoadException {
    long at = MemoryMap.highest(placements.map(), size, kernel.end(), Math.min(header.highestInitrd(), 0x7FFF_FFFFL));
    if (at < 0) {
      throw new LoadException(Reason.DOES_NOT_FIT, "%s: an initial RAM disk of %d bytes does not fit above the kernel's end at 0x%x: give the machine more memory"
          .formatted(request.name(), size, kernel.end()));
    }
    return at;
  }

  /** All modules, one behind the other at 4-byte boundaries: Linux takes concatenated archives. */
  private static MemorySegment initrd(LoadRequest request) throws LoadException {
    if (request.modules().size() == 1) {
      return request.modules().get(0).bytes();
    }
    long size = 0;
    for (LoadRequest.Module m : request.modules()) {
      size = (size + 3 & ~3L) + m.bytes().byteSize();
    }
    if (size > Integer.MAX_VALUE - 16) {
      throw new LoadException(Reason.DOES_NOT_FIT, "%s: modules of %d bytes in all; an initial RAM disk lies below 2 GiB"
          .formatted(request.name(), size));
    }
    MemorySegment all = MemorySegment.ofArray(new byte[(int) size]);
    long to = 0;
    for (LoadRequest.Module m : request.modules()) {
      to = to + 3 & ~3L;
      MemorySegment.copy(m.bytes(), 0, all, to, m.bytes().byteSize());
      to += m.bytes().byteSize();
    }
    return all;
  }
}
