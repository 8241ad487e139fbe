package annulus.core;

import annulus.device.FirmwareTables;
import annulus.loader.GuestImage;
import annulus.loader.ImageSource;
import annulus.loader.LoadException;
import annulus.loader.LoadPlan;
import annulus.loader.LoadRequest;
import annulus.loader.Loader;
import annulus.core.provider.ProviderRegistry;
import annulus.machine.MachineException;
import annulus.machine.MachineException.Reason;
import annulus.machine.MachineSpec;
import annulus.memory.GuestMemory;
import annulus.memory.MemoryFault;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From a specification to what has to be in memory: resolves the image, lets the loaders probe it, places the plan. */
final class Images {
  /** Larger files cannot be a guest of a machine this monitor runs; reading them would only take the host's memory. */
  private static final long LARGEST = 1L << 30;

  private final Providers providers;

  Images(Providers providers) {
    this.providers = providers;
  }

  /** Files and defaults of what the specification boots. */
  GuestImage resolve(MachineSpec spec) throws MachineException {
    Path kernel = spec.kernel();
    if (kernel != null) {
      return new GuestImage(kernel, spec.modules(), null, "", spec.loaderOptions());
    }
    if (spec.image().isEmpty()) {
      throw new MachineException(Reason.BAD_SPECIFICATION, "machine " + spec.name() + " has neither a kernel nor an image; "
          + providers.images().names());
    }
    ImageSource source = Providers.require(providers.images(), "image", spec.image()).service();
    try {
      GuestImage image = source.resolve(spec.loaderOptions(), (what, done, total) -> { });
      return spec.modules().isEmpty() ? image
          : new GuestImage(image.kernel(), spec.modules(), image.loader(), image.defaultCommandLine(), image.options());
    } catch (IOException e) {
      throw new MachineException(Reason.IMAGE, String.valueOf(e.getMessage()), e);
    }
  }

  LoadPlan plan(MachineSpec spec, GuestMemory memory, Optional<FirmwareTables> tables) throws MachineException {
    GuestImage image = resolve(spec);
    List<LoadRequest.Module> modules = new ArrayList<>();
    for (Path m : image.modules()) {
      modules.add(new LoadRequest.Module(String.valueOf(m.getFileName()), read(m), ""));
    }
    String commandLine = spec.commandLine();
    LoadRequest request = new LoadRequest(image.kernel().toString(), read(image.kernel()), modules,
        commandLine == null ? image.defaultCommandLine() : commandLine, image.options(), memory.ranges(),
        tables.map(t -> List.of(new GuestMemory.Range(t.first(), t.last() + 1 - t.first(), true))).orElse(List.of()),
        tables.map(FirmwareTables::rootPointer).orElse(0L));
    try {
      return loader(spec, image, request).plan(request);
    } catch (LoadException e) {
      throw new MachineException(Reason.IMAGE, String.valueOf(e.getMessage()), e);
    } catch (RuntimeException | StackOverflowError e) {
      throw new MachineException(Reason.IMAGE, image.kernel() + ": the loader failed: " + e, e);
    }
  }

  private Loader loader(MachineSpec spec, GuestImage image, LoadRequest request) throws MachineException {
    String named = spec.loader().isEmpty() ? image.loader() : spec.loader();
    if (named != null) {
      return Providers.require(providers.loaders(), "loader", named).service();
    }
    int best = 0;
    Loader chosen = null;
    for (ProviderRegistry.Entry<Loader> e : providers.loaders().effective().values()) {
      int sure = e.service().probe(request.image());
      if (sure > best) {
        best = sure;
        chosen = e.service();
      }
    }
    if (request.image().byteSize() == 0) {
      throw new MachineException(Reason.IMAGE, image.kernel() + ": an empty file");
    }
    if (chosen == null) {
      throw new MachineException(Reason.IMAGE, image.kernel() + ": no loader understands this image; "
          + providers.loaders().names() + " (name one to force it)");
    }
    return chosen;
  }

  private static MemorySegment read(Path file) throws MachineException {
    try {
      if (!Files.isRegularFile(file)) {
        throw new MachineException(Reason.IMAGE,
            file + (Files.isDirectory(file) ? ": a directory; a file is needed" : Files.exists(file) ? ": no plain file" : ": no such file"));
      }
      if (!Files.isReadable(file)) {
        throw new MachineException(Reason.IMAGE, file + ": you may not read it: make it readable, or copy it as its owner");
      }
      long size = Files.size(file);
      if (size > LARGEST) {
        throw new MachineException(Reason.IMAGE, file + " has " + (size >> 20) + " MiB; at most " + (LARGEST >> 20) + " can be loaded");
      }
      return MemorySegment.ofArray(Files.readAllBytes(file)).asReadOnly();
    } catch (IOException e) {
      throw new MachineException(Reason.IMAGE, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Puts a plan and the firmware tables into memory. @throws MachineException when the plan leaves RAM */
  static void place(LoadPlan plan, GuestMemory memory, Optional<FirmwareTables> tables) throws MachineException {
    for (FirmwareTables.Blob b : tables.map(FirmwareTables::build).orElse(List.of())) {
      memory.write(b.gpa(), b.bytes(), 0, b.bytes().length);
    }
    byte[] buffer = new byte[1 << 16];
    for (LoadPlan.Placement p : plan.placements()) {
      try {
        long length = p.bytes().byteSize();
        for (long at = 0; at < length; at += buffer.length) {
          int n = (int) Math.min(buffer.length, length - at);
          MemorySegment.copy(p.bytes(), ValueLayout.JAVA_BYTE, at, buffer, 0, n);
          memory.write(p.gpa() + at, buffer, 0, n);
        }
        memory.clear(p.gpa() + length, p.size() - length);
      } catch (MemoryFault e) {
        throw new MachineException(Reason.IMAGE, "%s at 0x%x (%d bytes) does not lie in RAM".formatted(p.what(), p.gpa(), p.size()), e);
      }
    }
  }
}
