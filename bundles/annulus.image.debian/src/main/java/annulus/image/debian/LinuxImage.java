package annulus.image.debian;

import annulus.loader.GuestImage;
import annulus.loader.ImageSource;
import annulus.loader.ProvidesImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;

/**
 * Provides {@code linux}: a kernel with a busybox shell on the serial console. The kernel is the newest readable
 * {@code /boot/vmlinuz-*} of the host, else the distribution's, fetched with the system's package client into a cache; busybox is
 * the host's static one, else the distribution's. Options: {@code kernel} and {@code busybox} name files to use instead,
 * {@code fetch} = true takes the distribution's even where the host has its own; {@code architecture} = i386 takes the
 * distribution's 32-bit ones.
 */
@Component
@ProvidesImage(image = "linux")
public final class LinuxImage implements ImageSource {
  /** Without no_timer_check Linux counts timer interrupts over 40 ms of host time, and panics on a host too busy to run it then. */
  private static final String COMMAND_LINE = "console=ttyS0,115200 no_timer_check";
  private static final String HOST = "amd64";
  /** Metapackages of the kernel by architecture, Debian's before Ubuntu's. */
  private static final Map<String, List<String>> KERNEL_PACKAGES = Map.of(
      HOST, List.of("linux-image-amd64", "linux-image-generic"),
      "i386", List.of("linux-image-686", "linux-image-generic"));
  private static final String BUSYBOX_PACKAGE = "busybox-static";

  private final Path cache;
  private final Path boot;
  private final Path hostBusybox;

  public LinuxImage() {
    this(cacheFolder(), Path.of("/boot"), Path.of("/bin/busybox"));
  }

  LinuxImage(Path cache, Path boot, Path hostBusybox) {
    this.cache = cache;
    this.boot = boot;
    this.hostBusybox = hostBusybox;
  }

  private static Path cacheFolder() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base = xdg == null || xdg.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    return base.resolve("annulus").resolve("linux");
  }

  @Override public String description() {
    return "Linux with a busybox shell: the host's kernel, or the distribution's";
  }

  @Override public GuestImage resolve(Map<String, String> options, Progress progress) throws IOException {
    for (String key : options.keySet()) {
      if (!List.of("kernel", "busybox", "fetch", "architecture").contains(key)) {
        throw new IOException("unknown option " + key + " = " + options.get(key)
            + "; the image linux has kernel, busybox, fetch and architecture");
      }
    }
    String architecture = options.getOrDefault("architecture", HOST);
    List<String> packages = KERNEL_PACKAGES.get(architecture);
    if (packages == null) {
      throw new IOException("architecture = " + architecture + "; the image linux comes as amd64 and i386");
    }
    String fetch = options.getOrDefault("fetch", "false");
    if (!fetch.equals("true") && !fetch.equals("false")) {
      throw new IOException("fetch = " + fetch + "; true or false");
    }
    boolean hosts = architecture.equals(HOST) && fetch.equals("false");
    Path folder = architecture.equals(HOST) ? cache : cache.resolve(architecture);
    Files.createDirectories(folder);
    AptPackages apt = new AptPackages(folder, architecture, progress);
    Path kernel = named(options, "kernel");
    Path busybox = named(options, "busybox");
    if (kernel == null) {
      Optional<Path> host = hosts ? HostFiles.newestKernel(boot) : Optional.empty();
      kernel = host.isPresent() ? host.get() : fetched(folder, apt, packages, "boot/vmlinuz-", "vmlinuz");
    }
    if (busybox == null) {
      busybox = hosts && HostFiles.staticExecutable(hostBusybox) ? hostBusybox
          : fetched(folder, apt, List.of(BUSYBOX_PACKAGE), "bin/busybox", "busybox");
    }
    Path initramfs = folder.resolve("initramfs.gz");
    Initramfs.build(busybox, initramfs);
    return new GuestImage(kernel, List.of(initramfs), null, COMMAND_LINE, Map.of());
  }

  private static @Nullable Path named(Map<String, String> options, String key) throws IOException {
    String file = options.get(key);
    if (file == null) {
      return null;
    }
    if (!Files.isReadable(Path.of(file))) {
      throw new IOException(key + " = " + file + ": no such file, or it cannot be read");
    }
    return Path.of(file);
  }

  /** A file of a package, from the cache or fetched into it. */
  private static Path fetched(Path folder, AptPackages apt, List<String> packages, String member, String as) throws IOException {
    Path file = folder.resolve(as);
    if (!Files.isReadable(file)) {
      Path deb = apt.download(packages);
      DebPackage.extract(deb, member, file);
      Files.deleteIfExists(deb);
    }
    return file;
  }
}
